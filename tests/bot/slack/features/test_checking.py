"""Drafts that people have checked in Slack: a message, files and a form; for them alone, and without a trace."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from bot.cancellation import Cancelled, woken_by_cancellation
from bot.models.judge import JudgeRequest, Ruling
from bot.slack.features.checking import text_of_message
from bot.slack.manifest import CHECK_MESSAGE
from store.jobs import DraftJobStore, Holder, QuestionStore, SlackMessage
from tests.bot.slack.conftest import PATIENT, Start
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.windows import chosen, direct
from tests.bot.word.files import comments
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.forms import labels, press
from tests.fake_slack.hosted_files import HostedFile, mention_with_files, send_files, shared
from tests.fake_slack.shortcuts import use_message_shortcut
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, until_stored

PUBLIC = b"""Report on the forum

Geneva, 20 April 2024

1 Forum

1.1 The Forum on Broadband will be held in Geneva from 7 to 11 July 2024.

1.2 The Schools Alliance has eighty-four partners.
"""
PRIVATE = PUBLIC.replace(
    b"1.2 The Schools Alliance has eighty-four", b"1.2 The Harbour Alliance has sixty-one"
)
PRIVATE = PRIVATE.replace(b"the forum", b"harbours").replace(
    b"1.1 The Forum on Broadband", b"1.1 The Harbour Day"
)
RIGHT = "The Schools Alliance has eighty-four partners."
WRONG = "The Schools Alliance has ninety partners."
HARBOUR = "The Harbour Alliance has ninety partners."
# A word that no document has.
UNHEARD = "quokka"
# Each check is announced.
AT_ONCE = replace(PATIENT, announce_check_after=0.0)


def word_file(*paragraphs: str) -> bytes:
    made, data = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(data)
    return data.getvalue()


Begin = Callable[..., Awaitable[asyncio.Task[None]]]


@pytest.fixture
def begin(start: Start, library: RealLibrary, slack: FakeSlack) -> Begin:
    """Start a bot with the report for everybody, and with another one that the private channel C2 alone sees."""

    async def begin(**changes: Any) -> asyncio.Task[None]:
        for name, data, audience in (
            ("forum.txt", PUBLIC, {}),
            ("harbours.txt", PRIVATE, {"audience": f"{slack.team}/C2"}),
        ):
            paper = library.store.folder / name
            paper.write_bytes(data)
            await asyncio.to_thread(library.store.pipeline.ingest, [paper], **audience)
            paper.unlink()
        slack.directory.places["C2"] = {"is_private": True}
        slack.directory.members["C2"] = ["U1"]
        return await start(**library.options() | {"library_file_mb": 0.1} | changes)

    return begin


class Judge:
    """Says that nothing is said, once it may; waits for that as for a language model."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may = threading.Event()

    def reads(self, language: str) -> bool:
        return True

    def rulings(self, requests: Sequence[JudgeRequest], _config: Any = None) -> list[Ruling]:
        self.asked.set()
        woken = threading.Event()

        def wake() -> None:
            woken.set()
            self.may.set()

        with woken_by_cancellation(wake):
            assert self.may.wait(100)
        if woken.is_set():
            raise Cancelled
        return ["not said"] * len(requests)


@pytest.fixture
def judge(library: RealLibrary, monkeypatch: pytest.MonkeyPatch) -> Judge:
    judge = Judge()
    monkeypatch.setitem(library.services.shared.__dict__, "judge", judge)
    return judge


async def check(slack: FakeSlack, message: Message, channel: str = "C1", user: str = "U1") -> Envelope:
    """Have somebody use the shortcut on a message."""
    trigger = slack.new_trigger()
    return await use_message_shortcut(
        slack, CHECK_MESSAGE, message, channel=channel, user=user, trigger=trigger
    )


async def checked(slack: FakeSlack, text: str, channel: str = "C1", *files: HostedFile) -> str:
    """Have somebody check a message of another person; return the result in their direct messages, or a refusal."""
    message = slack.say(channel, text, user="U2", **(shared(files) if files else {}))
    before = len(slack.replies("D1"))
    told = str((await slack.response(await check(slack, message, channel)))["text"])
    # A line with a link leads to the result.
    return await result(slack, before) if "|" in told else told


async def result(slack: FakeSlack, before: int = 0) -> str:
    """Wait for the result of a check in direct messages, after so many messages."""

    def found() -> list[str]:
        return [str(each["text"]) for each in slack.replies("D1")[before:] if "Stop" not in labels_of(each)]

    await slack.until(lambda: bool(found()))
    return found()[0]


def labels_of(message: Message) -> list[str]:
    return labels(message) if "blocks" in message else []


async def ephemeral(slack: FakeSlack, words: str) -> dict[str, Any]:
    """Wait for what one person alone sees in a channel, with these words."""

    def found() -> list[dict[str, Any]]:
        replies = [each for responses in slack.responses.values() for each in responses]
        return [one for one in [*slack.directory.whispers, *replies] if words in one["text"]]

    await slack.until(lambda: bool(found()))
    return found()[0]


# The shortcut


async def test_the_shortcut_sends_the_person_what_needs_work(slack: FakeSlack, begin: Begin) -> None:
    await begin()

    text = await checked(slack, f"{RIGHT} {WRONG}")

    assert text.splitlines() == [
        "2 sentences: 1 same facts, 1 different fact",
        "Different fact · draft: 90; § 1.2: 84",
        f"&gt; {WRONG}",
        f"Report on the forum, § 1.2 Forum: “{RIGHT}”",
        "No judge is set: days, figures and symbols are compared, and not what a sentence says of them.",
    ]
    assert slack.replies("C1") == []
    assert "The check of your text is in our messages" in str(slack.responses)


async def test_files_of_a_message_are_checked_with_its_text(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    file = slack.hosted.add("draft.md", f"# Partners\n\n{WRONG}\n".encode())
    picture = slack.hosted.add("harbour.png", b"\x89PNG")

    text = await checked(slack, RIGHT, "C1", file, picture)

    assert "1 no claim, 1 same facts, 1 different fact" in text
    assert [asked for asked, _ in slack.hosted.asked] == [file.id]


def test_a_message_is_checked_as_people_read_it() -> None:
    said = "<@U2> <!here> &gt; no\n&gt; *The* _Schools Alliance_ &amp; <https://itu.int|the ITU> has <#C1|general> it"
    assert text_of_message(said) == "> no\nThe Schools Alliance & the ITU has it"


# Files beside the word


@pytest.mark.parametrize(
    "text", ["Please check this.", "CHECK", "Peux-tu vérifier ce texte ?", "请核对这份文件"]
)
async def test_a_file_beside_the_word_is_checked_and_not_added(
    slack: FakeSlack, begin: Begin, library: RealLibrary, text: str
) -> None:
    await begin(library_users=("U1",))
    file = slack.hosted.add("draft.txt", WRONG.encode())

    await mention_with_files(slack, file, text=text)

    assert "Different fact" in await result(slack)
    assert (slack.messages["C1"][1:], library.runs) == ([], 0)


async def test_a_word_within_another_asks_for_no_check(
    slack: FakeSlack, begin: Begin, library: RealLibrary
) -> None:
    await begin(library_users=("U1",))
    await send_files(slack, slack.hosted.add("r.txt", PUBLIC), text="The new check-in report, double-checked")

    await slack.until(lambda: library.runs == 1)


# The form


async def test_an_empty_form_stays_open(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    _, answer = await chosen(slack, "Check a text", text=" ")

    assert "no text" in str(answer["errors"])


# Word


async def test_a_word_file_comes_back_with_comments_in_direct_messages(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()
    file = slack.hosted.add("note.docx", word_file(RIGHT, WRONG))

    text = await checked(slack, "", "C1", file)

    assert "1 different fact" in text
    [upload] = slack.uploads.known.values()
    assert upload.name == "note (checked).docx"
    assert upload.data is not None
    assert comments(upload.data) == [
        f"Different fact; draft: 90; § 1.2: 84\n§ 1.2, Report on the forum: “{RIGHT}”"
    ]
    assert sum("files" in message for message in slack.messages["D1"]) == 1


async def test_comments_from_documents_of_a_private_channel_do_not_leave_it(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()
    file = slack.hosted.add("note.docx", word_file(WRONG))

    await check(slack, slack.say("C2", "", user="U2", **shared([file])), "C2")

    assert "note.docx does not come back with comments" in (await ephemeral(slack, "1 sentence"))["text"]
    assert slack.uploads.known == {}


async def test_comments_from_documents_of_direct_messages_stay_in_them(
    slack: FakeSlack, begin: Begin, library: RealLibrary
) -> None:
    await begin()
    paper = library.store.folder / "orchards.txt"
    paper.write_bytes(PRIVATE.replace(b"Harbour", b"Orchard").replace(b"harbours", b"orchards"))
    await asyncio.to_thread(library.store.pipeline.ingest, [paper], audience=f"{slack.team}/D1")
    file = slack.hosted.add("note.docx", word_file(HARBOUR.replace("Harbour", "Orchard")))

    await send_files(slack, file, text="check")

    await slack.until(lambda: any(each.data for each in slack.uploads.known.values()))
    [upload] = slack.uploads.known.values()
    assert upload.data is not None
    assert "sixty-one" in str(comments(upload.data))


async def test_a_file_that_slack_does_not_take_is_said(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    slack.scopes.discard("files:write")

    text = await checked(slack, "", "C1", slack.hosted.add("note.docx", word_file(WRONG)))

    assert "Different fact" in text
    assert "could not be sent" in text


# Who sees what


async def test_documents_of_a_private_channel_check_only_what_is_said_there(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()

    await check(slack, slack.say("C2", HARBOUR), "C2")
    assert await ephemeral(slack, "sixty-one")
    assert "sixty-one" not in await checked(slack, HARBOUR, "C1")
    assert "sixty-one" not in str(slack.messages["D1"])


# Long work


async def test_a_check_is_stopped_by_the_button_of_its_person(
    slack: FakeSlack, begin: Begin, judge: Judge, state: QuestionStore
) -> None:
    await begin()
    await check(slack, slack.say("C1", f"{RIGHT} {WRONG}"))
    progress = await direct(slack, "Comparing each sentence")
    button = {**progress}
    await asyncio.to_thread(judge.asked.wait, 100)

    other = await slack.response(await press(slack, button, "Stop", user="U2", channel="D2"))
    await press(slack, progress, "Stop")

    await slack.until(lambda: progress["text"] == "Stopped; nothing is checked.")
    assert "ended already" in other["text"]
    await until_stored(lambda: open_jobs(state) == 0)
    ended = await slack.response(await press(slack, button, "Stop", channel="D1"))
    assert "ended already" in ended["text"]


async def test_what_is_checked_by_then_is_shown_as_a_part(
    slack: FakeSlack, begin: Begin, judge: Judge
) -> None:
    await begin()
    await check(slack, slack.say("C1", f"Is it so? {RIGHT} {WRONG}"))
    progress = await direct(slack, "sentence")
    await asyncio.to_thread(judge.asked.wait, 100)

    await press(slack, progress, "Stop")

    await slack.until(lambda: "Stopped: 1 of 3 sentences are checked." in progress["text"])


async def test_a_stop_that_another_process_records_ends_the_check(
    slack: FakeSlack, begin: Begin, judge: Judge, state: QuestionStore
) -> None:
    await begin()
    sent = await send_files(slack, slack.hosted.add("draft.txt", WRONG.encode()), text="check")
    await asyncio.to_thread(judge.asked.wait, 100)

    assert DraftJobStore.beside(state).stop_own(f"message/{slack.team}/D1/{sent['ts']}", "U1")

    reply = await slack.reply("D1", sent["ts"])
    await slack.until(lambda: "Stopped" in reply["text"])


async def test_a_person_has_one_check_at_a_time(slack: FakeSlack, begin: Begin, judge: Judge) -> None:
    await begin()
    await check(slack, slack.say("C1", WRONG))
    again = await slack.response(await check(slack, slack.say("C1", RIGHT)))
    _, refused = await chosen(slack, "Check a text", text=RIGHT)
    await check(slack, slack.say("C1", RIGHT), user="U2")
    judge.may.set()

    assert "Another text of yours is being checked" in again["text"]
    assert "Another text of yours is being checked" in str(refused["errors"])
    for user in ("U1", "U2"):
        await direct(slack, "1 sentence", user)


async def test_a_long_text_costs_as_much_as_its_sentences(slack: FakeSlack, begin: Begin) -> None:
    await begin(questions_per_minute=3)
    await checked(slack, " ".join([RIGHT] * 45))

    refused = await slack.response(await check(slack, slack.say("C1", RIGHT)))

    assert "3 questions" in refused["text"]


async def test_a_check_that_is_delivered_twice_is_done_once(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    used = await check(slack, slack.say("C1", WRONG))
    await slack.response(used)

    await slack.repeat(used)

    assert "Different fact" in await checked(slack, WRONG)
    assert len(slack.replies("D1")) == 2


# Nothing is kept


async def test_after_a_check_no_file_no_table_and_no_line_of_the_log_has_a_word_of_the_draft(
    slack: FakeSlack,
    begin: Begin,
    state: QuestionStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    await begin()
    text = f"The {UNHEARD.title()} Alliance has ninety partners."
    file = slack.hosted.add(f"{UNHEARD}.docx", word_file(text), "cut once")
    assert UNHEARD in (await checked(slack, text, "C1", file)).casefold()
    broken = slack.hosted.add(f"{UNHEARD}.pdf", f"%PDF-1.4 {UNHEARD}".encode())
    assert "I could not read" in await checked(slack, "", "C1", broken)
    for _ in range(2):
        before = len(slack.replies("D1"))
        await chosen(slack, "Check a text", text=text)
        await result(slack, before)
        await until_stored(lambda: open_jobs(state) == 0)
    await until_stored(lambda: open_jobs(state) == 0)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if UNHEARD in path.name.casefold()] == []
    assert [path for path in files if UNHEARD.encode() in path.read_bytes().lower()] == []
    lines = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    assert [line for line in lines if UNHEARD in line.casefold()] == []
    assert (len(files) > 1, any("broke off" in line for line in lines)) == (True, True)


async def test_an_unexpected_fault_is_logged_without_its_words(
    slack: FakeSlack, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_name: str, _data: bytes) -> Any:
        raise ValueError(f"the {UNHEARD} is odd")

    await begin(read_draft=fails)

    assert "tell whoever runs me the reference R-" in await checked(slack, f"A {UNHEARD} is odd.")
    assert "a check failed: ValueError" in caplog.text
    assert UNHEARD not in caplog.text


async def test_a_check_that_a_killed_bot_has_lost_is_said_to_be_lost(
    slack: FakeSlack, begin: Begin, state: QuestionStore
) -> None:
    message = SlackMessage(slack.team, "C1", "1.0", "1.0", "U1", WRONG)
    DraftJobStore.beside(state).claim("message/lost", message, Holder("killed", -1.0))

    await begin()

    assert await direct(slack, "interrupted")
    await until_stored(lambda: open_jobs(state) == 0)


async def test_the_progress_of_a_check_that_a_stop_cuts_off_becomes_what_is_said_of_it(
    slack: FakeSlack, begin: Begin, start: Start, library: RealLibrary, judge: Judge
) -> None:
    stop = asyncio.Event()
    bot = await begin(stop=stop, timing=replace(PATIENT, shutdown_patience=0.0))
    sent = await send_files(slack, slack.hosted.add("draft.txt", WRONG.encode()), text="check")
    reply = await slack.reply("D1", sent["ts"])
    await asyncio.to_thread(judge.asked.wait, 100)
    stop.set()
    await bot

    await start(**library.options())

    await slack.until(lambda: "interrupted" in reply["text"])
    assert (len(slack.replies("D1")), labels(reply)) == (1, [])


# What cannot be checked


@pytest.mark.parametrize(
    ("text", "name", "data", "why"),
    [
        ("<@U2>", "", b"", "There is no text to check,"),
        ("", "harbour.png", b"\x89PNG", "There is no text to check,"),
        ("", "large.txt", b"a" * 200_000, "I could not read large.txt: it has 0.2 MB; the most is 0.1 MB."),
        ("", "empty.txt", b" \n", "I could not read empty.txt: the file is empty."),
        ("", "draft.pdf", b"%PDF-1.4", "I could not read draft.pdf: "),
        (" ".join([RIGHT] * 401), "", b"", "Your text has 401 sentences; 400 can be checked at a time."),
        (
            "L’Alliance des écoles compte quatre-vingts partenaires dans le monde entier.",
            "",
            b"",
            "in the language of",
        ),
    ],
)
async def test_what_cannot_be_checked_is_said_in_one_line(
    slack: FakeSlack, begin: Begin, text: str, name: str, data: bytes, why: str
) -> None:
    await begin()
    files = [slack.hosted.add(name, data)] if name else []

    said = await checked(slack, text, "C1", *files)

    assert why in said
    assert "\n" not in said


async def test_the_result_is_in_the_language_of_the_person(slack: FakeSlack, begin: Begin) -> None:
    slack.directory.people["U1"] = {"locale": "fr-FR"}
    await begin()

    assert "Aucune phrase n’est à revoir." in await checked(slack, RIGHT)
