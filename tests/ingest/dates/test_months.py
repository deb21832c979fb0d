"""Months, quarters, halves and seasons by themselves and in pairs, and what a range may have between its ends."""

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
        ("Precise dates, in October or November 2021, are open", "2021-10-01/2021-11-30"),
        ("Tehran; May or June 2005; Proposed", "2005-05-01/2005-06-30"),
        ("negotiate during October and November", "2025-10-01/2025-11-30"),
        ("to be named in October or November and to report", "2025-10-01/2025-11-30"),
        ("INFCOM-5: March or April (dates tbd); EC-84: June", "2025-03-01/2025-04-30 2025-06-01/2025-06-30"),
        ("the summer meetings (June and July)", "2025-06-01/2025-07-31"),
        ("Analysis, April–May", "2025-04-01/2025-05-31"),
        ("in June, July and August 2026", "2026-06-01/2026-08-31"),
        ("December or January", "2024-12-01/2025-01-31"),
        ("December 2024 and January 2025", "2024-12-01/2024-12-31 2025-01-01/2025-01-31"),
        ("in March and September 2025", "2025-03-01/2025-03-31 2025-09-01/2025-09-30"),
        ("on 4 and 5 June 2025 respectively", "2025-06-04 2025-06-05"),
    ],
)
def test_pairs_of_months(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("November", "2025-11-01/2025-11-30"),
        ("Meeting: SG 6; Dates: Nov.; Place: Geneva", "2025-11-01/2025-11-30"),
        ("RA II-16; Autumn; to be announced", "2025-09-01/2025-11-30"),
        ("ASMG; 13-16 April; Q2", "2025-04-13/2025-04-16 2025-04-01/2025-06-30"),
        ("New date: H2", "2025-07-01/2025-12-31"),
        ("When: Q1–Q2; Who: all", "2025-01-01/2025-06-30"),
        ("When: Third quarter 2025; What: matrix", "2025-07-01/2025-09-30"),
        ("meeting of the six regions – 2nd quarter 2022 place", "2022-04-01/2022-06-30"),
        ("4th quarter", "2025-10-01/2025-12-31"),
        ("Version 2: first half", "2025-01-01/2025-06-30"),
        ("planned for the third quarter, will come", "2025-07-01/2025-09-30"),
        ("Nov (2nd fortnight) Coordination", "2024-11-16/2024-11-30"),
        ("June 2025 (end)", "2025-06-01/2025-06-30"),
        ("the second fortnight of May 2025", "2025-05-16/2025-05-31"),
        ("in autumn, the Council will", "2025-09-01/2025-11-30"),
        ("May I thank you", ""),
        ("May", "2025-05-01/2025-05-31"),
        ("March on", ""),
        ("Names: April Smith; June Jones", ""),
        ("IV", ""),
        ("in the first half, the team", ""),
    ],
)
def test_alone(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 May, 10:00 – 9 May, 18:00", "2025-05-05/2025-05-09"),
        ("from 10:00 on 5 May to 18:00 on 9 May", "2025-05-05/2025-05-09"),
        ("23 Jan.-17 Feb. 2012", "2012-01-23/2012-02-17"),
        ("the 22.-24. June", "2025-06-22/2025-06-24"),
        ("rate ends 2-Oct-09", "2009-10-02"),
        ("22-Oct-2025", "2025-10-22"),
        ("before 15-Feb.", "2025-02-15"),
        ("29 Oct–1 Nov", "2025-10-29/2025-11-01"),
        ("in Nadi on 2 and 3 June 2027.1", "2027-06-02/2027-06-03"),
        ("the weekend of March 12-13", "2025-03-12/2025-03-13"),
    ],
)
def test_between_the_ends(text: str, expected: str) -> None:
    assert days(text) == expected.split()


def test_the_hour_of_a_range_is_that_of_its_start() -> None:
    (found,) = find_dates("5 May, 10:00 – 9 May, 18:00", reference=WRITTEN)
    assert found.time == "10:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the data freeze goes from 30 April to 30 June 2020", "2020-04-30 2020-06-30"),
        ("it had been put off from 27 January to 2 February", "2025-01-27 2025-02-02"),
        (
            "moved from Wednesday 11 November to Thursday 12 November 2026, session 1",
            "2026-11-11 2026-11-12",
        ),
        ("the session runs from 5 to 9 May 2025", "2025-05-05/2025-05-09"),
    ],
)
def test_moved_event_has_two_dates(text: str, expected: str) -> None:
    assert days(text) == expected.split()
