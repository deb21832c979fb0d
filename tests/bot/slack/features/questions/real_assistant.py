"""The program's own assistant, where the tests of Slack otherwise have one of their own."""

from __future__ import annotations

from typing import Any

from bot.answering.answer import Answer
from bot.answering.path import Assistant as Real
from tests.bot.gold_runs import AS_OF
from tests.bot.slack.conftest import Assistant


class RealAssistant(Assistant):
    """Answers as the real one does, as of the day of the marked questions."""

    def __init__(self, real: Real) -> None:
        super().__init__()
        self._real = real

    def warm_up(self) -> None:
        self._real.warm_up()

    def answer(self, question: str, **options: Any) -> Answer:
        return self._real.answer(question, **options | {"as_of": AS_OF})
