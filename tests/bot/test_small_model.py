"""A small language model, which invents facts: none of them is delivered.

The tests ask a sample of the marked questions; `make evaluation-small-model` asks all of them.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from bot.answers import Answer
from bot.evaluation.measurement import Measurement
from bot.evaluation.questions import delivered_sentences
from bot.llm import ReplyLimits
from bot.wiring import Services
from tests import small_model
from tests.bot.gold_runs import ask_questions, gold_questions, pattern_violations, with_model

pytestmark = [pytest.mark.system, pytest.mark.timeout(1500)]

# The same every time, and few: each takes half a minute on an idle core, and a minute or two beside other tests.
# test_small_model_replies.py has recorded replies to all questions.
_SEED = 2024
_ASKED = 3
_LIMITS = ReplyLimits(total=300.0, attempt=300.0, stall=300.0, characters=1500)


@pytest.fixture(scope="module")
def services(report: Services) -> Iterator[Services]:
    """The program with the small model; without its packages the tests are skipped, and fail under CI."""
    if not small_model.is_there():
        if os.environ.get("CI"):
            pytest.fail(small_model.MISSING)
        pytest.skip(small_model.MISSING)
    with small_model.served() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", url)
        patch.setenv("OPENAI_API_KEY", "none")
        yield with_model(report, small_model.NAME, limits=_LIMITS)


@pytest.fixture(scope="module")
def measured(services: Services) -> Measurement:
    return ask_questions(services, random.Random(_SEED).sample(gold_questions(), _ASKED))  # noqa: S311


def test_model_wrote_sentences(measured: Measurement) -> None:
    assert measured.tokens["output"] > 0


def test_nothing_unsupported_is_delivered(services: Services, measured: Measurement) -> None:
    assert pattern_violations(services, measured.rows) == []


def test_replacements_alone_are_no_answer(measured: Measurement) -> None:
    answered = [row.answer for row in measured.rows if row.answer.answered]
    assert [a.text for a in answered if a.judged is not None and not any(s for s in _own(a))] == []


def _own(answer: Answer) -> list[str]:
    """Return the delivered sentences of an answer that are the model's own."""
    replaced = {removed.replaced_by for removed in answer.removed}
    return [text for text, _ in delivered_sentences(answer.text) if text not in replaced]
