"""Questions of several parts are split; others are not."""

from __future__ import annotations

import pytest

from bot.answers.composing import split_question, split_text
from bot.question import understand


def _parts(question: str, context: str = "") -> list[str]:
    # Names are what is rare.
    return [
        p.text for p in split_question(understand(question, context), lambda term: term in ("sids4", "lldc"))
    ]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("When is SIDS4, and who spoke at the Council?", ["When is SIDS4", "and who spoke at the Council?"]),
        ("When is SIDS4? Who leads the talks?", ["When is SIDS4", "Who leads the talks?"]),
        ("When is SIDS4; what did ITU say there?", ["When is SIDS4", "what did ITU say there?"]),
        ("When is SIDS4 and what about the LLDC one?", ["When is SIDS4", "and what about the LLDC one?"]),
        ("Tell me when SIDS4 is and where the forum is", None),
        ("When is SIDS4, and is the forum still on?", ["When is SIDS4", "and is the forum still on?"]),
        ("Who chairs SIDS4 and when is it?", ["Who chairs SIDS4", "and when is it?"]),
        ("Where and when is SIDS4?", None),
        ("Who and what is EQUALS?", None),
        ("When is SIDS4 and where is it?", None),
        ("When does SIDS4 start and when does it end?", None),
        ("Did the SG speak in New York, and on which day?", None),
        ("In what currency was the first round, and how much?", None),
        ("What did ITU say about research and development?", None),
        ("Who co-facilitates the Compact and the Summit?", None),
        ("What has ITU said about AI and how it affects jobs?", None),
        ("When was the forum, which ended in May, announced?", None),
        ("When is SIDS4? Thanks!", None),
        ("Hello! When is SIDS4?", None),
    ],
)
def test_question_is_split_into_parts(question: str, parts: list[str] | None) -> None:
    assert split_text(question) == (parts or [question])


def test_question_has_at_most_three_parts() -> None:
    assert (
        len(split_text("When is SIDS4? Who leads the talks? Who spoke at CSW68? What did ITU say on AI?"))
        == 3
    )


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("When is SIDS4, and who leads the preparation?", "who leads the preparation? (When is SIDS4)"),
        ("When is SIDS4? Who leads its secretariat?", "Who leads its secretariat? (When is SIDS4)"),
        ("When is SIDS4, and who spoke at the LLDC talks?", "who spoke at the LLDC talks?"),
        (
            "Where and when is SIDS4; what about the LLDC conference?",
            "where and when is the LLDC conference?",
        ),
    ],
)
def test_part_gets_the_context_of_the_part_before(question: str, second: str) -> None:
    assert _parts(question)[1] == second


def test_part_that_names_nothing_is_about_the_part_before() -> None:
    # Words that no document has count as rare, and so as a topic.
    asked = understand("When is SIDS4, and how many pages does it have?")
    parts = split_question(asked, lambda term: True)
    assert parts[1] == understand("how many pages does it have?", "When is SIDS4")


def test_first_part_gets_the_context_of_the_conversation() -> None:
    assert _parts("when is it, and who leads the LLDC talks?", "What is SIDS4?") == [
        "when is it, and who leads the LLDC talks? (What is SIDS4?)"
    ]
    assert _parts("when did it start, and who leads the LLDC talks?", "What is SIDS4?")[0] == (
        "when did it start (What is SIDS4?)"
    )
