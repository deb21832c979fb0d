"""Whether a message asks the assistant: the prompt, and what is read of the reply."""

from __future__ import annotations

import pytest

from bot.answering.question import Turn
from bot.models.addressee import AddresseeJudge
from tests.bot.models.fake_chat import FakeChat
from tests.recordings import records

BEFORE = [Turn("user", "When is the Summit?"), Turn("assistant", "On 22-23 September 2024. [1]")]


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        ("yes", True),
        ("Yes.", True),
        ("**yes**", True),
        ("no", False),
        ("yes and no", False),
        ("maybe", False),
        ("The message asks a colleague, not yes", False),
        ("", False),
    ],
)
def test_only_a_plain_yes_is_one(reply: str, asked: bool) -> None:
    judge = AddresseeJudge(FakeChat([reply or " "]).model())

    assert judge.asks_assistant("and where is it?", BEFORE) is asked


def test_capable_model_replies_to_no_colleague_and_to_nearly_all_questions() -> None:
    cases = records("addressees.jsonl")
    judge = AddresseeJudge(FakeChat([case["reply"] for case in cases]).model())
    decided = [
        judge.asks_assistant(case["message"], [Turn(*turn) for turn in case["before"]]) for case in cases
    ]
    marked = [case["asks_assistant"] for case in cases]

    assert [
        case["message"] for case, yes, asked in zip(cases, decided, marked, strict=True) if yes > asked
    ] == []
    assert sum(decided) == 23
