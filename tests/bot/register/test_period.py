"""Periods in a closed form, and their days: each form, boundaries of months and years, and what is no form."""

from __future__ import annotations

from datetime import date

import pytest

from bot.register.period import Period, read_period

# A Wednesday.
DAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("form", "start", "end"),
    [
        ("today", "2024-05-01", "2024-05-01"),
        ("tomorrow", "2024-05-02", "2024-05-02"),
        ("this week", "2024-04-29", "2024-05-05"),
        ("next week", "2024-05-06", "2024-05-12"),
        ("last weekend", "2024-04-27", "2024-04-28"),
        ("this month", "2024-05-01", "2024-05-31"),
        ("last month", "2024-04-01", "2024-04-30"),
        ("this quarter", "2024-04-01", "2024-06-30"),
        ("next quarter", "2024-07-01", "2024-09-30"),
        ("last year", "2023-01-01", "2023-12-31"),
        ("next 14 days", "2024-05-01", "2024-05-15"),
        ("last 3 months", "2024-02-01", "2024-05-01"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-Q4", "2024-10-01", "2024-12-31"),
        ("2024-H1", "2024-01-01", "2024-06-30"),
        ("2024-05-09", "2024-05-09", "2024-05-09"),
        ("2024-05-09..next month", "2024-05-09", "2024-06-30"),
        ("..2024-12", None, "2024-12-31"),
        ("today..", "2024-05-01", None),
        ("Council..LLDC3", "2024-06-15", "2024-06-17"),
    ],
)
def test_days_of_a_form(form: str, start: str | None, end: str | None) -> None:
    events = {
        "Council": Period(date(2024, 6, 4), date(2024, 6, 14)),
        "LLDC3": Period(date(2024, 6, 18), date(2024, 6, 22)),
    }

    found = read_period(form, DAY, events.get)

    days = [day.isoformat() if day else None for day in (found.start, found.end)]
    assert days == [start, end]


@pytest.mark.parametrize(
    "form", ["soon", "2024-13", "2024-02-30", "next 99999 days", "nothing..today", "20240509"]
)
def test_what_is_no_form_says_which_there_are(form: str) -> None:
    with pytest.raises(ValueError, match="write one of: today, tomorrow"):
        read_period(form, DAY)
