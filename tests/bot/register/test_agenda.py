from __future__ import annotations

from datetime import date

import pytest

from bot.register.agenda import agenda, is_in_period, overlaps, was_in_period
from bot.register.period import Period
from tests.bot.register_entries import AS_OF, entry


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("2024-05-09", "2024-05-09", True),  # its first day alone
        ("2024-05-10", "2024-05-10", True),  # its last day alone
        ("2024-05-01", "2024-05-08", False),
        ("2024-05-01", "2024-05-09", True),
        ("2024-05-10", "2024-05-31", True),
        ("2024-05-11", "2024-05-31", False),
        (None, "2024-05-08", False),
        (None, "2024-05-09", True),
        ("2024-05-10", None, True),
        ("2024-05-11", None, False),
        (None, None, True),
    ],
)
def test_days_of_a_period_with_both_its_ends(start: str | None, end: str | None, inside: bool) -> None:
    first, last = (date.fromisoformat(day) if day else None for day in (start, end))
    meeting = entry("Meeting", "2024-05-09", "2024-05-10")
    period = Period(first, last)
    assert (
        overlaps(meeting, first, last),
        is_in_period(meeting, period),
        was_in_period(meeting, period),
    ) == ((inside,) * 3)


@pytest.mark.parametrize(
    ("precision", "first", "last"),
    [
        ("year", "2023-01-01", "2023-12-31"),
        ("half", "2023-07-01", "2023-12-31"),
        ("quarter", "2023-01-01", "2023-03-31"),
        ("season", "2023-03-01", "2023-05-31"),
    ],
)
def test_what_is_known_to_a_long_time_was_in_a_period_that_has_all_of_it(
    precision: str, first: str, last: str
) -> None:
    vague = entry("Review", first, last, precision=precision, status="past")
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    assert was_in_period(vague, Period(start, end))
    assert was_in_period(vague, Period(None, end))
    assert was_in_period(vague, Period(start, None))
    assert not was_in_period(vague, Period(start.replace(day=2), end))
    assert not was_in_period(vague, Period(start, end.replace(day=end.day - 1)))


@pytest.mark.parametrize(
    ("day", "bound", "group"),
    [
        ("2024-04-30", "on", "past"),
        ("2024-05-01", "on", "now"),
        ("2024-05-02", "on", "upcoming"),
        ("2024-05-01", "by", "upcoming"),
        ("2024-04-30", "by", "past"),
    ],
)
def test_group_of_a_day_beside_today(day: str, bound: str, group: str) -> None:
    [(state, _, _)] = agenda([entry("Meeting", day, bound=bound)], AS_OF).groups
    assert state == group
