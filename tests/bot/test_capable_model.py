"""What the program makes of a capable model's answers to the marked questions, all the way from model to answer."""

from __future__ import annotations

import pytest

from bot.evaluation import Measurement
from bot.wiring import Services
from tests.bot.capable import CapableChat
from tests.bot.gold_runs import asked, gold_questions, with_model


@pytest.fixture(scope="module")
def capable(report: Services) -> Measurement:
    questions = gold_questions()
    return asked(with_model(report, "scripted:capable", CapableChat(questions).make), questions)


def test_nearly_every_delivered_sentence_is_the_models(capable: Measurement) -> None:
    assert capable.metrics["model_share"] >= 0.9


def test_what_a_capable_model_does_not_find_is_refused(capable: Measurement) -> None:
    assert capable.metrics["refusal_recall"] >= 0.9


def test_what_it_finds_is_not_refused(capable: Measurement) -> None:
    assert capable.metrics["refusal_precision"] >= 0.9


def test_its_answers_hold_what_they_must(capable: Measurement) -> None:
    assert capable.metrics["answer_accuracy"] >= 0.9


def test_its_tokens_are_counted(capable: Measurement) -> None:
    assert capable.tokens["input"] > capable.tokens["output"] > 0
