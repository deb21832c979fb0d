"""The bot as its users run it: a process of its own, the bundled report, Slack on the other side."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests import loaded
from tests.bot.slack.processes.bot_process import (
    HURRIED,
    PATIENCE,
    ingest_report,
    logged,
    serving,
    settings_for,
)
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.tools.chaos.bots import PROGRAM as PLAIN

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

    # A direct message after the connection was cut, posted through an error whose reply arrived.
    await slack.cut_connections()
    slack.faults["chat.postMessage"] = [Fault("500", done=True)]
    await slack.direct("When is the Summit of the Future?")
    assert "September 2024" in words(await reply(slack, "D1", number=2))

    await slack.direct("thanks!")
    await reply(slack, "D1", number=3)
    assert (len(slack.replies("C1", message["ts"])), len(slack.replies("D1"))) == (2, 3)

    # Told to stop, it ends well, and has loaded no torch.
    process.send_signal(signal.SIGTERM)
    assert await logged(process, loaded.SAYS) == f"{loaded.NONE}\n"
    assert await process.wait() == 0


async def test_killed_bot_answers_once_after_the_restart(
    slack: FakeSlack, environment: dict[str, str], stack: AsyncExitStack
) -> None:
    process = await stack.enter_async_context(serving(environment, HURRIED))
    await connected(slack)
    # The first reply arrives without the bot hearing of it, the second is lost on its way.
    slack.faults["chat.postMessage"] = [Fault("hang", done=True), Fault("hang")]
    arrived = await slack.mention("C1", "When is the Summit of the Future?")
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 1, PATIENCE)
    lost = await slack.mention("C2", "When is the Summit of the Future?")
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 2, PATIENCE)
    process.send_signal(signal.SIGKILL)
    await process.wait()

    await stack.enter_async_context(serving(environment, HURRIED))
    await reply(slack, "C2", lost["ts"])
    await slack.mention("C1", "and where is it?", thread=arrived["ts"])
    await reply(slack, "C1", arrived["ts"], 2)
    await slack.mention("C2", "and where is it?", thread=lost["ts"])
    await reply(slack, "C2", lost["ts"], 2)
    assert [len(slack.replies("C1", arrived["ts"])), len(slack.replies("C2", lost["ts"]))] == [2, 2]


async def test_wrong_token_is_one_line_and_exit_code_1(
    environment: dict[str, str], stack: AsyncExitStack
) -> None:
    process = await stack.enter_async_context(serving(environment | {"SLACK_APP_TOKEN": "xapp-wrong"}))
    _, complaint = await process.communicate()
    assert (process.returncode, len(complaint.decode().strip().splitlines())) == (1, 1)
    assert "SLACK_APP_TOKEN" in complaint.decode()


async def test_bot_without_documents_says_so_until_it_has_some(
    slack: FakeSlack, tmp_path: Path, stack: AsyncExitStack
) -> None:
    folder = tmp_path / "data"
    await stack.enter_async_context(serving(settings_for(slack, folder), PLAIN))
    await connected(slack)

    empty = await slack.mention("C1", "When is the Summit of the Future?")
    assert "no documents yet" in words(await reply(slack, "C1", empty["ts"]))

    await asyncio.to_thread(ingest_report, folder, PLAIN)
    filled = await slack.mention("C1", "When is the Summit of the Future?")
    assert "§ 2.2" in words(await reply(slack, "C1", filled["ts"]))
