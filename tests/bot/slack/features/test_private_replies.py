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
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import choose
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


@pytest.mark.parametrize("arrived", [True, False])
async def test_reply_whose_arrival_is_in_doubt_is_not_sent_again(
    slack: FakeSlack, listed: Message, arrived: bool
) -> None:
    slack.faults["response_url"] = [Fault("500", done=arrived)]
    await choose(slack, listed, SUMMIT, trigger="p-1")
    assert "If you do not see it" in (await slack.reply("D1"))["text"]
    assert (len(slack.responses["p-1"]), slack.directory.whispers) == (int(arrived), [])


async def test_ephemeral_message_whose_arrival_is_in_doubt_is_not_sent_again(
    slack: FakeSlack, listed: Message
) -> None:
    slack.expired.add("p-1")
    slack.faults["chat.postEphemeral"] = [Fault("500", done=True)]
    await choose(slack, listed, SUMMIT, trigger="p-1")
    assert "If you do not see it" in (await slack.reply("D1"))["text"]
    assert len(slack.directory.whispers) == 1


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
