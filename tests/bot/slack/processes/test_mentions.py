"""Fifty mentions at once, while Slack stumbles, the connection is cut and the bot is killed: one answer each."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.jobs import QuestionStore
from tests.bot.slack.features.questions.streaming_assistant import SENTENCES, StreamingAssistant, is_whole
from tests.bot.slack.processes.bot_process import PATIENCE, small_bot
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, until_stored

FAULTS = [Fault("429", retry_after=0), Fault("500"), Fault("500", done=True)]
METHODS = (
    "agents.sessions.setStatus",
    "chat.appendStream",
    "chat.delete",
    "chat.postMessage",
    "chat.startStream",
    "chat.stopStream",
    "chat.update",
    "conversations.info",
    "conversations.replies",
    "users.info",
)
MENTIONS, CHANNELS = 50, 10


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_each_of_fifty_mentions_is_answered_once_in_its_thread(
    slack: FakeSlack, tmp_path: Path
) -> None:
    assistant = StreamingAssistant()
    for method in METHODS:
        slack.stumble(method, FAULTS, every=3)

    def answers(count: int) -> bool:
        replies = [slack.replies(channel, ts) for channel, ts in asked]
        return sum(any(is_whole(one, assistant) for one in found) for found in replies) >= count

    database, sentences = f"sqlite:///{tmp_path / 'mentions.db'}", str(len(SENTENCES))
    places = [f"C{number % CHANNELS}" for number in range(MENTIONS)]
    asked: list[tuple[str, str]] = []
    async with small_bot(slack, "streaming_bot", database, sentences):
        await slack.until(lambda: slack.connections() == 1, PATIENCE)
        for channel in places:
            message = slack.say(channel, f"<@{slack.bot_user}> When?")
            asked.append((channel, message["ts"]))
            slack.send({**message, "type": "app_mention", "channel": channel})
        await slack.until(lambda: answers(5), PATIENCE)
        await slack.cut_connections()
        await slack.until(lambda: answers(15), PATIENCE)
    async with small_bot(slack, "streaming_bot", database, sentences):
        await slack.until(lambda: answers(MENTIONS), PATIENCE)
        await until_stored(lambda: open_jobs(QuestionStore.open(database)) == 0, PATIENCE)
    assert [len(slack.replies(*place)) for place in asked] == [1] * MENTIONS
