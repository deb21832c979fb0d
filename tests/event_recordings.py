"""What a capable language model said of events, kept in tests/data/model/events.jsonl and said again.

A reply is found by the request without the program's instructions, so it outlives changes of their words. A request
that has no record can be written to a file, to be answered by a model that sees nothing else:

    python -m tests.event_recordings FOLDER FILE_OR_FOLDER ...

writes one JSON file a request into FOLDER (`key`, `messages`, `shape`). An answer is a line of events.jsonl:
{"key": ..., "events": [...]}.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.models.events import DatedEvents, event_prompt
from bot.models.quoting import token_count
from ingest.events.model import EventReply, EventRequest, StatedEvent, requests_of
from ingest.files import find_files, read_bytes, read_document
from store.records import short_hash

_LOOK_EVERY = 0.5
FILE = Path(__file__).parent / "data" / "model" / "events.jsonl"


def key_of(message: str) -> str:
    """Return what a reply is found by: a digest of the last message of a request."""
    return short_hash(message)


@dataclass
class EventRecordings:
    """Replies by key; an `EventModel`, for what it was asked. `unknown` has the requests without a record."""

    replies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    unknown: list[EventRequest] = field(default_factory=list)
    name: str = "recorded"

    @classmethod
    def of(cls, file: Path = FILE) -> EventRecordings:
        """Return the recordings of a file."""
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return cls({row["key"]: row["events"] for row in map(json.loads, lines)})

    def reply(self, message: str) -> dict[str, Any] | None:
        """Return the reply to the last message of a request, if it is recorded."""
        events = self.replies.get(key_of(message))
        return None if events is None else {"events": events}

    def ask(self, request: EventRequest) -> EventReply:
        """Return the recorded events."""
        said = self.reply(str(event_prompt(request)[-1].content))
        if said is None:
            self.unknown.append(request)
            return EventReply(None, "it has no record")
        events = DatedEvents.model_validate(said).events
        return EventReply([StatedEvent(**event.model_dump()) for event in events])


class FileModel:
    """An `EventModel` whose requests are files, and whose replies are files that somebody writes beside them.

    The request `<digest>.request.txt` has what the model is told and asked, and the shape of the reply;
    `<digest>.reply.txt` has the reply, as JSON. A reply is awaited for `patience` seconds; without one the sections are
    read plainly.
    """

    def __init__(self, folder: Path, patience: float = 0) -> None:
        self._folder = folder
        self._patience = patience
        self.name = "files"
        folder.mkdir(parents=True, exist_ok=True)

    def ask(self, request: EventRequest) -> EventReply:
        """Return the events of the reply that lies beside the request."""
        messages = [str(message.content) for message in event_prompt(request)]
        path = self._folder / f"{key_of(messages[-1])}.request.txt"
        shape = json.dumps(DatedEvents.model_json_schema(), ensure_ascii=False)
        asked = "\n\n=====\n\n".join([*messages, f"Reply with JSON alone, of this schema:\n{shape}"])
        path.write_text(asked, "utf-8")
        reply = path.with_name(f"{key_of(messages[-1])}.reply.txt")
        until = time.monotonic() + self._patience
        while not reply.exists() and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
        if not reply.exists():
            return EventReply(None, "nobody has written a reply")
        said = reply.read_text("utf-8")
        events = DatedEvents.model_validate_json(said[said.find("{") : said.rfind("}") + 1]).events
        tokens = [token_count(text) for text in ("".join(messages), said)]
        return EventReply([StatedEvent(**event.model_dump()) for event in events], "", *tokens)


def write_requests(folder: Path, requests: Sequence[EventRequest]) -> None:
    """Write a file for each request."""
    folder.mkdir(parents=True, exist_ok=True)
    for request in requests:
        messages = [str(message.content) for message in event_prompt(request)]
        row = {"key": key_of(messages[-1]), "messages": messages, "shape": DatedEvents.model_json_schema()}
        (folder / f"{row['key']}.json").write_text(json.dumps(row, ensure_ascii=False, indent=1), "utf-8")


def main() -> None:
    """Write the requests for the documents that the command line names."""
    parser = argparse.ArgumentParser(description="Write what a model is asked about the events of documents.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("documents", type=Path, nargs="+")
    arguments = parser.parse_args()
    recordings = EventRecordings.of()
    for file in find_files(arguments.documents):
        document, sections = read_document(file, read_bytes(file))
        for batch in requests_of(document, sections):
            recordings.ask(batch.request)
    write_requests(arguments.folder, recordings.unknown)
    sys.stdout.write(f"{len(recordings.unknown)} requests without a record\n")


if __name__ == "__main__":
    main()
