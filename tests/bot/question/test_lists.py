"""Questions in other languages that ask for a list of dates, without a language model: those alone, and not others.

Half of the questions were looked at while the packs got their words, the other half once.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.assistant import list_query
from bot.question.lexicon import other_languages
from bot.register.questions import EntrySearch
from tests.bot.register_entries import spring

QUESTIONS = Path(__file__).parents[2] / "data" / "languages"
ROWS = [json.loads(line) for line in (QUESTIONS / "list_questions.jsonl").read_text("utf-8").splitlines()]
AS_OF = date(2024, 5, 1)
SEARCH = EntrySearch(spring())


def taken(question: str, language: str) -> bool:
    return list_query(question, language, AS_OF, lambda: SEARCH, lambda _word: True) is not None


@pytest.mark.parametrize("language", sorted(other_languages()))
def test_most_questions_for_a_list_are_understood(language: str) -> None:
    asked = [row["question"] for row in ROWS if row["language"] == language and row["kind"] == "list"]
    assert sum(taken(question, language) for question in asked) >= 0.5 * len(asked)


@pytest.mark.parametrize("language", sorted(other_languages()))
def test_no_other_question_is_taken_for_one(language: str) -> None:
    others = [row["question"] for row in ROWS if row["language"] == language and row["kind"] == "other"]
    for kind in ("gold", "heldout"):
        lines = (QUESTIONS / f"questions_{kind}.{language}.jsonl").read_text("utf-8").splitlines()
        others += [json.loads(line)["question"] for line in lines]
    assert [question for question in others if taken(question, language)] == []
