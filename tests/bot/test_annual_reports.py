"""Three annual reports that differ: the newest statement comes first, the replaced one is named, both are cited."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.answers import Answer
from bot.evaluation.measurement import normalized
from bot.settings import Settings
from bot.wiring import build

pytestmark = pytest.mark.slow
DATA = Path(__file__).parent.parent / "data"
AS_OF = date(2026, 5, 1)
QUESTIONS = [
    json.loads(line) for line in (DATA / "annual_questions.jsonl").read_text("utf-8").splitlines() if line
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    services = build(Settings(data_dir=tmp_path_factory.mktemp("annual"), _env_file=None))
    services.shared.ingest([DATA / "annual"], export=False)
    asked = [question["question"] for question in QUESTIONS]
    return {question: services.assistant.answer(question, as_of=AS_OF) for question in asked}


def cites(answer: Answer, statement: dict[str, Any]) -> bool:
    """Whether the answer cites the paragraph of a statement, and says it there or in its own words."""
    return any(
        citation.source == statement["source"]
        and citation.section == statement["section"]
        and all(
            normalized(value) in normalized(f"{answer.text} {citation.quote}") for value in statement["must"]
        )
        for citation in answer.citations
    )


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked["question"])
def test_newest_statement_and_the_replaced_one_are_cited(
    answers: dict[str, Answer], asked: dict[str, Any]
) -> None:
    answer = answers[asked["question"]]
    newest = asked["newest"]
    assert all(normalized(value) in normalized(answer.text) for value in newest["must"]), answer.text
    assert cites(answer, newest)
    assert not asked["differs"] or any(cites(answer, older) for older in asked["older"]), answer.text


def test_newest_statement_comes_before_the_replaced_one(answers: dict[str, Answer]) -> None:
    for asked in QUESTIONS:
        first = answers[asked["question"]].citations[0]
        assert first.source == asked["newest"]["source"], asked["question"]
