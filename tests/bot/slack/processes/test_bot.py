"""The bot as its users run it: a process of its own, the bundled report, Slack on the other side."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests import loaded
from tests.bot.slack.processes.bot_process import (
    PATIENCE,
    logged,
    serving,
)
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as every:
        yield every


async def reply(slack: FakeSlack, channel: str, thread: str = "", number: int = 1) -> Message:
    await slack.until(lambda: len(slack.replies(channel, thread)) >= number, PATIENCE)
    return slack.replies(channel, thread)[number - 1]


async def connected(slack: FakeSlack, times: int = 1) -> None:
    await slack.until(lambda: slack.connections() >= times, PATIENCE)


def words(message: Message) -> str:
    return str(message["blocks"])


async def test_conversation_with_the_report(
    slack: FakeSlack, environment: dict[str, str], stack: AsyncExitStack
) -> None:
    """One process serves the whole walk: starting one a case would load the model ten times."""
    process = await stack.enter_async_context(serving(environment, module="tests.loaded"))
    await connected(slack)

    # Commands, while the model is still loading.
    deadlines = await slack.command("dates 30d")
    question = await slack.command("When is the Summit of the Future?")
    assert max(each.seconds or 9.0 for each in (deadlines, question)) < 3
    assert "Newest document: 29 April 2024" in words(await slack.response(deadlines))
    await slack.response(question, seconds=PATIENCE)
    assert "§ 2.2" in words(slack.replies("D1")[0])

    # A mention; the same event again, and once as a plain message.
    message = slack.say("C1", f"<@{slack.bot_user}> On which days is the Summit of the Future?")
    mention = {**message, "type": "app_mention", "channel": "C1"}
    first = await slack.deliver(mention, "Ev-1")
    await slack.deliver(mention, "Ev-1")
    await slack.deliver({**message, "channel": "C1", "channel_type": "channel"})
    answer = await reply(slack, "C1", message["ts"])
    assert first.seconds is not None
    assert first.seconds < 3
    assert "22-23 September 2024" in words(answer).replace("–", "-")
    assert "§ 2.2" in words(answer)

    # A follow-up in its thread, posted through a rate limit.
    slack.faults["chat.postMessage"] = [Fault("429", retry_after=1)]
    await slack.mention("C1", "and who co-facilitates it?", thread=message["ts"])
    assert "Germany and Namibia" in words(await reply(slack, "C1", message["ts"], 2))

    # A direct message after the connection was cut.
    await slack.cut_connections()
    await slack.direct("When is the Summit of the Future?")
    assert "September 2024" in words(await reply(slack, "D1", number=2))
    assert (len(slack.replies("C1", message["ts"])), len(slack.replies("D1"))) == (2, 2)

    # Told to stop, it ends well, and has loaded no torch.
    process.send_signal(signal.SIGTERM)
    assert await logged(process, loaded.SAYS) == f"{loaded.NONE}\n"
    assert await process.wait() == 0
