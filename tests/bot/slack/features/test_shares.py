"""Replies that only the asker sees, shared with their channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.jobs import Holder, QuestionStore, Share, ShareStore, SlackMessage
from tests.bot.slack.conftest import Start
from tests.bot.slack.processes.bot_process import small_bot
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import labels, press
from tests.fake_slack.slack import FakeSlack

BUTTON = "Share to channel"
NOW = "1700000000.000001"


def told(slack: FakeSlack, trigger: str) -> str:
    """Return what the presser alone was told."""
    return " ".join(message["text"] for message in slack.responses[trigger])


async def pressed(slack: FakeSlack, message: Message, trigger: str = "p-1", user: str = "U1") -> str:
    """Press the button of a reply, and return what the presser was told."""
    await press(slack, message, BUTTON, trigger=trigger, user=user)
    await slack.until(lambda: bool(slack.responses[trigger]))
    return told(slack, trigger)


async def test_answer_is_shared_with_the_question_and_who_shares_it(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is the summit?"))
    await pressed(slack, response)
    [message] = slack.messages["C1"]
    assert "<@U1> shares" in message["text"]
    assert "“When is the summit?”" in str(message["blocks"][0])
    assert "You asked: When is the summit?" in str(message["blocks"])


async def test_shared_message_has_no_button_to_share_it(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is the summit?"))
    await pressed(slack, response)
    assert BUTTON not in labels(slack.messages["C1"][0])


async def test_answer_is_shared_once(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is the summit?"))
    await pressed(slack, response, "p-1")
    assert "already" in await pressed(slack, response, "p-2")
    assert len(slack.messages["C1"]) == 1


@pytest.mark.parametrize("typed", ["deadlines 30d", "digest", "documents"])
async def test_list_is_shared(slack: FakeSlack, bot: object, typed: str) -> None:
    response = await slack.response(await slack.command(typed))
    await pressed(slack, response)
    [message] = slack.messages["C1"]
    assert f"“/itu {typed}”" in message["text"]


async def test_list_is_shared_with_a_plain_table_where_slack_takes_no_other(
    slack: FakeSlack, bot: object
) -> None:
    response = await slack.response(await slack.command("deadlines"))
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")]
    await pressed(slack, response)
    [message] = slack.messages["C1"]
    assert "table" in [block["type"] for block in message["blocks"]]


@pytest.mark.parametrize("typed", ["help", "calendar", "remind", "subscribe"])
async def test_help_a_file_and_what_is_the_persons_own_are_not_shared(
    slack: FakeSlack, bot: object, typed: str
) -> None:
    assert BUTTON not in labels(await slack.response(await slack.command(typed)))


async def test_reply_in_direct_messages_has_no_button(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is it?", channel="D1"))
    assert BUTTON not in labels(response)


async def test_channel_without_the_bot_is_explained_and_can_be_tried_again(
    slack: FakeSlack, bot: object
) -> None:
    slack.channels.closed.add("C1")
    response = await slack.response(await slack.command("When is it?"))
    refused = await pressed(slack, response, "p-1")
    slack.channels.closed.clear()
    await pressed(slack, response, "p-2")
    assert ("/invite" in refused, len(slack.messages["C1"])) == (True, 1)


async def test_button_of_another_persons_answer_shares_nothing(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is it?"))
    assert "do not have" in await pressed(slack, response, user="U2")
    assert slack.messages["C1"] == []


async def test_answer_is_not_shared_with_another_channel(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is it?", channel="C2"))
    assert "do not have" in await pressed(slack, response)  # pressed in C1
    assert (slack.messages["C1"], slack.messages["C2"]) == ([], [])


async def test_share_whose_arrival_is_in_doubt_is_posted_once(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is it?"))
    slack.faults["chat.postMessage"] = [Fault("drop", done=True)]
    await pressed(slack, response)
    assert len(slack.messages["C1"]) == 1


def abandoned(slack: FakeSlack, state: QuestionStore, text: str) -> None:
    """Leave a share as a process does that is killed during it."""
    shares = ShareStore.beside(state)
    message = SlackMessage(slack.team, "C1", NOW, "", "U1", text)
    job = shares.claim(Share(message, f"{slack.url}respond/p-1"), Holder("gone", 60.0))
    assert job is not None
    shares.release(job.lease, failed=True)


async def test_share_that_a_crash_cut_off_is_posted(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    abandoned(slack, state, "/itu deadlines")
    await start()
    await slack.until(lambda: bool(slack.responses["p-1"]))
    assert len(slack.messages["C1"]) == 1


@pytest.mark.parametrize(
    ("text", "posted"),
    [
        ("/itu deadlines", {"metadata": {"event_type": "itubot_reply", "event_payload": {}}, "text": "x"}),
        ("/itu calendar", {"files": [{"id": "F1", "name": "itu-dates-2024-05-01.ics"}], "text": "x"}),
    ],
)
async def test_share_that_was_posted_before_a_crash_is_not_posted_again(
    slack: FakeSlack, start: Start, state: QuestionStore, text: str, posted: Message
) -> None:
    if "metadata" in posted:
        posted["metadata"]["event_payload"]["question"] = f"{slack.team}/C1/{NOW}/shared"
    slack.channels.put("C1", posted)
    abandoned(slack, state, text)
    await start()
    await slack.until(lambda: bool(slack.responses["p-1"]))
    assert len(slack.messages["C1"]) == 1


@pytest.mark.slow
@pytest.mark.timeout(300)  # Starts two bots.
@pytest.mark.parametrize("arrived", [True, False])
async def test_share_of_a_killed_bot_is_posted_once_after_the_restart(
    slack: FakeSlack, tmp_path: Path, arrived: bool
) -> None:
    database = f"sqlite:///{tmp_path / 'shares.db'}"
    async with small_bot(slack, "streaming_bot", database, "1"):
        await slack.until(lambda: slack.connections() == 1)
        response = await slack.response(await slack.command("deadlines"))
        slack.faults["chat.postMessage"] = [Fault("hang", done=arrived)]
        asked = await press(slack, response, BUTTON)
        await slack.until(lambda: len(slack.called("chat.postMessage")) == 1)
    async with small_bot(slack, "streaming_bot", database, "1"):
        await slack.response(asked)
    assert len(slack.messages["C1"]) == 1
