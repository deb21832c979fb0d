"""A bot in its own process that knows nothing, so that its questions are passed on to the channel C9.

python -m tests.bot.slack.processes.expert_bot API_URL BOT_TOKEN APP_TOKEN DATABASE
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from bot.answering.answer import Answer
from tests.bot.slack.conftest import Assistant
from tests.bot.slack.processes.streaming_bot import run

EXPERTS = "C9"


class RefusingAssistant(Assistant):
    """Says of each question that the documents do not answer it."""

    def answer(self, question: str, **options: Any) -> Answer:
        return refusal(super().answer(question, **options))


def refusal(answer: Answer) -> Answer:
    """Return the reply that the documents do not answer the question, in place of an answer."""
    text = "The documents do not say that."
    return replace(answer, text=text, answered=False, reason="no evidence", citations=())


def main(api_url: str, bot_token: str, app_token: str, database: str) -> None:
    run(RefusingAssistant(), api_url, bot_token, app_token, database, experts_channel=EXPERTS)


if __name__ == "__main__":
    main(*sys.argv[1:])
