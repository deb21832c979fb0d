"""Briefs in Slack: made for one person in their direct messages, stopped, and made after a kill."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import docx
import pytest

from bot.briefs.brief import Brief, BriefLine, BriefPart
from bot.briefs.making import ModelWriter
from bot.cancellation import Cancelled, woken_by_cancellation
from bot.slack.core.ui.mrkdwn import escape_short
from bot.slack.features.briefs import brief_message
from store.jobs import BriefJob, BriefStore, Holder, QuestionStore, SlackMessage
from store.records import Citation
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.windows import choices, chosen, direct, window
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import labels, press, send_off
from tests.fake_slack.limits import problems
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, until_stored

PUBLIC = b"""Report on the forum

Geneva, 20 April 2024

1 Forum

1.1 The Forum on Broadband will be held in Geneva from 7 to 11 July 2024.

1.2 The Schools Alliance has eighty-four partners.
"""
PRIVATE = b"""Report on harbours

Geneva, 21 April 2024

1 Harbours

1.1 The Harbour Alliance has sixty-one partners and is chaired by Norway.
"""
TOPIC = "Schools Alliance"
RIGHT = "The Schools Alliance has eighty-four partners."
HARBOUR = "Harbour Alliance"

Begin = Callable[..., Awaitable[None]]


@pytest.fixture
def begin(start: Start, library: RealLibrary, slack: FakeSlack) -> Begin:
    """Start a bot with the report for everybody, and with another one that the private channel C2 alone sees."""

    async def begin(**changes: Any) -> None:
        for name, data, audience in (
            ("forum.txt", PUBLIC, {}),
            ("harbours.txt", PRIVATE, {"audience": f"{slack.team}/C2"}),
        ):
            paper = library.store.folder / name
            paper.write_bytes(data)
            await asyncio.to_thread(library.store.pipeline.ingest, [paper], **audience)
            paper.unlink()
        slack.directory.places["C2"] = {"is_private": True}
        await start(**library.options() | changes)

    return begin


class Model:
    """Writes the same sentence for each part, once it may; waits for that as for a language model.

    `first`: it may write the first part.
    """

    name = "fake:model"

    def __init__(self) -> None:
        self.asked, self.first, self.may = threading.Event(), threading.Event(), threading.Event()

    def go_on(self) -> None:
        self.first.set()
        self.may.set()

    def ask(self, messages: object, _config: object = None) -> str:
        self.asked.set()
        woken = threading.Event()

        def wake() -> None:
            woken.set()
            self.go_on()

        with woken_by_cancellation(wake):
            assert (self.first if "what it is for" in str(messages) else self.may).wait(100)
        if woken.is_set():
            raise Cancelled
        return f"{RIGHT} [1]"


@pytest.fixture
def model(library: RealLibrary, monkeypatch: pytest.MonkeyPatch) -> Model:
    model = Model()
    monkeypatch.setitem(library.services.shared.__dict__, "brief_writer", ModelWriter(model))  # type: ignore[arg-type]
    return model


async def asked(slack: FakeSlack, topic: str = TOPIC, channel: str = "C1", user: str = "U1") -> str:
    """Have somebody ask for a brief in a channel, and return what the form says then."""
    _, answer = await chosen(slack, "Write a brief", channel, user, topic=topic)
    return str(answer)


async def briefed(
    slack: FakeSlack, topic: str = TOPIC, channel: str = "C1", user: str = "U1", words: str = " · as of "
) -> Message:
    """Have somebody ask for a brief, and return it once it is in their direct messages."""
    await asked(slack, topic, channel, user)
    return await direct(slack, words, user)


async def pointer(slack: FakeSlack, words: str, channel: str = "C1") -> str:
    """Wait for what one person alone sees in a channel, also by the address of their command."""

    def found() -> list[str]:
        shown = [each for each in slack.directory.whispers if each["channel"] == channel]
        replies = [each for responses in slack.responses.values() for each in responses]
        return [str(each["text"]) for each in [*shown, *replies] if words in str(each)]

    await slack.until(lambda: bool(found()))
    return found()[0]


# What is shown


async def test_the_brief_is_in_direct_messages_with_its_sources_and_a_pointer(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()

    said = await asked(slack)
    shown = await direct(slack, " · as of ")

    lines = shown["text"].splitlines()
    assert "You will find it in our messages" in said
    assert lines[0] == "Schools Alliance · as of 1 May 2024"
    assert f"• {RIGHT} [1]" in lines
    assert f"[1] § 1.2, Report on the forum: “{RIGHT}”" in lines
    assert "→" in await pointer(slack, "Your brief is in our messages")
    assert slack.messages["C1"] == []
    assert slack.agents.titles[shown["ts"]] == "Brief: Schools Alliance"


async def test_progress_becomes_the_brief(slack: FakeSlack, begin: Begin, model: Model) -> None:
    await begin()
    await asked(slack, channel="D1")
    reply = await slack.reply("D1")
    assert (reply["text"], labels(reply)) == ("Reading the documents …", ["Stop"])

    model.first.set()
    await slack.until(lambda: reply["text"] == "Wrote 1 of 7 parts")
    model.may.set()

    await slack.until(lambda: f"• {RIGHT} [1]" in reply["text"])
    assert labels(reply) == []
    assert "Written by a language model" in reply["text"]


async def test_an_unknown_topic_is_a_line_and_what_is_near(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    shown = await briefed(slack, "Broadband quokkas", words="have nothing on")

    first, second, *near = shown["text"].splitlines()
    assert first == "The documents have nothing on Broadband quokkas."
    assert second == "The nearest passages, which may not answer this:"
    assert near[0].startswith("• § 1.")
    assert (labels(shown), slack.uploads.known) == ([], {})


@pytest.mark.parametrize("count", [1, 12, 40, 90])
def test_the_longest_brief_is_a_message_that_slack_takes(count: int) -> None:
    words = "<&> *late* " * 80
    citations = tuple(
        Citation(n, "report.txt", words, None, "2.2", "Summit", None, words) for n in range(1, count + 1)
    )
    lines = tuple(BriefLine(words, tuple(range(1, 12))) for _ in range(16))
    kinds = ("about", "who", "decided", "dates", "figures", "changed", "missing")
    parts = tuple(BriefPart(kind, lines) for kind in kinds)
    brief = Brief(words, date(2024, 5, 1), "en", 40, parts, citations, note=words)

    message = brief_message(brief, escape_short(words, 300))

    assert problems(message) == []
    assert "… and " in str(message.blocks)


# Word


async def test_a_word_file_comes_with_it(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    await briefed(slack, "Schools Alliance / partners")

    [upload] = slack.uploads.known.values()
    assert upload.name == "Schools Alliance partners.docx"
    assert upload.data is not None
    assert RIGHT in "\n".join(p.text for p in docx.Document(io.BytesIO(upload.data)).paragraphs)
    assert sum("files" in message for message in slack.messages["D1"]) == 1


# Who sees what


async def test_documents_of_a_private_channel_are_in_briefs_there_only(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()

    await asked(slack, HARBOUR, "C2")
    text = await pointer(slack, "sixty-one", "C2")
    assert "There is no Word file of it" in text
    assert "Show again" in str(await direct(slack, "<#C2>"))
    assert "sixty-one" not in (await briefed(slack, HARBOUR, "C1", "U2", "nothing on"))["text"]
    await briefed(slack, HARBOUR, "D3", "U3", "nothing on")
    assert "sixty-one" not in str(slack.messages)
    assert slack.uploads.known == {}


# Long work


async def test_a_brief_is_stopped_by_the_button_of_its_asker(
    slack: FakeSlack, begin: Begin, model: Model, state: QuestionStore
) -> None:
    await begin()
    await asked(slack)
    progress = await direct(slack, "Reading the documents")
    button = {**progress}
    await asyncio.to_thread(model.asked.wait, 100)

    other = await slack.response(await press(slack, button, "Stop", user="U2", channel="D2"))
    await press(slack, progress, "Stop")

    await slack.until(lambda: progress["text"] == "Stopped; the brief is not made.")
    await until_stored(lambda: open_jobs(state) == 0)
    late = await slack.response(await press(slack, button, "Stop", channel="D1"))
    assert other["text"] == late["text"] == "This has ended already."


async def test_a_person_has_one_brief_at_a_time(
    slack: FakeSlack, begin: Begin, model: Model, state: QuestionStore
) -> None:
    await begin()
    await asked(slack)
    refused = await asked(slack, "Forum on Broadband")
    await asked(slack, user="U2")
    model.go_on()

    assert "Another brief of yours is being written" in refused
    for user in ("U1", "U2"):
        await direct(slack, RIGHT, user)
    await until_stored(lambda: open_jobs(state) == 0)
    await briefed(slack, "Forum on Broadband", words="Forum on Broadband · as of ")


async def test_a_brief_counts_as_five_questions(slack: FakeSlack, begin: Begin) -> None:
    await begin(questions_per_minute=6)
    await briefed(slack)

    assert "6 questions" in (await slack.command("dates")).ack_text


async def test_a_form_that_is_delivered_twice_makes_one_brief(
    slack: FakeSlack, begin: Begin, state: QuestionStore
) -> None:
    await begin()
    form = await window(slack, await choices(slack), "Write a brief")
    sent = await send_off(slack, form, topic=TOPIC)
    await direct(slack, RIGHT)
    await until_stored(lambda: open_jobs(state) == 0)

    await slack.repeat(sent)

    await briefed(slack, "Forum on Broadband", words="Forum on Broadband · as of ")
    assert sum(f"{TOPIC} · as of " in message["text"] for message in slack.replies("D1")) == 1


def abandoned(slack: FakeSlack, state: QuestionStore) -> BriefStore:
    """Leave a brief as a bot does that is killed while it makes it."""
    store = BriefStore.beside(state)
    message = SlackMessage(slack.team, "C1", "1700000000.000001", "", "U1", TOPIC)
    job = store.claim(BriefJob(message, f"{slack.url}respond/p-1"), Holder("killed", -1.0))
    assert job is not None
    return store


async def test_a_brief_that_a_killed_bot_was_making_is_made_by_the_next(
    slack: FakeSlack, begin: Begin, state: QuestionStore
) -> None:
    abandoned(slack, state)

    await begin()

    await direct(slack, RIGHT)
    await until_stored(lambda: open_jobs(state) == 0)


async def test_a_brief_that_was_made_is_not_made_again(
    slack: FakeSlack, begin: Begin, state: QuestionStore
) -> None:
    store = abandoned(slack, state)
    holder = Holder("sender", 60.0)
    [job] = store.adopt(holder)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "As it was."}}]
    store.save_reply(job.lease, {"text": "As it was.", "blocks": blocks})
    store.release(job.lease)

    await begin()

    await direct(slack, "As it was.")
    assert slack.uploads.known == {}


async def test_a_brief_during_which_two_bots_ended_is_given_up(
    slack: FakeSlack, begin: Begin, state: QuestionStore
) -> None:
    store = abandoned(slack, state)
    assert store.adopt(Holder("killed too", -1.0))

    await begin()

    await direct(slack, "interrupted twice")


# What cannot be made


async def test_what_is_no_topic_is_said_in_the_form(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    for topic in (" ", "why " * 2_000):
        assert "errors" in await asked(slack, topic)
    assert slack.replies("D1") == []


async def test_without_documents_there_is_no_brief(
    slack: FakeSlack, start: Start, library: RealLibrary
) -> None:
    await start(**library.options())

    await briefed(slack, words="I have no documents yet")
