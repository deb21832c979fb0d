"""Dates in figures: the day first, with or without a year, in ranges; and figures that are no dates."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from tests.ingest.dates.days import days_in

WRITTEN = date(2025, 2, 10)
days = partial(days_in, reference=WRITTEN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deadline: 12/10/2026, 2359 hours", "2026-10-12"),
        ("PT2; Start: 02/11/2005; End: 04/11/2005; Place: Baden", "2005-11-02 2005-11-04"),
        ("on 09/05/2024", "2024-05-09"),
        ("on 1-2-2024", "2024-02-01"),
        ("on 03/25/2025 and on 04/05/2025", "2025-03-25 2025-04-05"),
        ("on 3.2.2026", "2026-02-03"),
        ("Opening of candidatures; GR 169; Date: 10.11.25", "2025-11-10"),
        ("by 31/7/06.", "2006-07-31"),
        ("Speakers have until 15/9/09 to send the abstract", "2009-09-15"),
        ("pledges received after 1.12.18 cannot be taken", "2018-12-01"),
        ("ended 30.06.06.", "2006-06-30"),
        ("a reception on 12/9 at 1830 hours", "2025-09-12"),
        ("Date: 25/09; Event: Deadline", "2025-09-25"),
        ("25/09", "2025-09-25"),
        ("done 11/11", "2024-11-11"),
        ("(13/6)", "2025-06-13"),
        ("kick-off 9/2 – Version 1", "2025-02-09"),
        ("Mon 3/4", "2025-04-03"),
        ("Tue 24/06", "2025-06-24"),
        ("Translation to 30.VI", "2025-06-30"),
        ("28.IV-3.V.2025", "2025-04-28/2025-05-03"),
        ("The panels meet on 10/11/12 May 2026.", "2026-05-10/2026-05-12"),
        ("received by 31/7/06 may be considered", "2006-07-31"),
        ("See document 4-15-20. The deadline is 4/5/2025.", "2025-05-04"),
        ("on 03-25-2025 and on 04-05-2025", "2025-03-25 2025-04-05"),
        ("on 03/25/06 and on 04/05/06", "2006-03-25 2006-04-05"),
        ("12/9, 14/9 and 20/9", "2025-09-12 2025-09-14 2025-09-20"),
        ("on 12/9, 14/9 and 20/9", "2025-09-12 2025-09-14 2025-09-20"),
    ],
)
def test_days(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q2, Q23; 7 – 9.7.2026; Tunis", "2026-07-07/2026-07-09"),
        ("WP 4A 27.04 – 06.05.11 Geneva", "2011-04-27/2011-05-06"),
        ("WP 5A 16-27.05.11 Geneva", "2011-05-16/2011-05-27"),
        ("Fiji 02–03.06.27", "2027-06-02/2027-06-03"),
        ("WPs 3J, 3K 20/6 - 1/7", "2025-06-20/2025-07-01"),
        ("RA-19 21-25/10; WRC-19 28/10-22/11", "2025-10-21/2025-10-25 2025-10-28/2025-11-22"),
        ("Council 10-20/6 [9-19/6]", "2025-06-10/2025-06-20 2025-06-09/2025-06-19"),
        ("INC 3 24-28/1/2011 (or 14-18/3/2011)", "2011-01-24/2011-01-28 2011-03-14/2011-03-18"),
        ("31/10-4/11/2011 fixed", "2011-10-31/2011-11-04"),
        ("10-13/04/2007 or 17-20/04/2007", "2007-04-10/2007-04-13 2007-04-17/2007-04-20"),
        ("15/10/2007 - 09/11/2007: Conference", "2007-10-15/2007-11-09"),
        ("27.04.-06.05.2011", "2011-04-27/2011-05-06"),
        ("28/12 - 3/1/2026", "2025-12-28/2026-01-03"),
        ("28/4 to 8/5: Council", "2025-04-28/2025-05-08"),
        ("from 12/10/2026 until 15/10/2026", "2026-10-12/2026-10-15"),
        ("12/10/2026 (Mon) to 15/10/2026 (Thu)", "2026-10-12/2026-10-15"),
        ("from 4 to 8/5/2026", "2026-05-04/2026-05-08"),
        ("moved from 12/10/2026 to 15/10/2026", "2026-10-12 2026-10-15"),
        ("2020-11-03/05 (t.b.c.)", "2020-11-03/2020-11-05"),
        ("2026-11-30/12-02, Geneva", "2026-11-30/2026-12-02"),
        ("published 2026-12", "2026-12-01/2026-12-31"),
    ],
)
def test_ranges(text: str, expected: str) -> None:
    assert days(text) == expected.split()


@pytest.mark.parametrize(
    "text",
    [
        "see item 11/12 of the action list",
        "10/12 of the invited bodies having declined",
        "About 4/5 of them",
        "by 2/3 of the votes",
        "adopted by 3/4 majority",
        "staffed 24/7 and",
        "entries on 24/7 monitoring",
        "Service Order 19/08, came through",
        "the texts of Q5/14",
        "Questions 5-7/12",
        "Document 12/3",
        "in 2004/25",
        "letter 07/2015",
        "version 1.12.18",
        "section 10.11.25",
        "A/RES/79/1",
        "tel. 022.730.51.11",
        "+41 22 730 51 11",
        "the budget 2010-11",
        "the 2024-25 biennium",
        "No. 2024-07",
        "IMT-2020-11",
        "12/15",
        "on 31/02/2025",
        "sold at $3/4",
        "scored 12/15",
        "9.30-10.15",
    ],
)
def test_figures_that_are_no_dates(text: str) -> None:
    assert days(text) == []
