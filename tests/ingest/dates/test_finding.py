"""The grammar of dates: what is read, as what, and what is never read as a date."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.dates import DateExpression, find_dates, same_dates
from tests.growth import lines_run

WRITTEN = date(2025, 2, 10)


def only(text: str, reference: date | None = WRITTEN) -> DateExpression:
    found = find_dates(text, reference=reference)
    assert len(found) == 1, found
    return found[0]


def days(text: str, reference: date | None = WRITTEN) -> list[tuple[str, str]]:
    return [(str(e.start), str(e.end)) for e in find_dates(text, reference=reference) if e.kind == "date"]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("scheduled for 22-23 September 2024,", "2024-09-22", "2024-09-23"),
        ("from 27 to 30 May 2024 in Antigua", "2024-05-27", "2024-05-30"),
        ("on 9 and 10 May 2024 in Nairobi", "2024-05-09", "2024-05-10"),
        ("from 30 November to 12 December 2023", "2023-11-30", "2023-12-12"),
        ("from 30 November 2023 to 2 February 2024", "2023-11-30", "2024-02-02"),
        ("from 15 December to 10 January 2025", "2024-12-15", "2025-01-10"),
        ("Geneva, 30 June – 3 July 2025", "2025-06-30", "2025-07-03"),
        ("June 10-11, 2024", "2024-06-10", "2024-06-11"),
        ("September 22 and 23, 2024", "2024-09-22", "2024-09-23"),
        ("on Thursday, June 5, 2025", "2025-06-05", "2025-06-05"),
        ("between 3 and 7 March 2025", "2025-03-03", "2025-03-07"),
        ("the 10th of May 2024", "2024-05-10", "2024-05-10"),
        ("May 9th, 2024", "2024-05-09", "2024-05-09"),
        ("(12–16.V.2025)", "2025-05-12", "2025-05-16"),
        ("from 2025-06-10 to 2025-06-14", "2025-06-10", "2025-06-14"),
        ("due 2025-06-13.", "2025-06-13", "2025-06-13"),
        ("due 25/05/2024", "2024-05-25", "2024-05-25"),
        ("on 17 November last year", "2024-11-17", "2024-11-17"),
        ("from 17 to 28 November of this year", "2025-11-17", "2025-11-28"),
        ("in February next year", "2026-02-01", "2026-02-28"),
        ("from 20 December to 10 January next year", "2025-12-20", "2026-01-10"),
        ("on 17 May 1865", "1865-05-17", "1865-05-17"),
        ("on May 17, 1865,", "1865-05-17", "1865-05-17"),
        ("on 3.4.2025", "2025-04-03", "2025-04-03"),
        ("on 5 Sept. 2025", "2025-09-05", "2025-09-05"),
        ("5-May-2025", "2025-05-05", "2025-05-05"),
        ("30 September, 1 and 2 October 2024", "2024-09-30", "2024-10-02"),
        ("Monday 3 to Friday 7 March 2025", "2025-03-03", "2025-03-07"),
        ("the week of 12 May 2025", "2025-05-12", "2025-05-18"),
        ("the week commencing 12 May 2025", "2025-05-12", "2025-05-18"),
        ("the first week of June 2025", "2025-06-01", "2025-06-07"),
        ("in February 2024", "2024-02-01", "2024-02-29"),
        ("in May/June 2025", "2025-05-01", "2025-06-30"),
        ("from March to May 2025", "2025-03-01", "2025-05-31"),
        ("in Q3 2024", "2024-07-01", "2024-09-30"),
        ("Q1–Q2 2025", "2025-01-01", "2025-06-30"),
        ("in the fourth quarter of 2024", "2024-10-01", "2024-12-31"),
        ("the first half of 2025", "2025-01-01", "2025-06-30"),
        ("H2 2025", "2025-07-01", "2025-12-31"),
        ("the second half of this year", "2025-07-01", "2025-12-31"),
        ("in summer 2024", "2024-06-01", "2024-08-31"),
        ("in the winter of 2024/2025", "2024-12-01", "2025-02-28"),
        ("mid-2025", "2025-05-01", "2025-08-31"),
        ("in early 2022", "2022-01-01", "2022-04-30"),
        ("the early months of 2024", "2024-01-01", "2024-04-30"),
        ("end-2025", "2025-12-01", "2025-12-31"),
        ("at the end of 2023", "2023-12-01", "2023-12-31"),
        ("in late May 2025", "2025-05-21", "2025-05-31"),
        ("mid-May 2025", "2025-05-11", "2025-05-20"),
        ("by the end of August 2025", "2025-08-31", "2025-08-31"),
        ("before year's end", "2025-12-31", "2025-12-31"),
        ("this year", "2025-01-01", "2025-12-31"),
        ("Last year, ITU", "2024-01-01", "2024-12-31"),
        ("in the course of 2026", "2026-01-01", "2026-12-31"),
        ("next month", "2025-03-01", "2025-03-31"),
        ("last September", "2024-09-01", "2024-09-30"),
        ("next June", "2025-06-01", "2025-06-30"),
        ("by 2030", "2030-01-01", "2030-12-31"),
        ("the WSIS Forum 2023", "2023-01-01", "2023-12-31"),
        ("the Summit of the Future 2024", "2024-01-01", "2024-12-31"),
        ("the 2023 SDG Summit", "2023-01-01", "2023-12-31"),
        ("at its 2024 session", "2024-01-01", "2024-12-31"),
        ("at its July 2023 meeting", "2023-07-01", "2023-07-31"),
        ("JUNE 2025", "2025-06-01", "2025-06-30"),
    ],
)
def test_dates_of_a_text(text: str, start: str, end: str) -> None:
    assert days(text) == [(start, end)]


@pytest.mark.parametrize(
    "text",
    [
        "the 2030 Agenda for Sustainable Development",
        "Agenda 2030",
        "resolution A/RES/76/307",
        "see C24/67 and C23/INF/8",
        "the Plenipotentiary Conference (PP-22)",
        "within the allocated budget 2024-2025",
        "the strategic plan for 2024-2027",
        "Resolution 75/1",
        "Resolution 70 (Rev. Bucharest, 2022)",
        "Member States may submit 5 proposals",
        "It may 5 times",
        "May I thank you",
        "IMT-2030",
        "the Connect 2030 Agenda",
        "by 2030 targets are meant",
        "a ten-year programme",
        "2,150 people from 169 countries",
        "70% of the 169 targets",
        "the 78th session",
        "on 31 June 2025",
        "version 2.0 and paragraph 2.10",
        "Recommendation ITU-T Y.2060",
        "march on, second to none",
        "pages 3-9",
        "at 24/7",
        "http://www.itu.int/2024/05/12",
        "+41 22 730 51 11",
        "+41 22 730 6039",
        "12/15",
        "1/2025",
        "page 3 of 12",
        "18.00-20.00",
        "20250622",
        "call 04-04-2020-11",
        "2024/13/45",
        "/docs/2024/05/12/annex",
        "week 27",
        "in Q3/17 experts met",
        "in the twenty-first century",
        "the twenty-first session of the Council",
    ],
)
def test_never_a_date(text: str) -> None:
    assert days(text) == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("not before 1 July 2026", "from"),
        ("not until 1 July 2026", "from"),
        ("by 12 February", "by"),
        ("no later than 31 March 2025", "by"),
        ("not later than Friday, 16 May 2025", "by"),
        ("until 30 June 2025", "by"),
        ("on or before 1 May 2025", "by"),
        ("before 1 March 2025", "by"),
        ("1 May 2025 at the latest", "by"),
        ("by midnight (Geneva time) on Thursday 17 April 2025", "by"),
        ("as from 1 January 2026", "from"),
        ("with effect from 1 January 2026", "from"),
        ("after 3 May 2025", "from"),
        ("no earlier than 1 June 2025", "from"),
        ("from 3 to 14 June 2025", "on"),
        ("on 3 June 2025", "on"),
    ],
)
def test_bounds(text: str, bound: str) -> None:
    assert only(text).bound == bound


@pytest.mark.parametrize(
    ("text", "time", "zone"),
    [
        ("13 June 2025, 17:00 Geneva time", "17:00", "Geneva time"),
        ("Monday, 3 March 2025, 0930–1230 hours (Geneva time)", "09:30", "Geneva time"),
        ("on 5 June 2025 at 5:30 p.m. EST", "17:30", "EST"),
        ("at 23:59 UTC on 14 February 2025", "23:59", "UTC"),
        ("on 3 March 2025 from 9.30 a.m. to 12.30 p.m.", "09:30", None),
        ("2025-03-03T14:00", "14:00", None),
    ],
)
def test_hours(text: str, time: str, zone: str | None) -> None:
    found = only(text)
    assert (found.time, found.timezone) == (time, zone)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("an annual dialogue", "P1Y"),
        ("meets every two years", "P2Y"),
        ("every other year", "P2Y"),
        ("a biennial conference", "P2Y"),
        ("a bi-annual review", "P2Y or P6M (ambiguous)"),
        ("twice a year", "P6M"),
        ("quarterly", "P3M"),
    ],
)
def test_recurrence(text: str, duration: str) -> None:
    found = only(text)
    assert (found.kind, found.recurrence, found.start) == ("recurrence", duration, None)


@pytest.mark.parametrize(
    ("text", "offset", "relation", "anchor"),
    [
        (
            "at least two months before the opening of the Conference",
            "P2M",
            "before",
            "the opening of the Conference",
        ),
        ("six weeks prior to the meeting", "P6W", "before", "the meeting"),
        ("within 12 months", "P12M", "within", None),
        ("within 30 days of its adoption", "P30D", "within", "its adoption"),
        ("within forty-five days of its receipt", "P45D", "within", "its receipt"),
        ("within one hundred and twenty days", "P120D", "within", None),
        ("within ninety (90) days", "P90D", "within", None),
        ("three years after the entry into force", "P3Y", "after", "the entry into force"),
    ],
)
def test_distances(text: str, offset: str, relation: str, anchor: str | None) -> None:
    found = only(text)
    assert (found.offset, found.relation, found.anchor, found.start) == (offset, relation, anchor, None)


def test_lists_of_separate_days_are_separate() -> None:
    assert days("on 8-12 July and 9-13 September 2024") == [
        ("2024-07-08", "2024-07-12"),
        ("2024-09-09", "2024-09-13"),
    ]


def test_months_with_respectively_are_two_dates_with_one_year() -> None:
    assert days("launched in March and April 2024 respectively") == [
        ("2024-03-01", "2024-03-31"),
        ("2024-04-01", "2024-04-30"),
    ]


def test_text_of_an_elliptical_day_includes_its_month() -> None:
    assert [e.text for e in find_dates("2 and 16 May 2024", reference=None)] == [
        "2 and 16 May 2024",
        "16 May 2024",
    ]


def test_the_year_comes_from_the_date_beside() -> None:
    text = "In December 2023 a roadmap was released, followed by the deadline of 8 March."
    found = find_dates(text, reference=date(2030, 1, 1))[1]
    assert (found.start, found.year_inferred) == (date(2024, 3, 8), True)


def test_the_year_comes_from_the_document_where_the_paragraph_has_none() -> None:
    assert only("The deadline is 8 March.").start == date(2025, 3, 8)


def test_the_weekday_decides_the_year() -> None:
    # 11 June was a Wednesday in 2025, and in no year beside it.
    assert only("Wednesday 11 June", reference=date(2024, 11, 1)).start == date(2025, 6, 11)


def test_upcoming_date_is_in_the_next_year() -> None:
    assert only("The Forum will be held on 5 May.", reference=date(2024, 10, 1)).start == date(2025, 5, 5)


def test_year_does_not_come_from_the_sentence_before() -> None:
    text = "The first Forum met in June 2019. Proposals for the next one are due on 5 May."
    assert find_dates(text, reference=date(2025, 2, 1))[-1].start == date(2025, 5, 5)


def test_past_date_is_not_in_the_next_year() -> None:
    assert only("The Forum took place on 5 November.", reference=date(2024, 6, 1)).start == date(2023, 11, 5)


def test_without_any_year_there_is_no_day() -> None:
    assert only("on 8 March", reference=None).start is None


def test_the_span_is_the_expression_without_its_preposition() -> None:
    text = "Inputs are due by 12 February 2024."
    found = only(text)
    assert text[slice(*found.span)] == found.text == "12 February 2024"


def test_spellings_of_one_range_are_the_same() -> None:
    first = find_dates("22–23 September 2024", reference=None)
    assert same_dates(first, find_dates("September 22 and 23, 2024", reference=None))


def test_different_days_are_not_the_same() -> None:
    first = find_dates("22–23 September 2024", reference=None)
    assert not same_dates(first, find_dates("22–24 September 2024", reference=None))


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "On 5 May 2024 the Forum met. ",
        "1, 2, 3 and 4 ",
        "May ",
        "1-",
        "within 3 ",
        "mid-early late the end of ",
        "early to mid- to late ",
        "the end of May to ",
        "twenty-second of ",
        "5 (a.m.) May (",
        "C-24/a-",
        "on 12/9, ",
        "1/2-3/4 and ",
        "2020-11-03/05 ",
        "the 12th and the ",
        "Mon 9, ",
        "next Friday of next week ",
        "June and July (end) ",
        "5 May, 10:00 – ",
    ],
)
def test_the_work_is_linear_in_the_length(piece: str) -> None:
    once = lines_run(lambda: find_dates(piece * 200, reference=WRITTEN))
    four_times = lines_run(lambda: find_dates(piece * 800, reference=WRITTEN))
    assert four_times <= 4.2 * once


def test_what_would_be_held_is_not_past() -> None:
    text = "It was agreed that the Forum would be held on 5 June."
    assert only(text, reference=date(2025, 2, 1)).start == date(2025, 6, 5)


def test_what_is_due_is_dated_from_the_day_of_writing() -> None:
    text = "The days of 9 to 13 November will be confirmed by 31 March."
    assert find_dates(text, reference=date(2025, 2, 1))[-1].start == date(2025, 3, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on 1 September last", date(2024, 9, 1)),
        ("on 3 January last", date(2025, 1, 3)),
        ("on 3 January next", date(2026, 1, 3)),
    ],
)
def test_last_or_next_behind_a_day(text: str, day: date) -> None:
    assert only(text, reference=date(2025, 2, 1)).start == day


def test_year_in_front_of_a_day() -> None:
    text = "Its session of 2027 is from 8 to 18 June 2027, its session of 2028 from 6 to 16 June."
    assert days(text)[-1] == ("2028-06-06", "2028-06-16")


def test_days_with_years_that_a_comma_divides_are_no_range() -> None:
    assert len(days("The term, which ends on 31 December 2026, until 31 December 2027")) == 2


def test_what_will_happen_is_not_in_the_year_of_what_did() -> None:
    text = "The course, which began in 2023, will resume on 14 April."
    assert find_dates(text, reference=date(2025, 2, 1))[-1].start == date(2025, 4, 14)
