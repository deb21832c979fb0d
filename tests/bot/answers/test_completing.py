"""Questions for several kinds of answer: each kind is answered, or named as unanswered."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answers import Answer
from bot.wiring import Services


def ask(report: Services, question: str) -> Answer:
    return report.assistant.answer(question, as_of=date(2024, 5, 1))


@pytest.mark.parametrize(
    ("question", "stated", "unanswered"),
    [
        ("When is the Summit of the Future, and where?", "22–23 September 2024", "where"),
        ("Where and when is the Global DPI Summit?", "Global DPI Summit: 2024", "Where"),
        ("Is the Summit of the Future still on? Where will it be?", "22–23 September 2024", "Where"),
        ("How many grants were awarded in the first round, and why?", "23 grants", "why"),
        ("When is the High-Level WSIS Forum, and how do I register?", "May 2024", "how do I register?"),
        ("When is the High-Level WSIS Forum, and how to register?", "May 2024", "how to register?"),
    ],
)
def test_kind_that_no_document_states_is_named(
    report: Services, question: str, stated: str, unanswered: str
) -> None:
    answer = ask(report, question)
    assert stated in answer.text
    assert answer.unanswered == (unanswered,)


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("When and where is SIDS4?", ("27 to 30 May 2024", "Antigua and Barbuda")),
        ("Is SIDS4 still on, and where?", ("27–30 May 2024", "Antigua and Barbuda")),
        ("When was the AI Advisory Body announced, and why?", ("23 October 2023", "to advise on risks")),
    ],
)
def test_kinds_that_the_documents_state_are_all_answered(
    report: Services, question: str, stated: tuple[str, ...]
) -> None:
    answer = ask(report, question)
    assert all(words in answer.text for words in stated)
    assert answer.unanswered == ()


def test_day_of_another_event_is_not_that_of_the_event_named(report: Services) -> None:
    # The Ministerial for the Summit of the Future took place on 21 September 2023 in New York.
    assert "21 September 2023" not in ask(report, "When and where is the Summit of the Future?").text


def test_event_that_was_moved_is_not_confirmed_on_its_former_day(report: Services) -> None:
    answer = ask(report, "booking flights to Kigali for the landlocked conference, it's 18 June right?")
    assert "postponed" in answer.text


def test_question_whose_kinds_are_all_unanswered_is_refused(report: Services) -> None:
    answer = ask(report, "When and where is the Starlink fan meeting?")
    assert (answer.answered, answer.unanswered) == (False, ())


def test_list_of_a_period_needs_no_place(report: Services) -> None:
    assert ask(report, "What is on in September 2024, when and where?").unanswered == ()


def test_place_in_a_sentence_about_another_event_is_not_that_of_the_event_named(report: Services) -> None:
    # COP28 in Dubai brought together partners of the United Nations and civil society.
    assert "Dubai" not in ask(report, "Where is the UN Civil Society Conference?").text


def test_place_of_the_people_who_prepare_an_event_is_not_that_of_the_event(report: Services) -> None:
    assert not ask(report, "Where is the Summit of the Future?").answered
