"""What a capable language model said of dates, kept in tests/data/model/labels.jsonl and said again.

A record is `{"request": the user's message, "labels": [...]}`. It is found by the heading and the words of the
paragraph without the numbers, and its labels by the places of their dates: so it outlives changes of the instructions
and of the numbering. What has no record is written out, to be answered by a model that sees nothing else:

    python -m tests.label_recordings PENDING.jsonl FILE_OR_FOLDER ...

writes a line `{"messages": [instructions, request], "schema": of the reply}` for each paragraph with dates that has
none. `LabelRecordings` is a labeller: what it says can be handed to an ingest, or to `extract_events`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.llm.labeller import DateLabels, label_prompt
from ingest.events import dated_sections, number_dates
from ingest.events.labels import DatedSection, Label, LabellerReply
from ingest.files import find_files, read_bytes, read_document

FILE = Path(__file__).parent / "data" / "model" / "labels.jsonl"
_ASKS = re.compile(r'^Heading of the paragraph: (?P<heading>.*?)$.*?"""\n(?P<text>.*)\n"""', re.M | re.S)
_MARK = re.compile(r"\[(\d+): ([^\]]*)\]")


@dataclass(frozen=True)
class _Read:
    """A request as it is found by: its words without marks, and number -> place in them."""

    words: str
    places: Mapping[int, int]


def read_request(request: str) -> _Read | None:
    """Return what a request for labels shows, None for another request."""
    asks = _ASKS.search(request)
    if asks is None:
        return None
    marked = f"{asks['heading']}\n{asks['text']}"
    words, at, places = "", 0, {}
    for mark in _MARK.finditer(marked):
        words += marked[at : mark.start()]
        places[int(mark[1])] = len(words)
        words += mark[2]
        at = mark.end()
    return _Read(words + marked[at:], places)


@dataclass
class LabelRecordings:
    """Labels by the words of paragraphs; a labeller of its own, and what a server of recordings answers from."""

    name: str = "recorded"
    records: dict[str, tuple[_Read, list[dict[str, Any]]]] = field(default_factory=dict)
    missing: list[list[str]] = field(default_factory=list)

    @classmethod
    def of(cls, file: Path = FILE) -> LabelRecordings:
        kept = cls()
        for line in file.read_text("utf-8").splitlines():
            record = json.loads(line)
            read = read_request(record["request"])
            if read is not None:
                kept.records[read.words] = (read, record["labels"])
        return kept

    @property
    def model(self) -> str:
        return self.name

    def label(self, section: DatedSection) -> LabellerReply:
        """Label a section as it was recorded; without a record the rules decide."""
        said = self.reply([str(message.content) for message in label_prompt(section)])
        if said is None:
            return LabellerReply(None, "there is no record")
        return LabellerReply(
            tuple(Label(**one.model_dump()) for one in DateLabels.model_validate(said).labels)
        )

    def reply(self, messages: list[str]) -> dict[str, Any] | None:
        """Return the arguments of the tool's call, None where there is no record."""
        asked = read_request(messages[-1])
        if asked is None or asked.words not in self.records:
            self.missing.append(messages)
            return None
        read, labels = self.records[asked.words]
        numbers = {place: number for number, place in asked.places.items()}
        now = {old: numbers[place] for old, place in read.places.items() if place in numbers}
        return {
            "labels": [
                {**label, "number": now[label["number"]], "replaces": now.get(label.get("replaces"))}
                for label in labels
                if label.get("number") in now
            ]
        }


def asks_for_labels(messages: list[str]) -> bool:
    """Whether a prompt of the program asks for labels of dates."""
    return read_request(messages[-1]) is not None


def pending(messages: list[str]) -> str:
    """Return an unknown prompt as a line of a file of prompts to be answered."""
    return json.dumps({"messages": messages, "schema": DateLabels.model_json_schema()}, ensure_ascii=False)


def unknown(paths: list[Path], recordings: LabelRecordings) -> Iterator[str]:
    """Yield the prompts about documents that have no record, each once."""
    for file in find_files(paths):
        document, sections = read_document(file, read_bytes(file))
        for _, shown in dated_sections(document, number_dates(document, sections)):
            recordings.label(shown)
    yield from dict.fromkeys(map(pending, recordings.missing))


def main() -> None:
    """Write the prompts without a record to the first file named, for the documents named behind it."""
    file, *paths = map(Path, sys.argv[1:])
    lines = list(unknown(paths, LabelRecordings.of()))
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")


if __name__ == "__main__":
    main()
