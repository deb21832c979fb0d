"""Words and numbers beside a month, a year or a weekday that decide whether it is a date, and which."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from ingest.dates import find_dates
from tests.ingest.dates.days import days_in

WRITTEN = date(2025, 2, 10)
days = partial(days_in, reference=WRITTEN)


@pytest.mark.parametrize(
    "text",
    [
        "the second March meeting",
        "on the first June session",
        "May 25 of the delegates",
        "March - 3 sessions",
        "In 2024-WP4 the group agreed.",
        "The Council Plan 2025 was noted.",
        "the Council Budget of 2025",
        "between 2024 and 2027 Agenda items",
        "agreed in Geneva and 2026",
        "in [draft text] 2025",
        "the 2026 of the Conference",
        "before Christmas holidays",
        "at the Christmas Eve party",
        "closed on Monday mornings",
        "every Monday morning",
        "last Friday of the meeting",
        "on the 12th 2025",
        "on Monday 12 to 15",
        "by the 5th 2030 Agenda forum",
    ],
)
def test_no_date(text: str) -> None:
    assert days(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("second April 2025", "2025-04-01/2025-04-30"),
        ("First June 2025 report", "2025-06-01/2025-06-30"),
        ("Day 1 – Monday 7 July", "2025-07-07"),
        ("Room 101 June 5, 2025", "2025-06-05"),
        ("There were 250 March 2025 registrations", "2025-03-01/2025-03-31"),
        ("on 31 June", ""),
        ("on May 9-10 participants arrive", "2025-05-09/2025-05-10"),
        ("May 9 and 10 participants", "2025-05-09"),
        ("on the 12th to 14 June", "2025-06-12/2025-06-14"),
        ("2-Oct-09", "2009-10-02"),
        ("2-Oct-123", "2025-10-02"),
        ("from 2024 to 2030 Agenda", "2024-01-01/2024-12-31"),
        ("in 2025/Q3", "2025-07-01/2025-09-30"),
        ("by Christmas Day 2025", "2025-12-25"),
        ("12 May at 10:00 and 17:00 on 13 May", "2025-05-12 2025-05-13"),
        ("[12], [13] or [14] May 2025", "2025-05-12/2025-05-14"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    assert days(text) == expected.split()


def test_each_day_of_a_list_is_dated_by_itself() -> None:
    found = find_dates("on 9 December 2024 and 10 January", reference=WRITTEN)
    assert [(str(e.start), e.year_inferred) for e in found] == [("2024-12-09", False), ("2025-01-10", True)]


def test_text_of_a_day_behind_its_month_includes_the_month() -> None:
    assert [e.text for e in find_dates("May 9 and 23", reference=WRITTEN)] == ["May 9", "May 9 and 23"]
