"""Replies to presses that one person alone sees: in the channel of the press, once, and never elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from bot.register import RegisterEntry
from store.errors import StoreDamaged
from tests.bot.slack.conftest import Start, channel_data
from tests.bot.slack.features.library.real_library import REPORT
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.bot.slack.windows import direct, home
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import choose, press, vote
from tests.fake_slack.slack import FakeSlack

OWN = REPORT.replace(b"New York", b"Geneva")
EXPLAINED = "That did not work: a part of the catalog is missing; tell whoever runs me."


@pytest.fixture
async def listed(slack: FakeSlack, register: Register) -> Message:
    """The dates of the private channel C1."""
    await register.open(text=OWN, audience=f"{slack.team}/C1")
    return await register.listed()


async def test_reply_after_its_address_expired_is_for_the_person_in_the_channel(
    slack: FakeSlack, listed: Message
) -> None:
    slack.expired.add("p-1")
    await choose(slack, listed, SUMMIT, trigger="p-1")
    await slack.until(lambda: bool(slack.directory.whispers))
    [whisper] = slack.directory.whispers
    assert (whisper["channel"], whisper["user"], "Geneva" in whisper["text"]) == ("C1", "U1", True)
    assert slack.messages["D1"] == []


async def test_reply_that_the_channel_does_not_take_is_not_repeated_in_direct_messages(
    slack: FakeSlack, listed: Message
) -> None:
    slack.expired.add("p-1")
    slack.channels.closed.add("C1")
    await choose(slack, listed, SUMMIT, trigger="p-1")
    message = await slack.reply("D1")
    assert "My reply in <#C1>" in message["text"]
    assert SUMMIT not in str(message)


async def test_press_on_a_private_message_in_a_thread_is_answered_in_that_thread(
    slack: FakeSlack, listed: Message
) -> None:
    thread = slack.say("C1", "When is it?")["ts"]
    slack.say("C1", "Let us look.", thread=thread)
    await choose(slack, {**listed, "thread_ts": thread}, SUMMIT, trigger="p-1")
    replies = slack.responses["p-1"]
    await slack.until(lambda: bool(replies or slack.directory.whispers))
    assert [reply.get("thread_ts") for reply in (*replies, *slack.directory.whispers)] == [thread]


@pytest.mark.parametrize(
    ("method", "arrived"), [("response_url", True), ("response_url", False), ("chat.postEphemeral", True)]
)
async def test_reply_whose_arrival_is_in_doubt_is_not_sent_again(
    slack: FakeSlack, listed: Message, method: str, arrived: bool
) -> None:
    if method == "chat.postEphemeral":
        slack.expired.add("p-1")
    slack.faults[method] = [Fault("500", done=arrived)]
    await choose(slack, listed, SUMMIT, trigger="p-1")
    assert "If you do not see it" in (await slack.reply("D1"))["text"]
    assert len(slack.responses["p-1"]) + len(slack.directory.whispers) == arrived


async def test_text_is_sent_alone_where_an_address_takes_no_blocks(slack: FakeSlack, listed: Message) -> None:
    slack.faults["response_url"] = [Fault("refuse", error="invalid_blocks")]
    shown = await slack.response(await choose(slack, listed, SUMMIT))
    assert ("blocks" in shown, "Geneva" in shown["text"]) == (False, True)


async def test_store_error_names_no_command_of_the_terminal(slack: FakeSlack, start: Start) -> None:
    whole, damaged = channel_data(), asyncio.Event()

    def register(day: date) -> Sequence[RegisterEntry]:
        if damaged.is_set():
            raise StoreDamaged("a part of the catalog is missing; run `itubot ingest`")
        return whole.register(day)

    await start(channel_data=replace(whole, register=register))
    listed = await slack.response(await slack.command("dates"))
    damaged.set()
    response = await slack.response(await choose(slack, listed, "UN Civil Society Conference"))
    assert response["text"] == EXPLAINED


async def test_window_that_slack_does_not_open_is_explained(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    details, asked = await register.details(SUMMIT), await slack.mention("C1", "When?")
    answer, tab = await slack.reply("C1", asked["ts"]), await home(slack)
    slack.forms.expired = True
    for pressed in (press(slack, answer, "Source (1)"), press(slack, details, "Correct"), slack.command("")):
        assert "did not open in time" in (await register.reply(await pressed))["text"]
    await press(slack, tab, "Documents")
    await direct(slack, "did not open in time")
    # The vote counts without its form.
    assert "Thank you." in (await register.reply(await vote(slack, answer, positive=False)))["text"]
