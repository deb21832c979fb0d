"""Measure the register over documents of several languages that speak of the same events.

    python -m tests.tools.quality.events FOLDER [--show] [--titles FILE] [--replies FOLDER]

FOLDER has a folder for each language, with its documents, `events.jsonl` (a line an event: title, kind, status, and
mentions with file, words, position `at`, days, and whether another date supersedes them). The documents of a language
are read in the order of their dates into one register.

days: events of which a row has the days of a mention that is not superseded
no event: rows of which no mention stands at a mention of an event
rows: rows that no other row supersedes, for each marked event
old: rows with superseded days, not called off and not superseded
status, kind: rows of the events found, as of the date of the last document that names the event; `unknown` is not wrong

With `--replies` a model reads the events: each request is written to a file of that folder, in one folder a language,
as `<digest>.request.txt`, and its reply is read from `<digest>.reply.txt` beside it, for which `--wait` waits. Without
waiting the tool is run again until there are no new requests.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.register import RegisterEntry, build_register
from ingest.events import EventReader
from ingest.events.model import ModelReader
from ingest.events.plain import PlainReader
from ingest.events.same_event import Chains, assign_chains, merge
from ingest.files import find_files, read_bytes, read_document
from store.records import Document, Event, Section
from tests.file_model import FileModel

# How far a mention may begin from its mark, in letters: an article or a weekday in front.
_NEAR = 14
_STATUS = {
    "done": {"past"},
    "scheduled": {"scheduled", "past"},
    "cancelled": {"cancelled"},
    "postponed": {"scheduled", "postponed", "past"},
}
NAMES = ("days", "no event", "rows", "old", "status", "kind")
Mark = Mapping[str, Any]


@dataclass
class Score:
    """Sums of one language; each share is `part[name] / whole[name]`. `notes` describes what was wrong."""

    part: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, part: int, whole: int = 1) -> None:
        self.part[name] += part
        self.whole[name] += whole

    def note(self, *parts: object) -> None:
        self.notes.append(" ".join(map(str, ("  " + str(parts[0]), *parts[1:]))))

    def line(self) -> str:
        return "  ".join(
            f"{name} {self.part[name] / max(self.whole[name], 1):.2f} ({self.part[name]}/{self.whole[name]})"
            for name in NAMES
        )


@dataclass(frozen=True, slots=True)
class Folder:
    """The documents of one language with their sections, events and marks.

    `positions` has where the mentions of the same words in a section stand among the letters of their file.
    """

    documents: Sequence[Document]
    sections: Mapping[str, Section]
    events: Sequence[Event]
    positions: Mapping[tuple[str, str], set[int]]
    marked: Sequence[Mark]
    letters: Mapping[str, str]

    def rows(self, as_of: date) -> list[RegisterEntry]:
        return build_register(self.documents, self.sections, self.events, as_of)

    def is_at(self, row: RegisterEntry, mark: Mark) -> bool:
        """Whether a row has a mention where the event is mentioned."""
        return any(
            self._begin(one) - _NEAR < position < self._begin(one) + len(_letters(one["words"]))
            and position + len(_letters(mention.text)) > self._begin(one)
            for mention in row.mentions
            for one in mark["mentions"]
            if one["file"] == mention.source
            for position in self.positions.get((mention.section_id, mention.text), {-1})
        )

    def _begin(self, marked: Mark) -> int:
        return len(_letters(self.letters[marked["file"]][: marked["at"]]))


def read_folder(folder: Path, reader: EventReader) -> Folder:
    """Read the documents of one language, the oldest first, each with the events of those before it."""
    texts = {path.name: path.read_text("utf-8") for path in folder.glob("*.txt")}
    files = find_files([folder / name for name in sorted(texts)])
    read = sorted(
        (read_document(file, read_bytes(file)) for file in files), key=lambda one: one[0].date or date.min
    )

    chains = Chains()
    numbers = count()
    events: list[Event] = []
    for document, sections in read:
        known = chains.titles_like((word for section in sections for word in section.text.split()), 12)
        datings = reader.read(document, sections, known).datings
        fresh = merge(document, [one for section in sections for one in datings.get(section.id, ())])
        fresh = assign_chains(fresh, (), chains, lambda: f"chain{next(numbers)}")
        chains.update(fresh)
        events += fresh

    positions: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for document, sections in read:
        letters = _letters(texts[document.source])
        at = 0
        for section in sections:
            for mention in (m for event in events for m in event.mentions if m.section_id == section.id):
                whole = section.text if mention.sentence_end else section.heading
                before = whole[: mention.offset]
                body = _letters(whole[mention.offset :])[:40]
                place = _position(letters, before, body, _letters(mention.text), at)
                positions[section.id, mention.text].add(place)
            found = letters.find(_letters(section.text)[:60], at)
            at = found if found >= 0 else at

    marked = [json.loads(line) for line in (folder / "events.jsonl").read_text("utf-8").splitlines() if line]
    by_id = {section.id: section for _, sections in read for section in sections}
    return Folder([document for document, _ in read], by_id, events, positions, marked, texts)


def _letters(text: str) -> str:
    """Return a text without the spaces and signs that a table row has here and not there."""
    return re.sub(r"[\s|;]", "", text)


def _position(letters: str, before: str, body: str, words: str, at: int) -> int:
    """Return where a mention stands among the letters of its file, in which a table row has no names of columns."""
    row, begin = before.rpartition("\n")[::2]
    values = re.sub(r"(?:^|(?<=; ))[^:;]{1,90}: ", "", begin)
    for lead, rest in ((_letters(before), body), (_letters(f"{row}\n{values}"), words)):
        for length in (60, 20, 8):
            found = letters.find(lead[-length:] + rest[:length], at or 0)
            if found >= 0:
                return found + len(lead[-length:])
    found = letters.find(body[:12], at)
    return found if found >= 0 else max(letters.find(words, at), 0)


def measure(folder: Folder) -> tuple[Score, list[dict[str, Any]]]:
    """Return the score of a language, and its rows as a reader of the digest sees them."""
    score = Score()
    dates = {document.source: document.date for document in folder.documents}
    last = max((day for day in dates.values() if day), default=date.max)
    rows = folder.rows(last)
    shown = []

    # What no event has, and what is out of date.
    homes: dict[str, list[Mark]] = {}
    for row in rows:
        homes[row.id] = [mark for mark in folder.marked if folder.is_at(row, mark)]
        is_current = row.rescheduled_to is None
        text = row.mentions[0].text
        if is_current:
            score.add("no event", not homes[row.id])
            if not homes[row.id]:
                score.note("NO EVENT", row.source, text, row.kind, row.status, "|", row.title)
        was_superseded = any(
            mention["superseded"] and _days(mention) == (row.start, row.end)
            for mark in homes[row.id]
            for mention in mark["mentions"]
        )
        if was_superseded and not any(_is_valid(row, mark) for mark in homes[row.id]):
            score.add("old", not row.is_off)
            if not row.is_off:
                score.note("OLD DATE", row.source, text, "|", row.title)
        shown.append(
            {
                "source": row.source, "title": row.title, "quoted": row.quoted, "kind": row.kind, "status": row.status,
                "start": str(row.start), "end": str(row.end), "quote": row.quote, "event": bool(homes[row.id]),
                "rescheduled": not is_current,
            }
        )  # fmt: skip
    current = [row for row in rows if row.rescheduled_to is None]
    score.add("rows", len(current), len(folder.marked))

    # What each event has.
    for mark in folder.marked:
        right = [row for row in rows if _is_valid(row, mark) and mark in homes[row.id]]
        mine = [(str(row.start), row.source, row.title) for row in current if mark in homes[row.id]]
        score.add("days", bool(right))
        if not right:
            score.note("MISSED", mark["title"], [one["words"] for one in mark["mentions"]], "->", mine)
            continue
        if len(mine) > 1:
            score.note("ROWS", len(mine), mark["title"], "->", mine)
        told = max((dates[one["file"]] or last for one in mark["mentions"]), default=last)
        if mark["status"] == "done":
            # A later document says so without the date, or has no date itself.
            told = max(
                [told, *(date.fromisoformat(one["end"]) + timedelta(days=1) for one in mark["mentions"])]
            )
        then = [row for row in folder.rows(told) if _is_valid(row, mark) and folder.is_at(row, mark)]
        states = {row.status for row in then} - {"unknown"}
        is_other = bool(states) and not states & _STATUS[mark["status"]]
        score.add("status", is_other)
        if is_other:
            score.note("STATUS", mark["status"], states, mark["title"], "|", then[0].quote)
        kinds = {row.kind for row in right}
        score.add("kind", mark["kind"] not in kinds)
        if mark["kind"] not in kinds:
            score.note("KIND", mark["kind"], kinds, mark["title"], "|", right[0].title)
    return score, shown


def _days(mention: Mark) -> tuple[date, date]:
    return date.fromisoformat(mention["start"]), date.fromisoformat(mention["end"])


def _is_valid(row: RegisterEntry, mark: Mark) -> bool:
    """Whether a row has the days of a mention of the event that no other date supersedes, or of any if all are.

    Of "the end of June" the last days, or the last day alone for a deadline, are right too.
    """
    stated = [_days(m) for m in mark["mentions"] if not m["superseded"]] or list(map(_days, mark["mentions"]))
    if (row.start, row.end) in stated:
        return True
    if row.start is None or row.end is None or not (row.approximate or row.bound == "by"):
        return False
    return any(
        first <= row.start
        and row.end <= last
        and first != last
        and first.replace(day=1) == last.replace(day=1)
        for first, last in stated
    )


def main() -> None:
    """Print a line for each language, and the sum."""
    parser = argparse.ArgumentParser(description="Measure the register over documents of several languages.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", help="of one language alone")
    parser.add_argument("--show", action="store_true", help="print each miss and difference")
    parser.add_argument("--titles", type=Path, help="write the rows, for somebody to read")
    parser.add_argument(
        "--replies", type=Path, help="where a model's requests are written, and its replies read"
    )
    parser.add_argument("--wait", type=float, default=0, help="seconds to wait for each reply")
    given = parser.parse_args()

    total = Score()
    titles: list[dict[str, Any]] = []
    for folder in sorted(path for path in given.folder.iterdir() if (path / "events.jsonl").exists()):
        if given.language not in (None, folder.name):
            continue
        model = FileModel(given.replies / folder.name, given.wait) if given.replies else None
        score, rows = measure(read_folder(folder, ModelReader(model) if model else PlainReader()))
        titles += [{"language": folder.name, **row} for row in rows]
        total.part.update(score.part)
        total.whole.update(score.whole)
        shown = [f"===== {folder.name}", *score.notes] if given.show else []
        print(*shown, f"{folder.name:4} {score.line()}", sep="\n", file=sys.stdout)
    print("all ", total.line())
    if given.titles:
        given.titles.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in titles), "utf-8")


if __name__ == "__main__":
    main()
