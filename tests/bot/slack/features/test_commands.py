"""The slash command: acknowledged at once; alone it opens the choices; a question is answered in direct messages."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import date

import pytest

from bot.register import RegisterEntry
from bot.slack.core.options import Timing
from bot.slack.features.commands import days_of
from store.errors import ModelChanged, SchemaMismatch
from store.records import Document
from tests.bot.slack.conftest import REPORT, Assistant, Start, channel_data
from tests.bot.slack.windows import choices, direct
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import labels, press
from tests.fake_slack.slack import FakeSlack


def words(message: Message) -> str:
    return str(message["blocks"])


# Dates


async def test_dates_are_for_the_person_alone_and_leave_out_what_is_past_or_later(
    slack: FakeSlack, bot: object
) -> None:
    response = await slack.response(await slack.command("dates"))
    assert "UN Civil Society Conference" in words(response)
    assert "Zero Draft released" not in words(response)
    assert (response["response_type"], slack.messages["C1"]) == ("ephemeral", [])
    response = await slack.response(await slack.command("dates 14d"))
    assert ("Comments on the draft" in words(response), "SIDS4" in words(response)) == (True, False)


@pytest.mark.parametrize(
    ("span", "days"),
    [
        ("30", 30),
        ("30d", 30),
        ("2 weeks", 14),
        ("next 3 months", 91),
        ("1y", 365),
        ("9999y", 3_650),
        ("2025", None),
        ("soon", None),
        ("for WSIS", None),
        ("", None),
    ],
)
def test_span_is_read_as_days(span: str, days: int | None) -> None:
    assert days_of(span) == days


async def test_dates_and_choices_do_not_wait_for_the_model(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    assistant.loaded.clear()
    await start()
    assert await slack.response(await slack.command("dates"))
    assert await choices(slack)


@pytest.mark.parametrize("typed", ["", "dates", "help", "subscribe", "When is it?"])
async def test_a_command_is_acknowledged_within_three_seconds_while_the_model_loads(
    slack: FakeSlack, start: Start, assistant: Assistant, typed: str
) -> None:
    assistant.loaded.clear()
    await start()
    envelope = await slack.command(typed)
    # Else the end would wait for it.
    assistant.loaded.set()
    assert envelope.seconds is not None
    assert envelope.seconds < 3


async def test_help_says_what_can_be_typed(slack: FakeSlack, bot: object) -> None:
    text = (await slack.response(await slack.command("help")))["text"]
    assert [word for word in ("/itu dates 30d", "/itu subscribe", "/itu When is") if word not in text] == []


# Questions


@pytest.mark.parametrize(
    "typed",
    ["When is the summit?", "dates for the summit", "subscribe to what?", "help developing countries"],
)
async def test_a_question_is_answered_in_direct_messages_with_a_pointer(
    slack: FakeSlack, bot: object, typed: str
) -> None:
    asked = await slack.command(typed)
    answer = await direct(slack, f"“{typed}”")
    pointer = await slack.response(asked)

    assert f"You asked: {typed} [1]" in answer["text"]
    assert asked.ack_text == f"The answer to “{typed}” will be in our messages."
    assert ("Your answer is in our messages" in pointer["text"], pointer["response_type"]) == (
        True,
        "ephemeral",
    )
    assert slack.messages["C1"] == []
    assert slack.agents.titles[answer["ts"]] == typed


async def test_a_question_in_direct_messages_needs_no_pointer(slack: FakeSlack, bot: object) -> None:
    asked = await slack.command("When is it?", channel="D1")
    await direct(slack, "“When is it?”")
    await slack.command("help", trigger="t-2", channel="D1")
    await slack.until(lambda: bool(slack.responses["t-2"]))
    assert slack.responses[asked.payload["trigger_id"]] == []


async def test_question_during_loading_is_acknowledged_and_answered_later(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    assistant.loaded.clear()
    await start()
    envelope = await slack.command("When is the summit?")
    assert "still starting" in envelope.ack_text
    assistant.loaded.set()
    assert await direct(slack, "You asked: When is the summit?")


async def test_a_question_delivered_twice_is_answered_once(slack: FakeSlack, bot: object) -> None:
    for _ in range(2):
        await slack.command("When is it?", trigger="t-1")
    await slack.command("And where is it?")
    await direct(slack, "“And where is it?”")
    await direct(slack, "“When is it?”")
    assert sum("“When is it?”" in message["text"] for message in slack.replies("D1")) == 1


async def test_error_becomes_an_apology_with_a_logged_reference(
    slack: FakeSlack, bot: object, assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    assistant.fails = RuntimeError("secret detail at /srv/data")
    await slack.command("When is it?")
    apology = await direct(slack, "Sorry")
    [record] = [r for r in caplog.records if r.exc_info and "secret detail" in str(r.exc_info[1])]
    assert record.getMessage().split(":")[0] in apology["text"]
    assert "secret" not in str(apology)


@pytest.mark.parametrize("error", [ModelChanged("x"), SchemaMismatch("x")])
async def test_question_to_a_bot_that_needs_a_restart_says_so(
    slack: FakeSlack, bot: object, assistant: Assistant, error: Exception
) -> None:
    assistant.fails = error
    await slack.command("When is it?")
    assert await direct(slack, "until I am restarted")


# Where a conversation has documents of its own


@pytest.fixture
async def private(start: Start, slack: FakeSlack) -> None:
    """A bot with a document that the channel C1 alone sees."""
    own = replace(REPORT, audience=f"{slack.team}/C1")

    def documents(audience: str) -> list[Document]:
        return [own] if audience.endswith("/C1") else [REPORT]

    await start(channel_data=lambda audience: replace(channel_data(), documents=lambda: documents(audience)))


async def test_what_may_quote_a_conversations_documents_stays_there_and_is_shown_there_again(
    slack: FakeSlack, private: None
) -> None:
    response = await slack.response(await slack.command("When is it?"))
    notice = await direct(slack, "Show again")
    assert "You asked: When is it? [1]" in response["text"]
    assert (response["response_type"], slack.messages["C1"]) == ("ephemeral", [])
    assert ("<#C1>" in str(notice), "When is it?" in str(notice)) == (True, False)

    # To its asker alone.
    other = await slack.response(await press(slack, notice, "Show again", user="U2", channel="D2"))
    assert "I do not have this reply any more" in other["text"]
    await press(slack, notice, "Show again")
    await slack.until(lambda: bool(slack.called("chat.postEphemeral")))
    [again] = slack.called("chat.postEphemeral")
    assert (again["channel"], again["user"]) == ("C1", "U1")
    assert "You asked: When is it? [1]" in again["text"]


async def test_without_direct_messages_the_answer_is_where_it_was_asked(
    slack: FakeSlack, bot: object
) -> None:
    slack.faults["conversations.open"] = [Fault("refuse", error="missing_scope")] * 5
    assert "You asked: When is it? [1]" in (await slack.response(await slack.command("When is it?")))["text"]


# Stops


@pytest.mark.parametrize("patience", [15.0, 0.1])
async def test_question_that_a_stop_cuts_off_is_answered_by_this_bot_or_the_next(
    slack: FakeSlack, assistant: Assistant, start: Start, patience: float
) -> None:
    stop = asyncio.Event()
    task = await start(stop=stop, timing=Timing(shutdown_patience=patience))
    assistant.go.clear()
    await slack.command("When is it?")
    await assistant.until_at_work_on(1)
    stop.set()
    if patience > 1:
        assistant.go.set()
    await task
    assistant.go.set()
    await start()
    assert await direct(slack, "You asked: When is it?")
    assert len(slack.replies("D1")) == 1


async def test_shutdown_asks_to_send_a_command_again_that_takes_too_long(
    slack: FakeSlack, start: Start
) -> None:
    stop, reading, go = asyncio.Event(), threading.Event(), threading.Event()

    def register(_day: date) -> list[RegisterEntry]:
        reading.set()
        go.wait(100)
        return []

    task = await start(
        stop=stop,
        channel_data=replace(channel_data(), register=register),
        timing=Timing(shutdown_patience=0.1),
    )
    asked = await slack.command("dates")
    assert await asyncio.to_thread(reading.wait, 100)
    stop.set()
    response = await slack.response(asked)
    go.set()
    await task
    assert "send this again" in response["text"]


# The choices


async def test_alone_it_opens_what_a_person_can_choose(slack: FakeSlack, start: Start) -> None:
    await start(library_users=("U1",))
    shown, of_others = await choices(slack), await choices(slack, user="U2")
    everybody = ["Write a brief", "Check a text", "Documents", "Calendar file", "Subscribe"]
    assert [label for label in everybody if label not in labels(of_others)] == []
    assert "What do you keep about me?" in labels(of_others)
    assert set(labels(shown)) - set(labels(of_others)) == {"Keeping the library", "Watched pages"}
    assert "Language: as in Slack" in str(shown)


async def test_choices_that_slack_does_not_open_are_explained(slack: FakeSlack, bot: object) -> None:
    slack.faults["views.open"] = [Fault("refuse", error="expired_trigger_id")]
    assert "again" in (await slack.response(await slack.command("")))["text"]
