"""Questions about the report in other languages than English: what is found for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.evaluation.questions import read_questions
from bot.question.lexicon import other_languages
from bot.wiring import Services
from tests.bot.gold_runs import ask_questions

QUESTIONS = Path(__file__).parents[1] / "data" / "languages"
# In English it is .99.
LEAST_RECALL = 0.86


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(other_languages()))
def test_gold_sections_are_among_the_first_five(report: Services, language: str) -> None:
    questions = read_questions(QUESTIONS / f"questions_gold.{language}.jsonl")

    assert ask_questions(report, questions).metrics["recall@5"] >= LEAST_RECALL
