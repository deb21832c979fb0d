"""Drafts that people have checked in Slack: a message, files and a form; for them alone, and without a trace."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from bot.models.judge import JudgeRequest, Ruling
from bot.slack.features.checking import text_of_message
from bot.slack.manifest import CHECK_MESSAGE
from store.jobs import DraftJob, DraftJobStore, Holder, QuestionStore, SlackMessage
from tests.bot.slack.conftest import PATIENT
from tests.bot.slack.features.conftest import PUBLIC, RIGHT, Begin, Waiting
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.windows import alone, chosen, direct
from tests.bot.word.files import comments
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.forms import labels, press
from tests.fake_slack.hosted_files import HostedFile, mention_with_files, send_files, shared
from tests.fake_slack.shortcuts import use_message_shortcut
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, until_stored

WRONG = "The Schools Alliance has ninety partners."
HARBOUR = "The Harbour Alliance has ninety partners."
# A word that no document has.
UNHEARD = "quokka"


def word_file(*paragraphs: str) -> bytes:
    made, data = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(data)
    return data.getvalue()


class Judge(Waiting):
    """Says that nothing is said, once it may."""

    def reads(self, language: str) -> bool:
        return True

    def rulings(self, requests: Sequence[JudgeRequest], _config: Any = None) -> list[Ruling]:
        self.wait()
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


# The shortcut


async def test_the_shortcut_sends_the_person_what_needs_work_in_a_message_and_its_files(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()
    assert (await checked(slack, f"{RIGHT} {WRONG}")).splitlines() == [
        "2 sentences: 1 same facts, 1 different fact",
        "Different fact · draft: 90; § 1.2: 84",
        f"&gt; {WRONG}",
        f"Report on the forum, § 1.2 Forum: “{RIGHT}”",
        "No judge is set: days, figures and symbols are compared, and not what a sentence says of them.",
    ]
    assert slack.replies("C1") == []
    assert "The check of your text is in our messages" in str(slack.responses)

    file = slack.hosted.add("draft.md", f"# Partners\n\n{WRONG}\n".encode())
    picture = slack.hosted.add("harbour.png", b"\x89PNG")
    assert "1 no claim, 1 same facts, 1 different fact" in await checked(slack, RIGHT, "C1", file, picture)
    assert [asked for asked, _ in slack.hosted.asked] == [file.id]

    # A Word file comes back with comments.
    file = slack.hosted.add("note.docx", word_file(RIGHT, WRONG))
    assert "1 different fact" in await checked(slack, "", "C1", file)
    [upload] = slack.uploads.known.values()
    assert upload.name == "note (checked).docx"
    assert comments(upload.data or b"") == [
        f"Different fact; draft: 90; § 1.2: 84\n§ 1.2, Report on the forum: “{RIGHT}”"
    ]


def test_a_message_is_checked_as_people_read_it() -> None:
    said = "<@U2> <!here> &gt; no\n&gt; *The* _Schools Alliance_ &amp; <https://itu.int|the ITU> has <#C1|general> it"
    assert text_of_message(said) == "> no\nThe Schools Alliance & the ITU has it"


# Files beside the word


async def test_a_file_beside_the_word_is_checked_and_not_added(
    slack: FakeSlack, begin: Begin, library: RealLibrary
) -> None:
    await begin(library_users=("U1",))
    file = slack.hosted.add("draft.txt", WRONG.encode())
    for text in ("Please check this.", "CHECK", "Peux-tu vérifier ce texte ?", "请核对这份文件"):
        before = len(slack.replies("D1"))
        asked = await mention_with_files(slack, file, text=text)
        assert "Different fact" in await result(slack, before)
        assert slack.replies("C1", asked["ts"]) == []
    assert library.runs == 0
    # A word within another asks for no check.
    await send_files(slack, slack.hosted.add("r.txt", PUBLIC), text="The new check-in report, double-checked")
    await slack.until(lambda: library.runs == 1)


# Who sees what


async def test_documents_of_a_private_channel_check_only_what_is_said_there(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()
    file = slack.hosted.add("note.docx", word_file(HARBOUR))
    await check(slack, slack.say("C2", "", user="U2", **shared([file])), "C2")
    told = await alone(slack, "sixty-one", "C2")
    assert "note.docx does not come back with comments" in told
    assert "sixty-one" not in await checked(slack, HARBOUR, "C1")
    assert ("sixty-one" in str(slack.messages["D1"]), slack.uploads.known) == (False, {})


# Long work


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{RIGHT} {WRONG}", "Stopped; nothing is checked."),
        (f"Is it so? {RIGHT} {WRONG}", "Stopped. Sentences checked: 1 of 3."),
    ],
)
async def test_a_check_is_stopped_by_its_person_alone_and_shows_what_is_checked_by_then(
    slack: FakeSlack, begin: Begin, judge: Judge, state: QuestionStore, text: str, said: str
) -> None:
    def progress() -> list[Message]:
        # Its text says soon how many sentences are checked.
        return [message for message in slack.replies("D1") if "Stop" in labels_of(message)]

    await begin()
    await check(slack, slack.say("C1", text))
    await slack.until(lambda: bool(progress()))
    [shown] = progress()
    button = {**shown}
    await judge.until_asked()
    other = await slack.response(await press(slack, button, "Stop", user="U2", channel="D2"))
    await press(slack, shown, "Stop")
    await slack.until(lambda: said in shown["text"])
    await until_stored(lambda: open_jobs(state) == 0)
    ended = await slack.response(await press(slack, button, "Stop", channel="D1"))
    assert other["text"] == ended["text"] == "This has ended already."


async def test_the_result_of_a_long_check_is_a_new_message_of_a_conversation_with_its_title(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin(timing=replace(PATIENT, notify_after=0.0))
    assert "2 sentences" in await checked(slack, f"{RIGHT} {WRONG}")
    await slack.until(lambda: "The check of your text is in our messages" in str(slack.responses))
    [shown] = slack.replies("D1")
    assert slack.called("agents.sessions.setStatus")[-1]["thread_ts"] == shown["ts"]


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
    DraftJobStore.beside(state).claim(DraftJob("message/lost", message), Holder("killed", -1.0))

    await begin()

    assert await direct(slack, "interrupted")
    await until_stored(lambda: open_jobs(state) == 0)


# What cannot be checked


async def test_what_cannot_be_checked_is_said_in_one_line(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    french = "L’Alliance des écoles compte quatre-vingts partenaires dans le monde entier."
    for text, name, data, why in (
        ("<@U2>", "", b"", "There is no text to check,"),
        ("", "harbour.png", b"\x89PNG", "There is no text to check,"),
        ("", "large.txt", b"a" * 200_000, "I could not read large.txt: it has 0.2 MB; the most is 0.1 MB."),
        ("", "empty.txt", b" \n", "I could not read empty.txt: the file is empty."),
        ("", "draft.pdf", b"%PDF-1.4", "I could not read draft.pdf: "),
        (" ".join([RIGHT] * 401), "", b"", "Your text has 401 sentences; 400 can be checked at a time."),
        (french, "", b"", "in the language of"),
    ):
        files = [slack.hosted.add(name, data)] if name else []
        said = await checked(slack, text, "C1", *files)
        assert (why in said, "\n" in said) == (True, False)
