"""Dates as calendars of meetings have them: closing dots, square brackets, remarks, days in a range, recurrences."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from ingest.dates import find_dates
from tests.ingest.dates.days import days_in

WRITTEN = date(2026, 3, 10)
days = partial(days_in, reference=WRITTEN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Assembly\tPalais\tclosed since 24.04.", "2026-04-24"),
        ("1–12 June\tPalais and ILO\t18.05.", "2026-06-01/2026-06-12 2026-05-18"),
        ("Palexpo\t12.06. (in-person), 03.07. (remote)", "2026-06-12 2026-07-03"),
        ("bis 17.06.", "2026-06-17"),
        ("Frist: 12.06. Anmeldung", "2026-06-12"),
        ("Wed., 17.06., at 10:00", "2026-06-17"),
        ("27.-29.04.", "2026-04-27/2026-04-29"),
        ("27.04. - 03.05. Wien", "2026-04-27/2026-05-03"),
        ("on 24.04. and 26.04. in", "2026-04-24 2026-04-26"),
        ("Version 2.06. It runs", ""),
        ("The rate fell to 12.06. Then", ""),
        ("growth of 12.06. (see below)", ""),
        ("sections 10.04., 10.05. and", ""),
        ("Rule 10.04.", ""),
        ("3.10.", ""),
        ("12.11. Title", ""),
        ("9.10-10.12.", ""),
    ],
)
def test_a_closing_dot(text: str, expected: str) -> None:
    assert days(text) == expected.split()


def test_the_closing_dot_belongs_to_the_date_and_bis_is_a_limit() -> None:
    [found] = find_dates("bis 17.06.", reference=WRITTEN)
    assert (found.text, found.bound) == ("17.06.", "by")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Noise\t61st\t27 (p.m.)-29 January", "2026-01-27/2026-01-29"),
        ("27 (afternoon)-29 January", "2026-01-27/2026-01-29"),
        ("Bureau\t[4] or [11] February\tE", "2026-02-04 2026-02-11"),
        ("[8] to [18] June 2027", "2027-06-08/2027-06-18"),
        ("[17-18] March", "2026-03-17/2026-03-18"),
        ("[15 March] 2027", "2027-03-15"),
        ("[5] May, R. M.: Stability", ""),
        ("On May 9, [12] the Council", "2026-05-09"),
        ("and to end in [2027][2028];", "2027-01-01/2027-12-31 2028-01-01/2028-12-31"),
        ("to all addressees\t2Q2010", "2010-04-01/2010-06-30"),
        ("1H2026", "2026-01-01/2026-06-30"),
        ("RA I\t(p) 4th quarter\tCape Town?", "2026-10-01/2026-12-31"),
        ("09/10-Mar-2027 – General Assembly", "2027-03-09/2027-03-10"),
        ("put back to autumn 2015", "2015-09-01/2015-11-30"),
        ("put back to spring 2015", "2015-03-01/2015-05-31"),
        ("costs to fall 2015", ""),
        ("Phnom Penh, November (dates not yet fixed)", "2026-11-01/2026-11-30"),
        ("a more honest date is the end of Q1 2010.", "2010-03-31"),
        ("It opens at the end of Q1 2010.", "2010-03-21/2010-03-31"),
        ("Rio+20 (Rio de Janeiro, 20-22 June).", "2026-06-20/2026-06-22"),
        ("(Incheon, Oct. 29 – Nov. 2)", "2026-10-29/2026-11-02"),
    ],
)
def test_cells(text: str, expected: str) -> None:
    assert days(text) == expected.split()


def test_brackets_are_part_of_the_date() -> None:
    assert [e.text for e in find_dates("at [4] or [11] February", reference=WRITTEN)] == [
        "[4] or [11] February",
        "[11] February",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "18-29 January 2027 (in progress; CWG-Internet on 20–21, CWG-FHR on 25-26, EG-DT on the 28th)",
            "2027-01-18/2027-01-29 2027-01-20/2027-01-21 2027-01-25/2027-01-26 2027-01-28",
        ),
        (
            "28 January – 5 February 2027 (A on 30, B on 2-3 and C on 4)",
            "2027-01-28/2027-02-05 2027-01-30 2027-02-02/2027-02-03 2027-02-04",
        ),
        (
            "18-29 January (A on 20–21, B on the 25)",
            "2026-01-18/2026-01-29 2026-01-20/2026-01-21 2026-01-25",
        ),
        ("18-29 January 2027 (A on 20 and 22)", "2027-01-18/2027-01-29 2027-01-20 2027-01-22"),
        ("18-29 January 2027 (A on 30)", "2027-01-18/2027-01-29"),
        ("18-29 January 2027. Work on 20, 21", "2027-01-18/2027-01-29"),
        ("from 18 to 22 May, work on 19 of the items", "2026-05-18/2026-05-22"),
        ("The 18–22 May session heard views on 20 and 21 papers", "2026-05-18/2026-05-22"),
        ("18–29 May (the 27, Japan)", "2026-05-18/2026-05-29"),
    ],
)
def test_days_within_the_range_before(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "said", "duration"),
    [
        ("The team meets every Thursday.", "every Thursday", "P1W"),
        ("every other Thursday", "every other Thursday", "P2W"),
        ("on every second Tuesday of the month", "every second Tuesday of the month", "P1M"),
        ("every last Friday of each month", "every last Friday of each month", "P1M"),
        ("are held every three to four years", "every three to four years", "P3Y or P4Y"),
        ("every two or three months", "every two or three months", "P2M or P3M"),
        ("every 3-4 years", "every 3-4 years", "P3Y or P4Y"),
        ("held each June", "each June", "P1Y"),
        ("every spring", "every spring", "P1Y"),
        ("every quarter", "every quarter", "P3M"),
    ],
)
def test_recurrences(text: str, said: str, duration: str) -> None:
    [found] = find_dates(text, reference=WRITTEN)
    assert (found.text, found.kind, found.recurrence, found.start) == (said, "recurrence", duration, None)
