"""Measure the register over marked documents: what is found, kept, rightly dated, called off, proposed.

    python -m tests.tools.quality.register [FOLDER] [--labels] [--show] [--titles FILE]

FOLDER holds documents, each with its marks beside it (`NAME.json`; tests/data/REGISTER.md). A marked event is found
where a mention has its days, or a pair in `accept`, and its sentence; each mention serves one mark. Of an entry
one mention that matches is enough to be right. `grammar` is the share of marks whose days the grammar of dates reads
there, `kept` the share of these that the register has; `event title` is the overlap of the titles of those found. With
`--labels` what a capable model said of the dates (tests/data/model/labels.jsonl) is put onto the rules' findings, as an
ingest with a model does.
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

from bot.register import RegisterEntry, build_register
from ingest.dates import find_dates
from ingest.events import dated_sections, extract_events, number_dates
from ingest.events.labels import Label, Labeller
from ingest.files import find_files, read_bytes, read_document
from store.records import Document, Event, Mention, Section
from tests.label_recordings import LabelRecordings
from tests.tools.quality.extraction import overlap

FOLDER = Path(__file__).parents[2] / "data/register/dev"
# Sentences are cut otherwise here and there; the days have to agree exactly.
_SAME_SENTENCE = 70


@dataclass
class Counts:
    """What was counted over some documents; each share is `right[name] / asked[name]`."""

    right: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, right: float) -> None:
        self.asked[name] = self.asked.get(name, 0) + 1
        self.right[name] = self.right.get(name, 0) + right

    def share(self, name: str) -> float:
        """Return the share; 1 where nothing was asked."""
        return self.right.get(name, 0) / self.asked[name] if self.asked.get(name) else 1.0

    def __add__(self, other: Counts) -> Counts:
        names = {*self.asked, *other.asked}
        return Counts(
            {n: self.right.get(n, 0) + other.right.get(n, 0) for n in names},
            {n: self.asked.get(n, 0) + other.asked.get(n, 0) for n in names},
        )


@dataclass(frozen=True, slots=True)
class _Found:
    event: Event
    mention: Mention
    sentence: str
    entry: RegisterEntry


def measure(
    path: Path,
    show: bool = False,
    titles: list[dict[str, str]] | None = None,
    labeller: Labeller | None = None,
) -> Counts:
    """Return the counts of the document at `path`; the found titles go into `titles`."""
    marks = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    (file,) = find_files([path])
    document, sections = read_document(file, read_bytes(file))
    events = extract_events(document, number_dates(document, sections), _labels(document, sections, labeller))
    counts = Counts()
    _facts(counts, document, marks["facts"], show)
    by_id = {s.id: s for s in sections}
    entries = {e.id: e for e in build_register([document], by_id, events, date.fromisoformat(marks["as_of"]))}
    found = [
        _Found(e, m, _sentence(by_id[m.section_id], m), entries[e.id])
        for e in events
        for m in e.mentions
        if e.id in entries
    ]
    read = [(str(d.start), str(d.end), s) for s in sections for d, s in _dated(document, s)]
    free = list(found)
    for mark in marks["events"]:
        dated = any(_same_days(mark, start, end) and _near(mark, s) for start, end, s in read)
        near = [f for f in free if _matches(mark, f)]
        match = max(near, key=lambda f: fuzz.token_set_ratio(mark["title"], f.event.title), default=None)
        if match is None:
            # Said twice in one sentence, folded or not: one mention may stand for both.
            match = next((f for f in found if _matches(mark, f)), None)
        else:
            free.remove(match)
        counts.add("grammar", dated)
        counts.add("recall", match is not None)
        if dated:
            counts.add("kept", match is not None)
        if match is None:
            _say(
                show,
                "MISSED" if dated else "UNREAD",
                mark["text"],
                "|",
                mark["title"],
                "|",
                mark["sentence"][:140],
            )
            continue
        counts.add("kind", mark["kind"] == match.event.kind)
        counts.add("status", mark["status"] == match.entry.status)
        counts.add("tentative", bool(mark.get("tentative")) == match.mention.tentative)
        counts.add("event title", overlap(mark["title"], match.event.title))
        _say(show, "  TITLE", mark["title"], "->", match.event.title, "|", match.event.location)
        for name, is_, got in (
            ("KIND", mark["kind"], match.event.kind),
            ("STATUS", mark["status"], match.entry.status),
            ("TENTATIVE", bool(mark.get("tentative")), match.mention.tentative),
        ):
            if is_ != got:
                _say(show, "   ", name, is_, got, "|", mark["text"], "|", mark["sentence"][:140])
        if titles is not None:
            titles.append(
                {
                    "document": document.title,
                    "sentence": match.sentence,
                    "text": mark["text"],
                    "title": match.event.title,
                }
            )
    for event in events:
        own = [f for f in found if f.event is event]
        right = any(_matches(mark, f) for mark in marks["events"] for f in own)
        counts.add("precision", right)
        if not right:
            _say(show, "WRONG", event.kind, own[0].mention.text, "|", event.title, "|", own[0].sentence[:140])
    for mark in marks["not_events"]:
        taken = any(
            mark["text"].casefold() == f.mention.text.casefold() and _near(mark, f.sentence)
            and not any(_matches(m, f) for m in marks["events"]) for f in found
        )  # fmt: skip
        counts.add("left out", not taken)
    return counts


def _labels(
    document: Document, sections: Sequence[Section], labeller: Labeller | None
) -> dict[str, list[Label]] | None:
    if labeller is None:
        return None
    labels: dict[str, list[Label]] = {}
    for section_id, dated in dated_sections(document, number_dates(document, sections)):
        labels.setdefault(section_id, []).extend(labeller.label(dated).labels or ())
    return labels


def _facts(counts: Counts, document: Document, facts: Mapping[str, Any], show: bool) -> None:
    if facts.get("date"):
        right = str(document.date) == facts["date"]
        counts.add("document date", right)
        if not right:
            _say(show, "DATE", facts["date"], document.date, document.source)
    elif document.date and not document.date_inferred:
        counts.add("document date", False)
        _say(show, "DATE none", document.date, document.source)
    if facts.get("symbol"):
        right = _plain(facts["symbol"]) == _plain(document.symbol or "")
        counts.add("symbol", right)
        if not right:
            _say(show, "SYMBOL", facts["symbol"], document.symbol)
    elif document.symbol:
        counts.add("symbol", False)
        _say(show, "SYMBOL none", document.symbol)
    _say(show, "DOCTITLE", facts["title"], "->", document.title)
    counts.add("title", fuzz.token_set_ratio(facts["title"], document.title) >= _SAME_SENTENCE)


def _dated(document: Document, section: Section) -> list[tuple[Any, str]]:
    """Return the dates that the grammar reads in a section and its heading, each with what stands around it."""
    return [
        (expression, text)
        for text in (section.text, section.heading)
        for expression in find_dates(text, reference=document.date)
    ]


def _sentence(section: Section, mention: Mention) -> str:
    return section.text[mention.sentence_start : mention.sentence_end] or section.heading


def _matches(mark: Mapping[str, Any], found: _Found) -> bool:
    mention = found.mention
    return _same_days(mark, str(mention.start), str(mention.end)) and _near(mark, found.sentence)


def _same_days(mark: Mapping[str, Any], start: str, end: str) -> bool:
    days = [str(mark["start"]), str(mark["end"])]
    accepted = [list(map(str, pair)) for pair in mark.get("accept") or []]
    return [start, end] == days or [start, end] in accepted


def _near(mark: Mapping[str, Any], sentence: str) -> bool:
    ours, theirs = _plain(mark["sentence"]), _plain(sentence)
    text = _plain(mark["text"])
    if ours in theirs or theirs in ours:
        return True
    return text in theirs and fuzz.token_set_ratio(ours, theirs) >= _SAME_SENTENCE


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _say(show: bool, *parts: object) -> None:
    if show:
        sys.stdout.write(" ".join(map(str, parts)) + "\n")


def documents(folder: Path) -> list[Path]:
    """Return the marked documents of a folder, by name."""
    return [p for p in sorted(folder.iterdir()) if p.suffix != ".json" and p.with_suffix(".json").exists()]


def total(folder: Path, labeller: Labeller | None = None) -> Counts:
    """Return the sum of the counts of all marked documents of a folder."""
    counts = Counts()
    for path in documents(folder):
        counts += measure(path, labeller=labeller)
    return counts


NAMES: Sequence[str] = (
    "grammar", "kept", "recall", "precision", "left out", "kind", "status", "tentative", "document date", "symbol",
    "title", "event title",
)  # fmt: skip


def main() -> None:
    """Print the figures, a line a document and the sum."""
    parser = argparse.ArgumentParser(description="Measure the register over marked documents.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--labels", action="store_true", help="with the recorded labels of a capable model")
    parser.add_argument("--show", action="store_true", help="print each miss and difference")
    parser.add_argument("--titles", type=Path, help="write the found titles, for somebody to read")
    arguments = parser.parse_args()
    summed, titles = Counts(), list[dict[str, str]]()
    labeller = LabelRecordings.of() if arguments.labels else None
    for path in documents(arguments.folder):
        _say(arguments.show, "=====", path.name)
        counts = measure(path, arguments.show, titles, labeller)
        summed += counts
        _say(True, f"{path.name:22}", " ".join(f"{name} {counts.share(name):.2f}" for name in NAMES[1:9]))
    for name in NAMES:
        _say(True, f"{name:14} {summed.share(name):.3f} of {summed.asked.get(name, 0)}")
    if arguments.titles:
        arguments.titles.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in titles))


if __name__ == "__main__":
    main()
