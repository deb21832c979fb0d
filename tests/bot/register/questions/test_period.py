"""The days that a question speaks of."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.question import expand_shorthand
from bot.register.questions import Period, find_period
from tests.bot.register_entries import AS_OF


def days(text: str, as_of: date = AS_OF) -> tuple[str, str] | None:
    period, _ = find_period(expand_shorthand(text), as_of)
    return (str(period.start), str(period.end)) if period else None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("next 30 days", "2024-05-01", "2024-05-31"),
        ("nxt 2 wks pls", "2024-05-01", "2024-05-15"),
        ("within the next forty-eight hours", "2024-05-01", "2024-05-03"),
        ("in the next couple of weeks", "2024-05-01", "2024-05-15"),
        ("in the next month", "2024-05-01", "2024-06-01"),
        ("next month", "2024-06-01", "2024-06-30"),
        ("this week", "2024-04-29", "2024-05-05"),
        ("within two weeks", "2024-05-01", "2024-05-15"),
        ("over the coming weeks", "2024-05-01", "2024-05-22"),
        ("in the last 10 days", "2024-04-21", "2024-05-01"),
        ("3 weeks ago", "2024-04-08", "2024-04-14"),
        ("over the weekend", "2024-05-04", "2024-05-05"),
        ("in KW 47", "2024-11-18", "2024-11-24"),
        ("rest of May", "2024-05-01", "2024-05-31"),
        ("until eoy", "2024-05-01", "2024-12-31"),
        ("anything tmrw", "2024-05-02", "2024-05-02"),
        ("September 2024", "2024-09-01", "2024-09-30"),
        ("septmber, what is foreseen?", "2024-09-01", "2024-09-30"),
        ("in March", "2025-03-01", "2025-03-31"),
        ("Q3", "2024-07-01", "2024-09-30"),
        ("second half of july", "2024-07-16", "2024-07-31"),
        ("which deadlines fall in June?", "2024-06-01", "2024-06-30"),
        ("in the fall", "2024-09-01", "2024-11-30"),
        ("what's on in may?", "2024-05-01", "2024-05-31"),
        ("is may 12 ok", "2024-05-12", "2024-05-12"),
        ("anything on the 9th?", "2024-05-09", "2024-05-09"),
        ("friday?", "2024-05-03", "2024-05-03"),
        ("next tuesday", "2024-05-07", "2024-05-07"),
        ("on June 12th", "2024-06-12", "2024-06-12"),
        ("9-10 May 2024", "2024-05-09", "2024-05-10"),
        ("between May and July", "2024-05-01", "2024-07-31"),
        ("from 3 June to 15 July", "2024-06-03", "2024-07-15"),
        ("by Friday", "2024-05-01", "2024-05-03"),
        ("before 12 June", "2024-05-01", "2024-06-11"),
        ("after 5 June 2024", "2024-06-06", "None"),
        ("from June on", "2024-06-01", "None"),
        ("since April", "2024-04-01", "2024-05-01"),
        ("what happened in September", "2023-09-01", "2023-09-30"),
        ("anything on 20 April?", "2024-04-20", "2024-04-20"),
    ],
)
def test_period_of_a_text(text: str, start: str, end: str) -> None:
    assert days(text) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        "the 2030 Agenda",
        "A/RES/76/307",
        "Recommendation Y.2060",
        "what may happen",
        "May I still register?",
        "we march on",
        "on 31 February",
        "in the next 99999 years",
        "the 2nd AI summit",
        "",
    ],
)
def test_text_without_a_period(text: str) -> None:
    assert days(text) is None


def test_the_text_is_returned_without_the_words_of_the_period() -> None:
    assert find_period("which deadlines fall in June?", AS_OF)[1].split() == [
        "which",
        "deadlines",
        "fall",
        "?",
    ]


@pytest.mark.parametrize(
    ("period", "label"),
    [
        (Period(date(2025, 6, 2), date(2025, 6, 15)), "2–15 June 2025"),
        (Period(None, date(2025, 6, 15)), "until 15 June 2025"),
        (Period(date(2025, 6, 2), None), "from 2 June 2025 on"),
    ],
)
def test_a_period_is_named_by_its_days(period: Period, label: str) -> None:
    assert period.label == label


@given(st.text(max_size=120), st.dates())
def test_any_text_and_day_without_an_error(text: str, as_of: date) -> None:
    find_period(expand_shorthand(text), as_of)


WORDS = """next last in the 30 99999 days weeks month quarter May 2024 9999 before after by Friday 12 31 February
half of until since between and week weekend 47 9th rest ago tomorrow""".split()


@given(st.lists(st.sampled_from(WORDS), max_size=8), st.dates())
def test_any_mixture_of_words_without_an_error(words: list[str], as_of: date) -> None:
    find_period(expand_shorthand(" ".join(words)), as_of)


@pytest.mark.parametrize(
    ("as_of", "start", "end"),
    [
        (date(2027, 3, 15), "2028-02-01", "2028-02-29"),
        (date(2027, 12, 1), "2028-02-01", "2028-02-29"),
        (date(2028, 3, 15), "2029-02-01", "2029-02-28"),
        (date(2028, 12, 1), "2029-02-01", "2029-02-28"),
    ],
)
def test_february_ends_as_in_its_year(as_of: date, start: str, end: str) -> None:
    assert days("in February", as_of) == (start, end)
