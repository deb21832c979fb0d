"""An assistant that knows nothing, so that its questions are passed on to the channel C9."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.answering.answer import Answer
from tests.bot.slack.conftest import Assistant

EXPERTS = "C9"


class RefusingAssistant(Assistant):
    """Says of each question that the documents do not answer it."""

    def answer(self, question: str, **options: Any) -> Answer:
        return refusal(super().answer(question, **options))


def refusal(answer: Answer) -> Answer:
    """Return the reply that the documents do not answer the question, in place of an answer."""
    text = "The documents do not say that."
    return replace(answer, text=text, answered=False, reason="no evidence", citations=())
