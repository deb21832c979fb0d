"""Recorded replies of the small model to all marked questions, with the hard checks alone.

`tests/data/small_model_replies.jsonl` was recorded with `make evaluation-small-model`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.messages import BaseMessage

from bot.evaluation.measurement import Measurement
from bot.wiring import Services
from tests.bot.gold_runs import ask_questions, gold_questions, pattern_violations, with_model
from tests.bot.llm.fake_chat import FakeChat, Reply

pytestmark = pytest.mark.slow

_FILE = Path(__file__).parents[1] / "data" / "small_model_replies.jsonl"


@pytest.fixture(scope="module")
def services(report: Services) -> Services:
    rows = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines()]
    # The first one of several replies to a question.
    replies = {row["question"]: row["reply"] for row in reversed(rows)}

    class Replies(FakeChat):
        """Gives each question its recorded reply."""

        def next(self, messages: list[BaseMessage]) -> Reply:
            request = str(messages[1].content)
            return next((reply for question, reply in replies.items() if f": {question}\n" in request), "")

    return with_model(report, "replies:smollm2", Replies([]).make, judge="none")


@pytest.fixture(scope="module")
def measured(services: Services) -> Measurement:
    return ask_questions(services, gold_questions(), checked=False)


def test_no_delivered_sentence_has_an_unsupported_fact(services: Services, measured: Measurement) -> None:
    assert measured.counts["removed"] > 20, "the model invents facts"
    assert pattern_violations(services, measured.rows) == []
