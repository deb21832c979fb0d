"""Corrections of a whole store: what they do to other documents, versions and people, and to calendars."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest

from bot.errors import CorrectionError
from bot.register import RegisterEntry, select
from bot.register.export.calendar import to_ics
from bot.register.repository import EntryEdit
from bot.settings import Settings
from bot.wiring import Services, build
from tests.small_store import SmallStore, open_store

DAY = date(2025, 5, 1)
PAPER = """Document C25/7
Geneva, 10 January 2025

Original: English

Report on digital matters

1. World Digital Summit
1.1\tThe World Digital Summit will be held in Geneva on 22-23 September 2025.
"""
LATER = PAPER.replace("10 January", "10 March").replace("C25/7", "C25/9")
MOVED = LATER.replace("22-23", "27-28")


class Shelf:
    """A store, and what people do with its register."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: SmallStore = open_store(folder / "data")
        self.services = self.another()

    def another(self) -> Services:
        """Return what another process has on the same store."""
        return build(Settings(data_dir=self.store.folder, _env_file=None))  # type: ignore[call-arg]

    def put(self, text: str, name: str = "b.txt") -> None:
        path = self.folder / name
        path.write_text(text)
        self.store.ingest(path)

    @property
    def entries(self) -> list[RegisterEntry]:
        return self.services.register(DAY)

    @property
    def days(self) -> list[tuple[int, int]]:
        """The first and the last day of each entry."""
        return [(e.start.day, e.end.day) for e in self.entries if e.start and e.end]

    def correct(self, entry: RegisterEntry | None = None, **change: Any) -> RegisterEntry:
        return self.services.correct((entry or self.entries[0]).id, EntryEdit(**change), "amina")

    def undo(self) -> RegisterEntry:
        return self.services.undo(self.entries[0].id)

    def sequence(self) -> int:
        """Return the SEQUENCE of the one event in a calendar file of now."""
        register = self.entries
        data = to_ics(select(register, DAY), DAY, datetime.now(UTC), history=register)
        [event] = icalendar.Calendar.from_ical(data).walk("VEVENT")
        return int(event["sequence"])


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.put(PAPER)
    return shelf


def test_concurrent_corrections_of_one_entry_are_both_stored(shelf: Shelf) -> None:
    key = shelf.entries[0].id
    changes = [
        EntryEdit(title="Summit"),
        EntryEdit(start=date(2025, 9, 24)),
        EntryEdit(end=date(2025, 9, 29)),
    ]
    processes = [shelf.another() for _ in changes]
    with ThreadPoolExecutor() as pool:
        list(
            pool.map(
                lambda pair: pair[0].correct(key, pair[1], "amina"), zip(processes, changes, strict=True)
            )
        )
    [entry] = shelf.entries
    assert (entry.title, entry.start, entry.end) == ("Summit", date(2025, 9, 24), date(2025, 9, 29))


def test_an_undo_of_a_correction_that_is_not_the_last_is_refused(shelf: Shelf) -> None:
    first = shelf.correct(title="Summit").corrected
    shelf.correct(title="Digital Summit")
    assert first is not None
    with pytest.raises(CorrectionError, match="corrected again since"):
        shelf.services.undo(shelf.entries[0].id, first.revision)
    assert shelf.entries[0].title == "Digital Summit"


@pytest.mark.parametrize(
    "header", ["Document C25/8\nOriginal: English\n", "Document C26/1\nOriginal: English\n"]
)
def test_correction_applies_to_a_new_version_with_another_symbol(shelf: Shelf, header: str) -> None:
    shelf.put(PAPER.replace("Document C25/7\n", ""))
    shelf.correct(start=date(2025, 9, 24))
    shelf.put(header + PAPER.replace("Document C25/7\n", ""))
    assert shelf.days == [(24, 24)]


def test_entry_moved_by_a_later_document_cannot_be_scheduled(shelf: Shelf) -> None:
    shelf.put(MOVED, "c.txt")
    old, new = shelf.entries
    with pytest.raises(CorrectionError, match=f"correct the entry {new.id[:8]}"):
        shelf.correct(old, status="scheduled")
    assert shelf.entries[0].corrected is None


CHANGES: list[tuple[Callable[[Shelf], object], ...]] = [
    (
        lambda shelf: shelf.correct(start=date(2025, 9, 24)),
        lambda shelf: shelf.undo(),
        lambda shelf: shelf.put(LATER, "c.txt"),
    ),
    (
        lambda shelf: shelf.correct(start=date(2025, 9, 24)),
        lambda shelf: shelf.correct(start=date(2025, 9, 25)),
        lambda shelf: shelf.put(PAPER.replace("will be held in Geneva on 22-23", "takes place on 27-28")),
    ),
    (
        lambda shelf: shelf.put(MOVED, "c.txt"),
        lambda shelf: shelf.correct(shelf.entries[1], start=date(2025, 9, 22), end=date(2025, 9, 23)),
    ),
    (
        lambda shelf: shelf.put(MOVED, "c.txt"),
        lambda shelf: shelf.correct(shelf.entries[0], no_event=True),
        lambda shelf: shelf.store.pipeline.remove("b.txt"),
    ),
]


@pytest.mark.parametrize("changes", CHANGES)
def test_calendar_sequence_increases_with_every_change(
    shelf: Shelf, changes: tuple[Callable[[Shelf], object], ...]
) -> None:
    numbers = [shelf.sequence()]
    for change in changes:
        change(shelf)
        numbers.append(shelf.sequence())
    assert numbers == sorted(set(numbers))
