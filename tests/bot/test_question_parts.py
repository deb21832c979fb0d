"""Questions of several parts, without a model: the bundled report, the real search."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.wiring import Services

DAY = date(2024, 5, 1)


def test_parts_of_a_question_are_answered_separately(report: Services) -> None:
    answer = report.assistant.answer("Where and when is SIDS4; what about the LLDC conference?", as_of=DAY)

    assert "27 to 30 May 2024" in answer.text
    assert "postponed" in answer.text
    assert {c.section for c in answer.citations} == {"3.1", "3.2"}


def test_unanswered_part_is_named(report: Services) -> None:
    question = "When is the Summit of the Future, and what is the price of a Starlink subscription?"
    answer = report.assistant.answer(question, as_of=DAY)

    assert "22-23 September 2024" in answer.text
    assert answer.to_json()["unanswered"] == ["what is the price of a Starlink subscription?"]
    assert len(re.findall(r"\[\d+\]", answer.text)) == len(answer.citations)


def test_question_about_time_is_not_split(report: Services) -> None:
    whole = report.assistant.answer("What is due this month?", as_of=DAY)
    answer = report.assistant.answer("What is due this month, and what comes after?", as_of=DAY)

    assert answer.text == whole.text


@pytest.mark.parametrize(
    ("question", "stated", "unanswered"),
    [
        (
            "Who chairs the Summit of the Future and when is it?",
            "22–23 September 2024",
            "Who chairs the Summit of the Future",
        ),
        ("Who chairs SIDS4 and where is it?", "Antigua and Barbuda", "Who chairs SIDS4"),
    ],
)
def test_date_or_place_is_given_though_the_other_part_has_no_answer(
    report: Services, question: str, stated: str, unanswered: str
) -> None:
    answer = report.assistant.answer(question, as_of=DAY)

    assert stated in answer.text
    assert answer.unanswered == (unanswered,)


@pytest.mark.parametrize("event", ["SIDS4", "the conference on landlocked countries"])
def test_number_of_another_thing_is_no_answer_about_it(report: Services, event: str) -> None:
    # The compilation of the Pact's Zero Draft has 242 pages.
    answer = report.assistant.answer(f"When is {event}, and how many pages does it have?", as_of=DAY)

    assert answer.answered
    assert answer.unanswered == ("how many pages does it have?",)


def test_part_about_the_thing_of_the_part_before_is_answered(report: Services) -> None:
    question = "When did the Joint SDG Fund start, and how many grants did it award?"
    answer = report.assistant.answer(question, as_of=DAY)

    assert "23 grants" in answer.text
