"""What a subscription is about, and which of its dates changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.register import RegisterEntry
from bot.register.following import changed_dates, gone_dates, known_dates
from bot.register.topics import on_topic
from store.records import Document
from tests.bot.register_entries import AS_OF, entry, spring

REPORT = Document("r", "report.txt", "Report on engagement", symbol="C24/INF/1")
OTHER = Document("o", "other.txt", "Other paper")


def titles(topic: str) -> list[str]:
    register = [
        *spring(),
        entry("Inputs", "2024-06-03", source="other.txt", quote="Inputs to the Global Digital Compact."),
    ]
    return [found.title for found in on_topic(register, [REPORT, OTHER], topic)]


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("WSIS", ["WSIS Forum"]),
        ("global digital compact", ["Inputs"]),
        ("GDC", ["Inputs"]),
        ("other.txt", ["Inputs"]),
        ("Other Paper", ["Inputs"]),
        ("quantum gravity", []),
    ],
)
def test_entries_of_a_topic_or_document(topic: str, found: list[str]) -> None:
    assert titles(topic) == found


FORUM, SECOND_EVENT = entry("Forum", "2024-06-03"), entry("Fair", "2024-06-03")


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({"start": date(2024, 6, 10), "end": date(2024, 6, 10)}, "10 June 2024"),
        ({"status": "cancelled"}, "cancelled (was 3 June 2024)"),
        ({"status": "postponed"}, "postponed (was 3 June 2024)"),
        ({"time": "17:00"}, "3 June 2024, 17:00"),
    ],
)
def test_changed_date_has_the_old_and_the_new_one(changes: dict[str, object], after: str) -> None:
    new = replace(FORUM, **changes)  # type: ignore[arg-type]
    [changed] = changed_dates([new], known_dates([FORUM], AS_OF), known_dates([new], AS_OF), AS_OF)
    assert (changed.entry, changed.before, changed.after) == (new, "3 June 2024", after)


def test_postponed_event_whose_old_date_is_over_gets_a_date() -> None:
    late, new = date(2024, 7, 1), replace(FORUM, start=date(2024, 9, 2), end=date(2024, 9, 2))
    before = known_dates([replace(FORUM, status="postponed")], late)
    [changed] = changed_dates([new], before, known_dates([new], late), late)
    assert (changed.before, changed.after) == ("postponed (was 3 June 2024)", "2 September 2024")


def test_event_that_is_over_is_no_change() -> None:
    late = date(2024, 7, 1)
    assert changed_dates([FORUM], known_dates([FORUM], AS_OF), known_dates([FORUM], late), late) == []


@pytest.mark.parametrize(
    ("known", "day", "told"),
    [
        (FORUM, AS_OF, True),
        (FORUM, date(2024, 6, 3), True),
        (FORUM, date(2024, 6, 4), False),
        (replace(FORUM, status="postponed"), date(2024, 6, 4), True),
        (replace(FORUM, start=None, end=None), date(2024, 6, 4), True),
    ],
)
def test_event_that_no_document_has_is_gone_unless_it_is_over(
    known: RegisterEntry, day: date, told: bool
) -> None:
    gone = gone_dates([SECOND_EVENT], known_dates([known, SECOND_EVENT], AS_OF), day)
    assert [one.title for one in gone.values()] == (["Forum"] if told else [])


SECOND = replace(FORUM, id="second", start=date(2024, 8, 5), end=date(2024, 8, 5))


def test_session_that_is_over_is_no_change_of_the_others() -> None:
    late, sessions = date(2024, 7, 1), [FORUM, SECOND]
    before, after = (known_dates(sessions, day) for day in (AS_OF, late))
    assert (before != after, changed_dates(sessions, before, after, late)) == (True, [])


def test_session_that_moved_is_a_change_when_another_is_over() -> None:
    late = date(2024, 7, 1)
    moved = [FORUM, replace(SECOND, start=date(2024, 9, 2), end=date(2024, 9, 2))]
    [changed] = changed_dates(moved, known_dates([FORUM, SECOND], AS_OF), known_dates(moved, late), late)
    assert (changed.before, changed.after) == ("3 June 2024 and 5 August 2024", "2 September 2024")
    assert changed.entry == moved[1]
