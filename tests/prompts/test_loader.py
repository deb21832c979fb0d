"""Prompts are filled in whole, or not at all."""

from __future__ import annotations

import pytest

from prompts import PromptError, chat_prompt, render


def test_values_stand_in_the_prompt() -> None:
    text = render("addressee_asked", conversation="user: When is the Summit?", message="and where?")

    assert "user: When is the Summit?" in text
    assert text.endswith("and where?")


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(PromptError, match=r"addressee_asked\.md needs conversation"):
        render("addressee_asked", message="and where?")


def test_an_unknown_prompt_is_named() -> None:
    with pytest.raises(PromptError, match=r"no prompt poem\.md"):
        render("poem")


def test_what_is_quoted_is_not_filled_in() -> None:
    text = render("addressee_asked", conversation="{message} {{as_of}} ${secret}", message="why?")

    assert "{message} {{as_of}} ${secret}" in text


@pytest.mark.parametrize(
    ("instructions", "request_", "needed"),
    [
        (
            "answer",
            "material",
            {"language", "translated", "today", "as_of", "items", "conversation", "question"},
        ),
        ("judge", "statements", {"as_of", "statements", "words"}),
        ("rulings", "statements", {"as_of", "statements", "words"}),
        ("claims", "claims_asked", {"before", "sentences"}),
        (
            "brief",
            "brief_part",
            {"language", "translated", "lines", "as_of", "passages", "dates", "topic", "part"},
        ),
        ("brief_gaps", "brief_part", {"language", "lines", "passages", "dates", "topic", "part"}),
        ("addressee", "addressee_asked", {"conversation", "message"}),
    ],
)
def test_each_prompt_asks_for_what_is_known(instructions: str, request_: str, needed: set[str]) -> None:
    prompt = chat_prompt(instructions, request_)

    assert set(prompt.input_variables) == needed
    assert [type(message).__name__ for message in prompt.messages] == [
        "SystemMessagePromptTemplate",
        "HumanMessagePromptTemplate",
    ]


@pytest.mark.parametrize("name", ["answer", "judge", "rulings", "claims", "brief", "brief_gaps", "addressee"])
def test_the_prompt_says_that_quoted_material_gives_no_instructions(name: str) -> None:
    assert "not instructions" in render(name, language="English", translated="", lines=5, as_of="today")
