"""Briefs in Slack: made for one person from what their conversation may see, shared, stopped, and made after a kill."""

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
from bot.slack.core.ui.messages import message_below, quoted, with_share_button
from bot.slack.core.ui.mrkdwn import escape_short
from bot.slack.features.briefs import brief_message
from store.jobs import BriefJob, BriefStore, Holder, QuestionStore, SlackMessage
from store.records import Citation
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import labels, press
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
SHARE = "Share to channel"

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


async def briefed(slack: FakeSlack, topic: str = TOPIC, channel: str = "C1", user: str = "U1") -> Message:
    """Have somebody ask for a brief in a channel, and return it."""
    return await slack.response(await slack.command(f"brief {topic}", channel=channel, user=user))


# What is shown


async def test_the_person_alone_sees_the_brief_with_its_sources(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    asked = await slack.command(f"brief {TOPIC}")
    shown = await slack.response(asked)

    lines = shown["text"].splitlines()
    assert asked.ack_text == "Reading the documents …"
    assert lines[0] == "Schools Alliance · as of 1 May 2024"
    assert f"• {RIGHT} [1]" in lines
    assert f"[1] § 1.2, Report on the forum: “{RIGHT}”" in lines
    assert "What the documents do not say" in lines
    assert (shown["response_type"], slack.messages["C1"]) == ("ephemeral", [])


async def test_in_direct_messages_progress_becomes_the_brief(
    slack: FakeSlack, begin: Begin, model: Model
) -> None:
    await begin()
    asked = await slack.command(f"brief {TOPIC}", channel="D1")
    reply = await slack.reply("D1")
    assert (reply["text"], labels(reply), asked.answer) == ("Reading the documents …", ["Stop"], {})

    model.first.set()
    await slack.until(lambda: reply["text"] == "Wrote 1 of 7 parts")
    model.may.set()

    await slack.until(lambda: f"• {RIGHT} [1]" in reply["text"])
    assert labels(reply) == []
    assert "Written by a language model" in reply["text"]


async def test_in_direct_messages_with_somebody_else_the_person_alone_sees_it(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()

    asked = await slack.command(f"brief {TOPIC}", channel="D7")

    responses = slack.responses[str(asked.payload["trigger_id"])]
    await slack.until(lambda: len(responses) == 2)
    assert (responses[0]["text"], RIGHT in responses[1]["text"]) == ("Reading the documents …", True)
    assert slack.replies("D7") == []


async def test_a_topic_that_is_hardly_covered_gets_a_brief_that_says_so(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()

    assert "The documents have 1 paragraph on this." in (await briefed(slack))["text"]


async def test_an_unknown_topic_is_a_line_and_what_is_near(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    shown = await briefed(slack, "Broadband quokkas")

    first, second, *near = shown["text"].splitlines()
    assert first == "The documents have nothing on Broadband quokkas."
    assert second == "The nearest passages, which may not answer this:"
    assert near[0].startswith("• § 1.")
    assert (labels(shown), slack.uploads.known) == ([], {})


async def test_the_brief_is_in_the_language_of_the_person(slack: FakeSlack, begin: Begin) -> None:
    slack.directory.people["U1"] = {"locale": "fr-FR"}
    await begin()

    asked = await slack.command(f"brief {TOPIC}")

    assert asked.ack_text == "Lecture des documents…"
    assert "au 1er mai 2024" in (await slack.response(asked))["text"]


def test_a_document_is_named_once_for_sources_in_a_row() -> None:
    sources = (("a.txt", "1"), ("a.txt", "2"), ("b.txt", "3"), ("a.txt", "4"))
    citations = tuple(
        Citation(n, source, source, None, place, "", None, "So.")
        for n, (source, place) in enumerate(sources, 1)
    )
    parts = (BriefPart("about", (BriefLine("So.", (1, 2, 3, 4)),)),)

    text = brief_message(Brief("Tides", date(2024, 5, 1), "en", 9, parts, citations)).text

    assert text.splitlines()[-4:] == [
        "[1] § 1, a.txt: “So.”",
        "[2] § 2: “So.”",
        "[3] § 3, b.txt: “So.”",
        "[4] § 4, a.txt: “So.”",
    ]


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

    message = with_share_button(brief_message(brief, escape_short(words, 300)), "C1", "answer T1/C1/1.0")

    assert problems(message) == []
    assert problems(message_below(quoted(words), message)) == []
    assert "… and " in str(message.blocks)


def test_the_longest_line_on_nothing_is_a_message_that_slack_takes() -> None:
    words = "<&> *late* " * 80
    near = (Citation(1, "report.txt", words, None, "2.2", "Summit", None, words),) * 3

    assert problems(brief_message(Brief(words, date(2024, 5, 1), "en", 0, nearest=near))) == []


# Word


async def test_a_word_file_comes_in_direct_messages(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    shown = await briefed(slack, "Schools Alliance / partners")

    [upload] = slack.uploads.known.values()
    assert upload.name == "Schools Alliance partners.docx"
    assert upload.data is not None
    assert RIGHT in "\n".join(p.text for p in docx.Document(io.BytesIO(upload.data)).paragraphs)
    assert "This is in our direct messages too, as a Word file." in shown["text"]
    assert [message.get("files") is not None for message in slack.messages["D1"]] == [True]


async def test_a_file_that_slack_does_not_take_is_said_below_the_brief(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()
    slack.scopes.discard("files:write")

    text = (await briefed(slack))["text"]

    assert RIGHT in text
    assert "I could not send this as a Word file. I cannot send files" in text


# Who sees what


async def test_documents_of_a_private_channel_are_in_briefs_there_only(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()

    assert "sixty-one" in (await briefed(slack, HARBOUR, "C2"))["text"]
    assert "sixty-one" not in (await briefed(slack, HARBOUR, "C1", "U2"))["text"]
    await slack.command(f"brief {HARBOUR}", channel="D3", user="U3")
    await slack.until(lambda: "nothing on" in str(slack.replies("D3")))
    assert "sixty-one" not in str(slack.messages["D1"] + slack.messages["D2"] + slack.messages["D3"])


async def test_a_brief_of_a_private_channel_does_not_leave_it_as_a_file(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()

    text = (await briefed(slack, TOPIC, "C2"))["text"]

    assert "I do not send this as a Word file in a direct message" in text
    assert (slack.uploads.known, slack.messages["D1"]) == ({}, [])


async def test_a_brief_of_documents_of_direct_messages_comes_there_as_a_file(
    slack: FakeSlack, begin: Begin, library: RealLibrary
) -> None:
    await begin()
    paper = library.store.folder / "mine.txt"
    paper.write_bytes(PRIVATE)
    await asyncio.to_thread(library.store.pipeline.ingest, [paper], audience=f"{slack.team}/D1")

    await slack.command(f"brief {HARBOUR}", channel="D1")

    await slack.until(lambda: "sixty-one" in str(slack.replies("D1")))
    [upload] = slack.uploads.known.values()
    assert (upload.name, len(slack.messages["D1"])) == ("Harbour Alliance.docx", 2)


async def test_a_brief_is_shared_once_as_its_asker_saw_it(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    shown = await briefed(slack)

    told = await slack.response(await press(slack, shown, SHARE, channel="C1"))
    again = await slack.response(await press(slack, shown, SHARE, channel="C1"))

    [message] = slack.messages["C1"]
    assert (told["text"], "already" in again["text"]) == ("Shared in <#C1>.", True)
    assert f"<@U1> shares this answer to “{TOPIC}”" in message["text"]
    assert message["blocks"][1:] == shown["blocks"][:-1]


@pytest.mark.parametrize(("user", "channel"), [("U2", "C2"), ("U1", "C1")])
async def test_a_brief_is_shared_by_its_asker_and_in_its_channel_only(
    slack: FakeSlack, begin: Begin, user: str, channel: str
) -> None:
    await begin()
    shown = await briefed(slack, HARBOUR, "C2")

    told = await slack.response(await press(slack, shown, SHARE, user=user, channel=channel))

    assert "I do not have this reply any more." in told["text"]
    assert (slack.messages["C1"], slack.messages["C2"]) == ([], [])


# Long work


async def test_a_brief_is_stopped_by_the_button_of_its_asker(
    slack: FakeSlack, begin: Begin, model: Model, state: QuestionStore
) -> None:
    await begin()
    asked = await slack.command(f"brief {TOPIC}")
    await asyncio.to_thread(model.asked.wait, 100)

    other = await slack.response(await press(slack, asked.answer, "Stop", user="U2", channel="C1"))
    await press(slack, asked.answer, "Stop", channel="C1")

    assert (await slack.response(asked))["text"] == "Stopped; the brief is not made."
    await until_stored(lambda: open_jobs(state) == 0)
    late = await slack.response(await press(slack, asked.answer, "Stop", channel="C1"))
    assert other["text"] == late["text"] == "This brief has ended already."


async def test_a_stop_that_another_process_records_ends_the_brief(
    slack: FakeSlack, begin: Begin, model: Model, state: QuestionStore
) -> None:
    await begin()
    await slack.command(f"brief {TOPIC}", channel="D1")
    reply = await slack.reply("D1")
    await asyncio.to_thread(model.asked.wait, 100)
    [key] = [element["value"] for element in reply["blocks"][1]["elements"]]

    assert BriefStore.beside(state).stop_own(key, "U1")

    await slack.until(lambda: "Stopped" in reply["text"])


async def test_a_person_has_one_brief_at_a_time(
    slack: FakeSlack, begin: Begin, model: Model, state: QuestionStore
) -> None:
    await begin()
    first = await slack.command(f"brief {TOPIC}")
    again = await slack.command("brief Forum on Broadband")
    other = await slack.command(f"brief {TOPIC}", user="U2")

    refused = await slack.response(again)
    model.go_on()

    assert (again.ack_text, "still making another brief" in refused["text"]) == ("", True)
    for asked in (first, other):
        assert RIGHT in (await slack.response(asked))["text"]
    await until_stored(lambda: open_jobs(state) == 0)
    assert RIGHT in (await briefed(slack))["text"]


async def test_a_brief_counts_as_five_questions(slack: FakeSlack, begin: Begin) -> None:
    await begin(questions_per_minute=6)
    await briefed(slack)
    await slack.response(await slack.command("documents"))

    assert "6 questions" in (await slack.command("documents")).ack_text


async def test_a_command_that_is_delivered_twice_makes_one_brief(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    asked = await slack.command(f"brief {TOPIC}")
    await slack.response(asked)

    await slack.repeat(asked)

    await briefed(slack)
    assert len(slack.responses[str(asked.payload["trigger_id"])]) == 1


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

    await slack.until(lambda: bool(slack.responses["p-1"]))
    assert RIGHT in slack.responses["p-1"][0]["text"]
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

    await slack.until(lambda: bool(slack.responses["p-1"]))
    assert slack.responses["p-1"][0]["text"] == "As it was."
    assert slack.uploads.known == {}


async def test_a_brief_during_which_two_bots_ended_is_given_up(
    slack: FakeSlack, begin: Begin, state: QuestionStore
) -> None:
    store = abandoned(slack, state)
    assert store.adopt(Holder("killed too", -1.0))

    await begin()

    await slack.until(lambda: bool(slack.responses["p-1"]))
    assert "interrupted twice" in slack.responses["p-1"][0]["text"]


# What cannot be made


async def test_without_a_topic_the_command_says_how(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    asked = await slack.command("brief")

    assert asked.ack_text == "Please write the topic too: /itu brief Summit of the Future."


async def test_a_topic_that_is_too_long_is_refused_in_one_line(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    said = (await slack.command("brief " + "why " * 2_000)).ack_text

    assert "characters; ask it in" in said
    assert "\n" not in said


async def test_without_documents_there_is_no_brief(
    slack: FakeSlack, start: Start, library: RealLibrary
) -> None:
    await start(**library.options())

    assert "I have no documents yet" in (await briefed(slack))["text"]
