"""The slash command: acknowledged at once; alone it opens the choices; a question is answered in direct messages."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.slack.core.options import Timing
from bot.slack.features.commands import days_of
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


@pytest.mark.parametrize("typed", ["", "dates", "help", "subscribe", "When is it?"])
async def test_a_command_is_acknowledged_within_three_seconds_while_the_model_loads(
    slack: FakeSlack, start: Start, assistant: Assistant, typed: str
) -> None:
    assistant.loaded.clear()
    await start()
    envelope = await slack.command(typed)
    if typed == "dates":
        # It does not wait for the model.
        assert await slack.response(envelope)
    # Else the end would wait for it.
    assistant.loaded.set()
    assert envelope.seconds is not None
    assert envelope.seconds < 3


# Questions


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


# The choices


async def test_alone_it_opens_what_a_person_can_choose(slack: FakeSlack, start: Start) -> None:
    await start(library_users=("U1",))
    shown, of_others = await choices(slack), await choices(slack, user="U2")
    everybody = ["Write a brief", "Check a text", "Documents", "Calendar file", "Subscribe"]
    assert [label for label in everybody if label not in labels(of_others)] == []
    assert "What do you keep about me?" in labels(of_others)
    assert set(labels(shown)) - set(labels(of_others)) == {"Keeping the library", "Watched pages"}
    assert "Language: as in Slack" in str(shown)
