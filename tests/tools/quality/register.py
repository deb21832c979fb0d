"""Measure the register over marked documents: what is found, kept, rightly dated, called off, proposed.

    python -m tests.tools.quality.register [FOLDER] [--show] [--titles FILE]

FOLDER holds documents, each with its marks beside it (`NAME.json`; tests/data/REGISTER.md). A marked event is found
where a mention has its days, or a pair in `accept`, and its sentence; each mention serves one mark. Of an entry
one mention that matches is enough to be right. `grammar` is the share of marks whose days the grammar of dates reads
there, `kept` the share of these that the register has; `event title` is the overlap of the titles of those found.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from bot.register import build_register
from ingest.files import find_files, read_bytes, read_document
from ingest.text.dates import find_dates
from store.records import Document, Section
from tests.conftest import REPORT
from tests.event_reading import read_events

_DATA = Path(__file__).parents[2] / "data"
FOLDER = _DATA / "register/dev"
PAPERS = _DATA / "papers"
NAMES: Sequence[str] = (
    "grammar", "kept", "recall", "precision", "left out", "kind", "status", "tentative", "document date", "symbol",
    "title", "event title",
)  # fmt: skip
# Sentences are cut otherwise here and there; the days have to agree exactly.
_SAME_SENTENCE = 70
_SMALL_WORDS = frozenset(["the", "of", "on", "in", "at", "to", "a", "an", "and", "for", "by", "with", "s"])


@dataclass
class Counts:
    """What was counted over some documents; each share is `right[name] / asked[name]`.

    `missed` describes what was not right, `titles` has the titles of the events found.
    """

    right: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    titles: list[dict[str, str]] = field(default_factory=list)

    def add(self, name: str, right: float, *what: object) -> None:
        self.asked[name] = self.asked.get(name, 0) + 1
        self.right[name] = self.right.get(name, 0) + right
        if not right:
            self.missed.append(" | ".join(map(str, (name.upper(), *what))))

    def share(self, name: str) -> float:
        """Return the share; 1 where nothing was asked."""
        return self.right.get(name, 0) / self.asked[name] if self.asked.get(name) else 1.0

    def include(self, other: Counts) -> None:
        for name in other.asked:
            self.asked[name] = self.asked.get(name, 0) + other.asked[name]
            self.right[name] = self.right.get(name, 0) + other.right[name]
        self.missed += other.missed
        self.titles += other.titles


@dataclass(frozen=True, slots=True)
class _Found:
    """A mention of an event, by what is compared."""

    event: str
    title: str
    kind: str
    status: str
    tentative: bool
    text: str
    days: tuple[str, str]
    sentence: str


def measure(path: Path, marks: Mapping[str, Any]) -> Counts:
    """Return the counts of a document with these marks (tests/data/REGISTER.md)."""
    (file,) = find_files([path])
    document, sections = read_document(file, read_bytes(file))
    counts = Counts()
    _count_facts(counts, document, marks.get("facts"))

    found = _found(document, sections, date.fromisoformat(marks["as_of"]))
    read = [
        (str(expression.start), str(expression.end), text)
        for section in sections
        for text in (section.text, section.heading)
        for expression in find_dates(text, reference=document.date)
    ]

    free = list(found)
    for mark in marks["events"]:
        what = (mark["text"], mark["title"], mark["sentence"][:140])
        is_read = any(_has_days(mark, (start, end)) and _is_near(mark, text) for start, end, text in read)
        near = [one for one in free if _matches(mark, one)]
        match = max(near, key=lambda one: fuzz.token_set_ratio(mark["title"], one.title), default=None)
        if match is None:
            # Said twice in one sentence, folded or not: one mention may stand for both.
            match = next((one for one in found if _matches(mark, one)), None)
        else:
            free.remove(match)
        counts.add("grammar", is_read, *what)
        counts.add("recall", match is not None, *what)
        if is_read:
            counts.add("kept", match is not None, *what)
        if match is None:
            continue
        counts.add("kind", mark["kind"] == match.kind, mark["kind"], match.kind, *what)
        counts.add("status", mark["status"] == match.status, mark["status"], match.status, *what)
        counts.add("tentative", bool(mark.get("tentative")) == match.tentative, *what)
        counts.add("event title", _overlap(mark["title"], match.title), match.title, *what)
        counts.titles.append(
            {
                "document": document.title,
                "sentence": match.sentence,
                "text": mark["text"],
                "title": match.title,
            }
        )

    for event in dict.fromkeys(one.event for one in found):
        own = [one for one in found if one.event == event]
        right = any(_matches(mark, one) for mark in marks["events"] for one in own)
        counts.add("precision", right, own[0].kind, own[0].text, own[0].title)
    for mark in marks["not_events"]:
        taken = any(
            mark["text"].casefold() == one.text.casefold()
            and _is_near(mark, one.sentence)
            and not any(_matches(each, one) for each in marks["events"])
            for one in found
        )
        counts.add("left out", not taken, mark["text"], mark["sentence"][:140])
    return counts


def total(folder: Path) -> Counts:
    """Return the sum of the counts of all marked documents of a folder."""
    counts = Counts()
    for path in sorted(folder.iterdir()):
        marks = path.with_suffix(".json")
        if path != marks and marks.exists():
            counts.include(measure(path, json.loads(marks.read_text("utf-8"))))
    return counts


def bundled() -> Counts:
    """Return the counts of the bundled report as of 1 May 2024."""
    events, others = (
        [json.loads(line) for line in (_DATA / name).read_text("utf-8").splitlines()]
        for name in ("events.jsonl", "not_events.jsonl")
    )
    events = [{**row, "status": row["status_as_of_2024-05-01"]} for row in events]
    return measure(REPORT, {"as_of": "2024-05-01", "events": events, "not_events": others})


def _found(document: Document, sections: Sequence[Section], as_of: date) -> list[_Found]:
    """Return every mention of an event that the register has as of a day."""
    events = read_events(document, sections)
    by_id = {section.id: section for section in sections}
    status = {entry.id: entry.status for entry in build_register([document], by_id, events, as_of)}
    return [
        _Found(
            event.id, event.title, event.kind, status[event.id], mention.tentative, mention.text,
            (str(mention.start), str(mention.end)),
            by_id[mention.section_id].text[mention.sentence_start : mention.sentence_end]
            or by_id[mention.section_id].heading,
        )
        for event in events
        for mention in event.mentions
        if event.id in status
    ]  # fmt: skip


def _count_facts(counts: Counts, document: Document, facts: Mapping[str, Any] | None) -> None:
    """Count date, symbol and title of a document; one that the document does not have has to be left out."""
    if facts is None:
        return
    stated = str(document.date) if document.date and not document.date_inferred else None
    if facts.get("date"):
        counts.add("document date", str(document.date) == facts["date"], facts["date"], document.date)
    elif stated:
        counts.add("document date", False, "none", stated)
    if facts.get("symbol") or document.symbol:
        right = _plain(facts.get("symbol") or "") == _plain(document.symbol or "")
        counts.add("symbol", right, facts.get("symbol"), document.symbol)
    is_title = fuzz.token_set_ratio(facts["title"], document.title) >= _SAME_SENTENCE
    counts.add("title", is_title, facts["title"], document.title)


def _matches(mark: Mapping[str, Any], found: _Found) -> bool:
    return _has_days(mark, found.days) and _is_near(mark, found.sentence)


def _has_days(mark: Mapping[str, Any], days: tuple[str, str]) -> bool:
    accepted = [(mark["start"], mark["end"]), *(mark.get("accept") or [])]
    return days in [(str(start), str(end)) for start, end in accepted]


def _is_near(mark: Mapping[str, Any], sentence: str) -> bool:
    ours, theirs = _plain(mark["sentence"]), _plain(sentence)
    if ours in theirs or theirs in ours:
        return True
    return _plain(mark["text"]) in theirs and fuzz.token_set_ratio(ours, theirs) >= _SAME_SENTENCE


def _overlap(marked: str, found: str) -> float:
    """Return the share of the content words that two titles have in common, of either one, averaged."""
    ours, theirs = (
        {word.removesuffix("s") for word in _plain(title).split() if word not in _SMALL_WORDS}
        for title in (marked, found)
    )
    return (len(ours & theirs) / max(len(ours), 1) + len(ours & theirs) / max(len(theirs), 1)) / 2


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Measure the register over marked documents.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--show", action="store_true", help="print each miss and difference")
    parser.add_argument("--titles", type=Path, help="write the found titles, for somebody to read")
    arguments = parser.parse_args()
    counts = total(arguments.folder)
    lines = [f"{name:14} {counts.share(name):.3f} of {counts.asked.get(name, 0)}" for name in NAMES]
    print(*(counts.missed if arguments.show else ()), *lines, sep="\n", file=sys.stdout)
    if arguments.titles:
        arguments.titles.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in counts.titles))


if __name__ == "__main__":
    main()
