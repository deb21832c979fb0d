"""Dates as letters, timetables, programmes and web pages spell them."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from ingest.dates import find_dates
from tests.ingest.dates.days import days_in

WRITTEN = date(2025, 2, 10)
days = partial(days_in, reference=WRITTEN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11 (afternoon) - 13 May 2005", "2005-05-11/2005-05-13"),
        ("9 (morning) and 10 May", "2025-05-09/2025-05-10"),
        ("Monday 3 (a.m.) to Friday 7 June 2024", "2024-06-03/2024-06-07"),
        ("Geneva, 3 - 12 (noon) March 2025", "2025-03-03/2025-03-12"),
        ("7 (Mon) to 11 (Fri) July 2025", "2025-07-07/2025-07-11"),
        ("7 July 2025 (Monday) to 11 July 2025 (Friday)", "2025-07-07/2025-07-11"),
        ("Thursday 3 (14:00-18:00) and Friday 4 July 2025", "2025-07-03/2025-07-04"),
        ("14-16 October (TBC), 2025", "2025-10-14/2025-10-16"),
        ("Bucharest (18-20 April), Algiers (16-18 May)", "2025-04-18/2025-04-20 2025-05-16/2025-05-18"),
        ("5 May (Geneva) and 6 May (Tunis)", "2025-05-05 2025-05-06"),
    ],
)
def test_remarks_in_brackets(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no later than27 April 2025", "2025-04-27"),
        ("by15 March 2024", "2024-03-15"),
        ("until30 June", "2025-06-30"),
        ("on 27April 2025", "2025-04-27"),
        ("the COVID19 May 2024 issue", "2024-05-01/2024-05-31"),
        ("see A27 April 2024", "2024-04-01/2024-04-30"),
    ],
)
def test_a_missing_space(text: str, expected: str) -> None:
    assert days(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from Sunday 3 October through to Friday 8 October 2021", "2021-10-03/2021-10-08"),
        ("from 3 May up to 8 May 2021", "2021-05-03/2021-05-08"),
        ("from 3 May up to and including 8 May 2021", "2021-05-03/2021-05-08"),
        ("between the 5th and the 9th of May 2025", "2025-05-05/2025-05-09"),
        ("29 September-3 October 2025", "2025-09-29/2025-10-03"),
        ("28 Feb. – 1 Mar. 2024", "2024-02-28/2024-03-01"),
        ("Thursday 3 & Friday 4 July", "2025-07-03/2025-07-04"),
        ("4th-6th of July", "2025-07-04/2025-07-06"),
        ("Mon-Fri 5-9 May", "2025-05-05/2025-05-09"),
        ("5-6, 12-13 May 2025", "2025-05-05/2025-05-06 2025-05-12/2025-05-13"),
        ("3, 20 and 21 September 2025", "2025-09-03 2025-09-20/2025-09-21"),
        ("Day 1 - Monday 7 July 2025", "2025-07-07"),
    ],
)
def test_stretches_of_days(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between April 17 and the end of May", "2025-04-17/2025-05-31"),
        ("from mid-March to 5 April", "2025-03-11/2025-04-05"),
        ("end of June to early July", "2025-06-21/2025-07-10"),
        ("from 5 May until the end of the month", "2025-05-05/2025-05-31"),
        ("from 2 May 2024 through to the end of the year", "2024-05-02/2024-12-31"),
        ("from the beginning of May to the end of July 2025", "2025-05-01/2025-07-31"),
        ("late December to early January 2025", "2024-12-21/2025-01-10"),
        ("early to mid-May 2025", "2025-05-01/2025-05-20"),
        ("mid- to late June 2025", "2025-06-11/2025-06-30"),
        ("from October 2024 to early 2025", "2024-10-01/2025-04-30"),
        ("between early 2025 and mid-2026", "2025-01-01/2026-08-31"),
        ("late 2025/early 2026", "2025-09-01/2026-04-30"),
        ("from 2024 to May 2025", "2024-01-01/2025-05-31"),
        ("Q2/Q3 2025", "2025-04-01/2025-09-30"),
        ("from Q3 2025 to Q1 2026", "2025-07-01/2026-03-31"),
        ("in the third and fourth quarters of 2025", "2025-07-01/2025-12-31"),
        ("from the week of 5 May to the week of 19 May 2025", "2025-05-05/2025-05-25"),
        ("extended from the end of March to 15 April 2025", "2025-03-21/2025-03-31 2025-04-15"),
        (
            "postponed from December 2024 to 23 and 24 February 2025",
            "2024-12-01/2024-12-31 2025-02-23/2025-02-24",
        ),
        ("put off from May to 3, 4 and 5 June 2025", "2025-05-01/2025-05-31 2025-06-03/2025-06-05"),
        ("moved from 22 and 23 to 24 and 25 June 2025", "2025-06-22/2025-06-23 2025-06-24/2025-06-25"),
        ("in 2024 – May 2025 saw growth", "2024-01-01/2024-12-31 2025-05-01/2025-05-31"),
        ("in summer 2025 - 5 May 2025", "2025-06-01/2025-08-31 2025-05-05"),
    ],
)
def test_mixed_ends(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "precision", "approximate"),
    [
        ("from 5 May to the end of June 2025", "day", False),
        ("from mid-March to 5 April 2025", "month", True),
        ("late 2025/early 2026", "season", True),
        ("from Q3 2025 to Q1 2026", "quarter", False),
    ],
)
def test_a_range_is_as_exact_as_its_coarser_end(text: str, precision: str, approximate: bool) -> None:
    (found,) = find_dates(text, reference=WRITTEN)
    assert (found.precision, found.approximate, found.bound) == (precision, approximate, "on")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Agenda\n22 June\n09:00 Opening", "2025-06-22"),
        ("Monday, 22 June", "2026-06-22"),
        ("Tue 24/06", "2025-06-24"),
        ("Wed 25/26 June 2025", "2025-06-25/2025-06-26"),
        ("22 JUNE 2025", "2025-06-22"),
        ("JUNE 22", "2025-06-22"),
        ("22-Jun-2025", "2025-06-22"),
        ("22.06.2025", "2025-06-22"),
        ("22–24.06.2025", "2025-06-22/2025-06-24"),
        ("22.06.2025-24.06.2025", "2025-06-22/2025-06-24"),
        ("22/06/2025", "2025-06-22"),
        ("04-04-2020", "2020-04-04"),
        ("25-04-2020", "2020-04-25"),
        ("2025/06/22", "2025-06-22"),
        ("2025-06-22/2025-06-24", "2025-06-22/2025-06-24"),
        ("on the twenty-second of June", "2025-06-22"),
        ("adopted on the first of March 2024", "2024-03-01"),
        ("May & June 2025", "2025-05-01/2025-06-30"),
    ],
)
def test_spellings_of_a_day(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("week 27 of 2025", "2025-06-30/2025-07-06"),
        ("week 27, 2025", "2025-06-30/2025-07-06"),
        ("W27 2025", "2025-06-30/2025-07-06"),
        ("the week of 5 to 9 May", "2025-05-05/2025-05-09"),
        ("the weeks of 4 and 11 March 2024", "2024-03-04/2024-03-10 2024-03-11/2024-03-17"),
        ("in the last week of June 2025", "2025-06-21/2025-06-30"),
        ("June-July 2025", "2025-06-01/2025-07-31"),
        ("the last quarter of 2025", "2025-10-01/2025-12-31"),
        ("by the end of the third quarter of 2025", "2025-09-30"),
        ("by the end of Q2", "2025-06-30"),
        ("by year-end", "2025-12-31"),
        ("by the end of the year", "2025-12-31"),
    ],
)
def test_weeks_and_parts_of_years(text: str, expected: str) -> None:
    assert days(text) == expected.split()
