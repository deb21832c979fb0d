"""A bot in its own process, whose assistant says some sentences and then waits; with all of them it answers.

python -m tests.bot.slack.processes.streaming_bot API_URL BOT_TOKEN APP_TOKEN DATABASE SENTENCES
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from bot.slack.app import run_slack_bot
from bot.slack.core.options import Timing
from store.jobs import QuestionStore
from tests.bot.slack.conftest import channel_data
from tests.bot.slack.features.questions.streaming_assistant import SENTENCES, StreamingAssistant
from tests.bot.slack.options import slack_options


def main(api_url: str, bot_token: str, app_token: str, database: str, sentences: str) -> None:
    assistant = StreamingAssistant()
    if int(sentences) < len(SENTENCES):
        assistant.hold_after(int(sentences))
    run(assistant, api_url, bot_token, app_token, database)


def run(assistant: Any, api_url: str, bot_token: str, app_token: str, database: str, **options: Any) -> None:
    """Run a bot with an assistant; its leases run out after some seconds."""
    # Shorter leases run out while a busy machine starves the bot, and a job is given up at the second time. Renewed
    # more often, fifty jobs would leave a slow disk no time for anything else.
    timing = Timing(renew_every=0.5, lease_seconds=8.0, shutdown_patience=0.5)
    state = QuestionStore.open(database)
    tokens = {"slack_bot_token": bot_token, "slack_app_token": app_token}
    slack = slack_options(**tokens, slack_api_url=api_url, timing=timing, **options)
    asyncio.run(run_slack_bot(lambda _audience: assistant, state, lambda _audience: channel_data(), slack))


if __name__ == "__main__":
    main(*sys.argv[1:])
