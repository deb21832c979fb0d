from __future__ import annotations

import pytest

from bot.question import ContextualQuestion, Turn, contextualize
from store.terms import stem

RARE = {stem(w) for w in "sids4 theme grants fund compact sweden zambia lldcs guy ryder retreat".split()}


def asked(*turns: str) -> ContextualQuestion:
    history = [Turn("user", text) for text in turns[:-1]]
    return contextualize(turns[-1], history, RARE.__contains__)


@pytest.mark.parametrize(
    "turn",
    [
        "and where is it?",
        "what about the LLDCs?",
        "who runs it?",
        "where?",
        "who are the other two?",
        "what's his job?",
    ],
)
def test_a_turn_that_points_back_goes_on_from_the_question_before(turn: str) -> None:
    assert asked("When does SIDS4 start?", turn) == ContextualQuestion(turn, "When does SIDS4 start?")


@pytest.mark.parametrize(
    "turn",
    [
        "Who spoke at the retreat, Guy Ryder?",
        "How many grants did the fund award?",
        "is there a compact with Sweden and Zambia?",
        "x",
    ],
)
def test_a_turn_with_a_topic_of_its_own_stands_alone(turn: str) -> None:
    assert asked("When does SIDS4 start?", turn) == ContextualQuestion(turn)


def test_a_third_turn_keeps_the_topic_of_the_first() -> None:
    assert (
        asked("When does SIDS4 start?", "where?", "and who pays for it?").context == "When does SIDS4 start?"
    )


def test_what_was_answered_is_no_question() -> None:
    history = [Turn("user", "When does SIDS4 start?"), Turn("assistant", "The fund gives grants.")]
    assert contextualize("where?", history, RARE.__contains__).context == "When does SIDS4 start?"


def test_the_first_question_stands_alone() -> None:
    assert asked("and where is it?") == ContextualQuestion("and where is it?")


def test_the_stand_alone_question_shows_what_it_goes_on_from() -> None:
    assert ContextualQuestion("where?", "When is SIDS4?").text == "where? (When is SIDS4?)"
