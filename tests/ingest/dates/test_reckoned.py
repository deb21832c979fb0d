"""Days that are reckoned from the day of writing, or from the date before: "the 12th", "next Monday", "tomorrow"."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.dates import find_dates

MONDAY = date(2025, 2, 10)


def days(text: str, reference: date | None = MONDAY) -> list[str]:
    """Return the days found in `text`, "first" or "first/last"."""
    return [
        str(e.start) if e.start == e.end else f"{e.start}/{e.end}"
        for e in find_dates(text, reference=reference)
        if e.kind == "date"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 11 September 2025 or on the 12th from 0730 hours.", "2025-09-11 2025-09-12"),
        ("due Sunday, 12 June 2016, so leave by Friday the 10th.", "2016-06-12 2016-06-10"),
        ("the forum of 20 January 2026 was held on the 22nd, on line", "2026-01-20 2026-01-22"),
        ("20-29 November 2012, with the Symposium on the 19th.", "2012-11-20/2012-11-29 2012-11-19"),
        ("27 April - 6 May 2026; dinner on the 3rd.", "2026-04-27/2026-05-06 2026-05-03"),
        ("sent on 28 March 2026; replies by the 5th.", "2026-03-28 2026-04-05"),
        ("may be offered on Saturday the 15th if enough sign up", "2025-02-15"),
        ("Comments by Friday 14th please; after that", "2025-02-14"),
        ("on the evening of the 3rd (19:00, Club)", "2025-03-03"),
        ("by the 30th: chapter rapporteurs send", "2025-03-30"),
        ("guaranteed only until the 14th.", "2025-02-14"),
        ("doors open on the 16th at 9.30 a.m.", "2025-02-16"),
        ("on Friday the 14th we meet", "2025-02-14"),
        ("was held on the 13th and 14th.", "2025-01-13 2025-01-14"),
        ("from the 12th to the 14th.", "2025-02-12/2025-02-14"),
        ("by the 5th of next month", "2025-03-05"),
        ("Mon 17, 10.00 at the latest", "2025-02-17"),
        ("the 12th session", ""),
        ("at the 3rd meeting", ""),
        ("in the 78th.", ""),
        ("on the 1st and 2nd floors", ""),
        ("by the 15th of each month", ""),
        ("on the 19th-century building", ""),
        ("Monday 9-11", ""),
        ("Friday 5 participants left", ""),
    ],
)
def test_days_without_their_month(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recordings since yesterday.", "2025-02-09"),
        ("Comments are due tomorrow.", "2025-02-11"),
        ("announced for this evening", "2025-02-10"),
        ("the day after tomorrow", "2025-02-12"),
        ("the consultation ended last Friday, and", "2025-02-07"),
        ("next Monday", "2025-02-17"),
        ("this Thursday", "2025-02-13"),
        ("apply by COB Friday.", "2025-02-14"),
        ("we shall meet on Friday", "2025-02-14"),
        ("the group met on Friday", "2025-02-07"),
        ("brought forward to Wednesday.", "2025-02-12"),
        ("at the 6th meeting, on Thursday afternoon", "2025-02-13"),
        ("Thursday morning", ""),
        ("on Tuesday of next week", "2025-02-18"),
        ("the week of 7-11 July 2025 closes on Friday", "2025-07-07/2025-07-11 2025-07-11"),
        ("before the end of next week.", "2025-02-21"),
        ("by the end of the week", "2025-02-14"),
        ("by the end of the month", "2025-02-28"),
        ("By 5 May 2025, and the rest by the end of the month", "2025-05-05 2025-05-31"),
        ("early next month", "2025-03-01/2025-03-10"),
        ("in the first week of next month", "2025-03-01/2025-03-07"),
        ("around the turn of the year.", "2024-12-01/2025-01-31"),
        ("took effect on New Year's Day.", "2025-01-01"),
        ("every Thursday", ""),
        ("open from Monday to Friday", ""),
        ("the following day", ""),
        ("in the same week", ""),
        ("published its report “Governance Today”", ""),
        ("after Easter", ""),
        ("the Christmas break", ""),
        ("on Mondays", ""),
    ],
)
def test_dates_relative_to_the_day_of_writing(text: str, expected: str) -> None:
    assert days(text) == expected.split()


def test_relative_date_without_a_day_of_writing_has_no_days() -> None:
    found = find_dates("by Friday, on the 12th, tomorrow", reference=None)
    assert [(e.text, e.start) for e in found] == [("Friday", None), ("the 12th", None), ("tomorrow", None)]


def test_before_christmas_is_a_limit_and_the_turn_of_the_year_is_not_exact() -> None:
    (christmas,) = find_dates("ready before Christmas", reference=date(2025, 6, 1))
    (turn,) = find_dates("around the turn of the year", reference=MONDAY)
    assert (christmas.start, christmas.bound, christmas.precision) == (date(2025, 12, 25), "by", "day")
    assert (turn.approximate, turn.precision) == (True, "month")


# Seven months and more before the day of writing, 10 February 2025, unless it is ahead.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pilot opened on 2 September as foreseen.", "2024-09-02"),
        ("On 2 September the co-facilitators confirmed the venue.", "2024-09-02"),
        ("In September the Union joined the Alliance.", "2024-09-01/2024-09-30"),
        ("The pilot is to be opened on 2 September.", "2025-09-02"),
        ("the meeting scheduled for 2 September", "2025-09-02"),
        ("On 2 September the co-facilitators will present what was agreed.", "2025-09-02"),
        ("Invited experts meet on 2 September.", "2025-09-02"),
        ("The Bureau met twice; the experts meet on 2 September.", "2025-09-02"),
    ],
)
def test_year_of_a_day_follows_the_tense_of_its_sentence(text: str, expected: str) -> None:
    assert days(text) == expected.split()
