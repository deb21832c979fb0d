"""A model that reads events and is played by files: requests are written, and replies are read beside them."""

from __future__ import annotations

import json
import time
from pathlib import Path

from bot.models.events import DatedEvents, event_prompt
from bot.models.quoting import token_count
from ingest.events.model import EventReply, EventRequest, StatedEvent
from store.records import short_hash

_LOOK_EVERY = 0.5


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
        path = self._folder / f"{short_hash(messages[-1])}.request.txt"
        shape = json.dumps(DatedEvents.model_json_schema(), ensure_ascii=False)
        asked = "\n\n=====\n\n".join([*messages, f"Reply with JSON alone, of this schema:\n{shape}"])
        path.write_text(asked, "utf-8")
        reply = path.with_name(f"{short_hash(messages[-1])}.reply.txt")
        until = time.monotonic() + self._patience
        while not reply.exists() and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
        if not reply.exists():
            return EventReply(None, "nobody has written a reply")
        said = reply.read_text("utf-8")
        events = DatedEvents.model_validate_json(said[said.find("{") : said.rfind("}") + 1]).events
        tokens = [token_count(text) for text in ("".join(messages), said)]
        return EventReply([StatedEvent(**event.model_dump()) for event in events], "", *tokens)
