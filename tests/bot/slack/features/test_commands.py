"""The slash command: acknowledged at once, answered to the asker alone, files in direct messages."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import date

import icalendar
import pytest

from bot.register import RegisterEntry
from bot.slack.core.options import ChannelData, Timing
from store.errors import ModelChanged, SchemaMismatch
from tests.bot.register_entries import spring
from tests.bot.slack.conftest import REPORT, Assistant, Start, channel_data
from tests.bot.slack.words import WORDS
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack


def words(message: Message) -> str:
    return str(message["blocks"])


async def test_deadlines_reply_is_ephemeral(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("deadlines"))
    assert "UN Civil Society Conference" in words(response)
    assert (response["response_type"], slack.messages["C1"]) == ("ephemeral", [])


async def test_deadlines_of_a_span_leave_out_what_comes_after(slack: FakeSlack, bot: object) -> None:
    response = words(await slack.response(await slack.command("deadlines 14d")))
    assert ("Comments on the draft" in response, "SIDS4" in response) == (True, False)


async def test_deadlines_name_nothing_past(slack: FakeSlack, bot: object) -> None:
    response = words(await slack.response(await slack.command("deadlines")))
    assert "Zero Reply released" not in response


async def test_deadlines_and_digest_do_not_wait_for_the_model(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    assistant.loaded.clear()
    await start()
    assert await slack.response(await slack.command("deadlines"))
    assert await slack.response(await slack.command("digest"))


@pytest.mark.parametrize("typed", ["deadlines", "digest", "calendar", "help", "When is it?"])
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


async def test_answer_to_a_command_is_ephemeral(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("When is the summit?"))
    assert "You asked: When is the summit?" in response["text"]
    assert (response["response_type"], slack.messages["C1"]) == ("ephemeral", [])


async def test_question_is_above_its_ephemeral_answer(slack: FakeSlack, bot: object) -> None:
    envelope = await slack.command("When is the summit?")
    first = (await slack.response(envelope))["blocks"][0]
    assert "“When is the summit?”" in envelope.ack_text
    assert "“When is the summit?”" in str(first)


async def test_command_question_during_loading_is_acknowledged_and_answered_later(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    assistant.loaded.clear()
    await start()
    envelope = await slack.command("When is the summit?")
    assert "loading" in envelope.ack_text
    assistant.loaded.set()
    assert "You asked" in (await slack.response(envelope))["text"]


async def test_too_long_command_question_is_explained(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("why " * 2_000 + "?"))
    assert "Sorry" in response["text"]
    assert "characters" in response["text"]


async def test_digest_reply_is_ephemeral(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("digest 7d"))
    assert "Coming dates, as of 1 May 2024" in response["text"]
    assert slack.messages["C1"] == []


async def test_the_calendar_is_a_file_that_a_calendar_reads(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("calendar 30d"))
    [message] = slack.replies("D1")
    assert message["files"][0]["name"] == "itu-dates-2024-05-01.ics"
    assert (slack.messages["C1"], "itu-dates-2024-05-01.ics>" in response["text"]) == ([], True)
    assert calendar_titles(slack) == {
        "Expert consultation",
        "UN Civil Society Conference",
        "Deadline: Comments on the draft",
        "SIDS4",
        "[POSTPONED] LLDC Conference",
    }


async def test_a_file_in_direct_messages_has_nothing_of_a_private_channel(
    slack: FakeSlack, start: Start
) -> None:
    own = replace(REPORT, audience=f"{slack.team}/C1")
    in_channel, elsewhere = replace(channel_data(), documents=lambda: [own]), _with(spring()[:1])
    await start(channel_data=lambda audience: in_channel if audience.endswith("/C1") else elsewhere)
    response = await slack.response(await slack.command("calendar"))
    assert "what everybody may see" in response["text"]


async def test_a_command_in_direct_messages_sends_the_file_there(slack: FakeSlack, bot: object) -> None:
    envelope = await slack.command("calendar", channel="D1")
    await slack.reply("D1")
    assert slack.responses[envelope.payload["trigger_id"]] == []


async def test_an_empty_calendar_is_not_posted(slack: FakeSlack, start: Start) -> None:
    nothing: list[RegisterEntry] = []
    await start(channel_data=_with(nothing))
    response = await slack.response(await slack.command("calendar"))
    assert "No upcoming date is known to the day" in response["text"]
    assert slack.uploads.known == {}


async def test_file_without_the_scope_for_direct_messages_is_explained(slack: FakeSlack, bot: object) -> None:
    slack.faults["conversations.open"] = [Fault("refuse", error="missing_scope")]
    response = await slack.response(await slack.command("calendar"))
    assert "im:write" in response["text"]


async def test_failed_file_upload_is_reported(
    slack: FakeSlack, bot: object, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults["files.getUploadURLExternal"] = [Fault("500")]
    response = await slack.response(await slack.command("calendar"))
    assert "try again" in response["text"]


async def test_an_upload_refused_by_rate_is_repeated(slack: FakeSlack, bot: object) -> None:
    slack.faults["files.completeUploadExternal"] = [Fault("429")]
    await slack.response(await slack.command("calendar"))
    assert len(slack.replies("D1")) == 1


async def test_help_names_every_command(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("help"))
    assert [word.name for word in WORDS if f"/itu {word.name} " not in response["text"]] == []
    assert "Only you see the replies." in response["text"]


async def test_documents_are_listed_with_their_date(slack: FakeSlack, bot: object) -> None:
    response = await slack.response(await slack.command("documents"))
    assert "*Report to Council*, 29 April 2024" in words(response)


async def test_a_command_delivered_twice_is_served_once(slack: FakeSlack, bot: object) -> None:
    await slack.command("calendar", trigger="t-1")
    await slack.command("calendar", trigger="t-1")
    await slack.command("help", trigger="t-2")
    await slack.until(lambda: bool(slack.responses["t-2"]))
    await slack.reply("D1")
    assert len(slack.uploads.known) == 1


async def test_a_question_delivered_twice_is_answered_once(slack: FakeSlack, bot: object) -> None:
    first = await slack.command("When is it?", trigger="t-1")
    await slack.command("When is it?", trigger="t-1")
    await slack.response(await slack.command("And where is it?"))
    # Questions outside threads are answered at the same time.
    await slack.response(first)
    assert len(slack.responses["t-1"]) == 1


async def test_command_error_becomes_an_apology_with_a_logged_reference(
    slack: FakeSlack, bot: object, assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    assistant.fails = RuntimeError("secret detail at /srv/data")
    response = await slack.response(await slack.command("When is it?"))
    [record] = [r for r in caplog.records if r.exc_info and "secret detail" in str(r.exc_info[1])]
    assert record.getMessage().split(":")[0] in response["text"]
    assert "secret" not in str(response)


async def test_commands_run_concurrently(slack: FakeSlack, start: Start, assistant: Assistant) -> None:
    await start(workers=2)
    assistant.go.clear()
    asked = await slack.command("When is it?")
    assert await slack.response(await slack.command("deadlines"))
    assistant.go.set()
    assert await slack.response(asked)


async def test_shutdown_finishes_running_commands(
    slack: FakeSlack, assistant: Assistant, start: Start
) -> None:
    stop = asyncio.Event()
    task = await start(stop=stop)
    assistant.go.clear()
    asked = await slack.command("When is it?")
    await assistant.until_at_work_on(1)
    stop.set()
    assistant.go.set()
    await task
    assert await slack.response(asked)


async def test_question_that_a_stop_cuts_off_is_answered_by_the_next_bot(
    slack: FakeSlack, assistant: Assistant, start: Start
) -> None:
    stop = asyncio.Event()
    task = await start(stop=stop, timing=Timing(shutdown_patience=0.1))
    assistant.go.clear()
    asked = await slack.command("When is it?")
    await assistant.until_at_work_on(1)
    stop.set()
    await task
    assistant.go.set()
    await start()
    assert "You asked: When is it?" in (await slack.response(asked))["text"]


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
    asked = await slack.command("deadlines")
    assert await asyncio.to_thread(reading.wait, 100)
    stop.set()
    response = await slack.response(asked)
    go.set()
    await task
    assert "send this again" in response["text"]


@pytest.mark.parametrize(
    ("error", "reply"),
    [(ModelChanged("x"), "another setting"), (SchemaMismatch("x"), "another version")],
)
async def test_command_of_a_bot_that_needs_a_restart_says_so(
    slack: FakeSlack, bot: object, assistant: Assistant, error: Exception, reply: str
) -> None:
    assistant.fails = error
    assert reply in (await slack.response(await slack.command("When is it?")))["text"]


def calendar_titles(slack: FakeSlack) -> set[str]:
    """Return what the one uploaded calendar has."""
    [upload] = slack.uploads.known.values()
    return {
        str(event["summary"]) for event in icalendar.Calendar.from_ical(upload.data or b"").walk("VEVENT")
    }


def _with(entries: list[RegisterEntry]) -> ChannelData:
    return replace(channel_data(), register=lambda _day: entries)
