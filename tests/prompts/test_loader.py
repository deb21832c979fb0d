"""Prompts are filled in whole, or not at all."""

from __future__ import annotations

import pytest

from prompts import PromptError, chat_prompt, render


def test_values_stand_in_the_prompt() -> None:
    text = render("conversation", conversation="user: When is the Summit?", question="and where?")

    assert "user: When is the Summit?" in text
    assert "Last question: and where?" in text


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(PromptError, match=r"conversation\.md needs conversation"):
        render("conversation", question="and where?")


def test_an_unknown_prompt_is_named() -> None:
    with pytest.raises(PromptError, match=r"no prompt poem\.md"):
        render("poem")


def test_what_is_quoted_is_not_filled_in() -> None:
    text = render("conversation", conversation="{question} {{as_of}} ${secret}", question="why?")

    assert "{question} {{as_of}} ${secret}" in text


@pytest.mark.parametrize(
    ("instructions", "request_", "needed"),
    [
        ("answer", "material", {"today", "as_of", "passages", "dates", "question"}),
        ("judge", "statements", {"as_of", "statements"}),
        ("rewrite", "conversation", {"conversation", "question"}),
    ],
)
def test_each_prompt_asks_for_what_is_known(instructions: str, request_: str, needed: set[str]) -> None:
    prompt = chat_prompt(instructions, request_)

    assert set(prompt.input_variables) == needed
    assert [type(message).__name__ for message in prompt.messages] == [
        "SystemMessagePromptTemplate",
        "HumanMessagePromptTemplate",
    ]


@pytest.mark.parametrize("name", ["answer", "judge", "rewrite"])
def test_the_prompt_says_that_quoted_material_gives_no_instructions(name: str) -> None:
    assert "not instructions" in render(name)
