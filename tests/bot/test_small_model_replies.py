"""What the small model said to all the marked questions, said again: fast, on every machine, the same each time.

`tests/data/small_model_replies.jsonl` was recorded with `make evaluation-small-model`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation import Measurement
from bot.wiring import Services
from tests.bot.llm.fake_chat import Chunk
from tests.bot.gold_runs import asked, gold_questions, second_opinion, with_model

_FILE = Path(__file__).parents[1] / "data" / "small_model_replies.jsonl"


@dataclass
class Replies:
    """A chat model that says to each question what was said to it before."""

    said: dict[str, str]

    def make(self, name: str, **options: Any) -> Replies:
        return self

    def stream(self, messages: list[tuple[str, str]]) -> Iterator[Chunk]:
        yield Chunk(
            next((said for question, said in self.said.items() if f": {question}\n" in messages[1][1]), "")
        )


@pytest.fixture(scope="module")
def services(report: Services) -> Services:
    rows = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines()]
    # Of several replies to a question the first one.
    replies = Replies({row["question"]: row["reply"] for row in reversed(rows)})
    return with_model(report, "replies:smollm2", replies.make)


@pytest.fixture(scope="module")
def measured(services: Services) -> Measurement:
    return asked(services, gold_questions(), judged=False)


def test_nothing_unsupported_is_delivered(services: Services, measured: Measurement) -> None:
    assert measured.counts["removed"] > 20, "the model makes things up"
    assert second_opinion(services, measured.rows) == []


def test_the_evidence_decides_about_refusals(measured: Measurement) -> None:
    assert measured.metrics["refusal_precision"] >= 0.8
    assert measured.metrics["refusal_recall"] >= 0.8


def test_answers_are_about_as_good_as_without_a_model(report: Services, measured: Measurement) -> None:
    answerable = [gold for gold in gold_questions() if gold.answerable]
    without = asked(report, answerable, judged=False)
    assert measured.metrics["answer_accuracy"] >= without.metrics["answer_accuracy"] - 0.05
