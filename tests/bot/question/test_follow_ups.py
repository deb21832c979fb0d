from __future__ import annotations

import pytest

from bot.question import Question, Turn, contextualize, understand
from store.terms import stem

RARE = {stem(w) for w in "sids4 theme grants fund compact sweden zambia lldcs guy ryder retreat".split()}


def asked(*turns: str) -> Question:
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
def test_turn_that_refers_back_gets_the_context(turn: str) -> None:
    assert asked("When does SIDS4 start?", turn) == understand(turn, "When does SIDS4 start?")


@pytest.mark.parametrize(
    "turn",
    [
        "Who spoke at the retreat, Guy Ryder?",
        "How many grants did the fund award?",
        "is there a compact with Sweden and Zambia?",
        "x",
    ],
)
def test_turn_with_its_own_topic_has_no_context(turn: str) -> None:
    assert asked("When does SIDS4 start?", turn) == understand(turn)


def test_third_turn_keeps_the_topic_of_the_first() -> None:
    assert (
        asked("When does SIDS4 start?", "where?", "and who pays for it?").context == "When does SIDS4 start?"
    )


def test_answers_are_no_context() -> None:
    history = [Turn("user", "When does SIDS4 start?"), Turn("assistant", "The fund gives grants.")]
    assert contextualize("where?", history, RARE.__contains__).context == "When does SIDS4 start?"


def test_first_question_has_no_context() -> None:
    assert asked("and where is it?") == understand("and where is it?")


def test_text_shows_the_context() -> None:
    assert understand("where?", "When is SIDS4?").text == "where? (When is SIDS4?)"
