"""Measure the extraction of events against marked reports.

    python -m tests.tools.quality.extraction [--gold FILE ... [--documents FOLDER]] [--show]

What counts:

- A marked event is *found* where a mention in its section has its first and last day, or a pair in `accept`;
  one that has no date, where a mention without a date in its section has its expression (casefolded, the one
  containing the other). Each mention serves one marked event. Recall is the share found.
- Precision is the share of mentions that match a marked event of their section (several may match the same one).
- An entry of `not_events` is *taken* where a mention of its sentence has exactly its expression and matches no
  marked event.
- Over the found: kind equal; status as of the day equal; title overlap, the share of the marked title's content
  words that the found title has, averaged with the share of the found one's that the marked one has.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.register import RegisterEntry, build_register
from ingest.document.sections import to_sections
from ingest.events import extract_events, number_dates
from ingest.readers.text import read
from store.records import Document, Event, Mention, Section

_DATA = Path(__file__).parents[2] / "data"
_SAMPLE = Path(__file__).parents[3] / "ingest/samples/itu-un-digital-engagement-2024.txt"
_SMALL = frozenset(["the", "of", "on", "in", "at", "to", "a", "an", "and", "for", "by", "with", "s"])


@dataclass(frozen=True)
class Figures:
    """Shares in 0..1; `taken` counts the non-events that became events."""

    recall: float
    precision: float
    kind: float
    status: float
    title: float
    taken: int


@dataclass(frozen=True)
class _Found:
    event: Event
    mention: Mention
    section: Section
    entry: RegisterEntry


def load(path: Path) -> tuple[Document, list[Section]]:
    """Return the document at `path`, dated by the `.meta.toml` beside it, and its sections."""
    meta_path = path.with_name(path.name + ".meta.toml")
    meta = tomllib.loads(meta_path.read_text()) if meta_path.exists() else {}
    document = Document(path.name, path.name, meta.get("title", path.stem), date=meta.get("date"))
    return document, to_sections(document.id, read(path.read_bytes()).blocks)


def measure(
    document: Document, sections: Sequence[Section], gold: Sequence[dict[str, Any]],
    not_events: Sequence[dict[str, Any]], as_of: date, show: bool = False,
) -> Figures:  # fmt: skip
    """Return the figures of extracting `sections`; with `show`, print each miss and difference to stderr."""
    events = extract_events(document, number_dates(document, sections))
    by_id = {s.id: s for s in sections}
    entries = {e.id: e for e in build_register([document], by_id, events, as_of)}
    found = [_Found(e, m, by_id[m.section_id], entries[e.id]) for e in events for m in e.mentions]
    free = list(found)
    pairs: list[tuple[dict[str, Any], _Found]] = []
    for marked in gold:
        match = max(
            (f for f in free if _matches(marked, f)),
            key=lambda f: (overlap(marked["title"], f.event.title), f.event.kind == marked["kind"]),
            default=None,
        )
        if match is None:
            _say(show, "MISSED", marked["section"], marked["text"], "|", marked["title"])
            continue
        free.remove(match)
        pairs.append((marked, match))
    wrong = [f for f in found if not any(_matches(marked, f) for marked in gold)]
    for f in wrong:
        _say(show, "WRONG ", f.section.number, f.mention.text, "|", f.event.title)
    taken = [n for n in not_events if any(_takes(n, f) for f in wrong)]
    for n in taken:
        _say(show, "TAKEN ", n["section"], n["text"])
    status_key = f"status_as_of_{as_of}"
    overlaps = []
    for marked, f in pairs:
        shared = overlap(marked["title"], f.event.title)
        overlaps.append(shared)
        _say(
            show,
            f"{shared:.2f}",
            marked["section"],
            marked["title"],
            "->",
            f.event.title,
            "|",
            f.event.location,
        )
        if marked["kind"] != f.event.kind:
            _say(show, "   KIND", marked["kind"], f.event.kind)
        if marked[status_key] != _status(f):
            _say(show, "   STATUS", marked[status_key], _status(f), f.mention.cue)
    count = max(1, len(pairs))
    return Figures(
        recall=len(pairs) / max(1, len(gold)),
        precision=1 - len(wrong) / max(1, len(found)),
        kind=sum(m["kind"] == f.event.kind for m, f in pairs) / count,
        status=sum(m[status_key] == _status(f) for m, f in pairs) / count,
        title=sum(overlaps) / count,
        taken=len(taken),
    )


def _status(found: _Found) -> str:
    return found.entry.status


def _matches(marked: dict[str, Any], found: _Found) -> bool:
    if marked["section"] != found.section.number:
        return False
    mention = found.mention
    if marked["start"] is None:
        a, b = marked["text"].casefold(), mention.text.casefold()
        return mention.start is None and (a in b or b in a)
    days = [str(mention.start), str(mention.end)]
    return days == [marked["start"], marked["end"]] or days in marked.get("accept", [])


def _takes(entry: dict[str, Any], found: _Found) -> bool:
    sentence = found.section.text[found.mention.sentence_start : found.mention.sentence_end]
    return (
        entry["section"] == found.section.number
        and entry["text"].casefold() == found.mention.text.casefold()
        and entry["sentence"][:40] in sentence
    )


def overlap(marked: str, found: str) -> float:
    """Return the share of the content words that two titles have in common, of either one, averaged."""
    a, b = _words(marked), _words(found)
    if not a or not b:
        return 0.0
    return (len(a & b) / len(a) + len(a & b) / len(b)) / 2


def _words(title: str) -> set[str]:
    words = re.findall(r"[^\W_]+", title.casefold())
    return {w.removesuffix("s") for w in words if w not in _SMALL}


def _say(show: bool, *parts: object) -> None:
    if show:
        sys.stderr.write(" ".join(map(str, parts)) + "\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def bundled(show: bool = False) -> Figures:
    """Return the figures of the bundled report as of 2024-05-01."""
    document, sections = load(_SAMPLE)
    gold, others = _lines(_DATA / "events.jsonl"), _lines(_DATA / "not_events.jsonl")
    return measure(document, sections, gold, others, date(2024, 5, 1), show)


def marked_papers(rows: Sequence[dict[str, Any]], folder: Path, show: bool = False) -> dict[str, Figures]:
    """Return the figures of each paper of `folder` that `rows` name as their `source`, as of the day they give."""
    found: dict[str, Figures] = {}
    for source in sorted({row["source"] for row in rows}):
        own = [row for row in rows if row["source"] == source]
        gold = [row for row in own if "kind" in row]
        as_of = date.fromisoformat(min(row["status"]["as_of"] for row in gold))
        for row in gold:
            row[f"status_as_of_{as_of}"] = row["status"]["value"]
        document, sections = load(folder / source)
        found[source] = measure(document, sections, gold, [r for r in own if "kind" not in r], as_of, show)
    return found


def main() -> None:
    """Print the figures: of the bundled report, or of each paper that the files of `--gold` name."""
    parser = argparse.ArgumentParser(description="Measure the extraction of events.")
    parser.add_argument(
        "--gold", type=Path, nargs="+", help="marked events and non-events of papers, with `source`"
    )
    parser.add_argument("--documents", type=Path, default=_DATA / "papers", help="the folder of those papers")
    parser.add_argument("--show", action="store_true", help="print each miss and difference to stderr")
    arguments = parser.parse_args()
    if arguments.gold:
        rows = [row for path in arguments.gold for row in _lines(path)]
        measured = marked_papers(rows, arguments.documents, arguments.show)
    else:
        measured = {_SAMPLE.name: bundled(arguments.show)}
    for source, figures in measured.items():
        sys.stdout.write(f"{source}\n")
        for name in ("recall", "precision", "kind", "status", "title"):
            sys.stdout.write(f"  {name:10} {getattr(figures, name):.3f}\n")
        sys.stdout.write(f"  {'taken':10} {figures.taken}\n")


if __name__ == "__main__":
    main()
