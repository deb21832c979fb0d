"""The sources of an answer in a modal: opened with one press, turned, and only what the channel may see."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.answering.answer import Answer
from bot.slack.core.options import FILES_AT_ONCE
from bot.slack.features.sources import SourcePlace, source_view
from bot.sources import SourcePage
from store.jobs import AnswerRecord, QuestionStore
from store.records import EVERYBODY, Citation, Document, Section
from store.schema import documents
from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.features.library.real_library import (
    LATER,
    REPORT,
    RealLibrary,
    citations_of,
    upload_result,
)
from tests.bot.slack.features.questions.test_messages import citation as any_citation
from tests.bot.slack.refusing_assistant import refusal
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import View, choose, labels, opened_by, press
from tests.fake_slack.hosted_files import point_at, shared
from tests.fake_slack.limits import problems_of_form
from tests.fake_slack.slack import FakeSlack


class CitingAssistant(Assistant):
    """Cites the paragraphs of the report that the channel C1 sees; `refuses`: as those nearest to the question."""

    library: RealLibrary
    refuses = False

    def answer(self, question: str, **options: Any) -> Answer:
        reply = super().answer(question, **options)
        seen = self.library.store.catalog.seen_by(frozenset({EVERYBODY, "T0TEAM/C1"}))
        [document] = seen.documents()
        cited = citations_of(seen, document)
        if self.refuses:
            return replace(refusal(reply), nearest=cited, note="I looked for “cost”.")
        return replace(reply, citations=cited)


@pytest.fixture
def assistant(library: RealLibrary) -> CitingAssistant:
    assistant = CitingAssistant()
    assistant.library = library
    return assistant


async def upload(slack: FakeSlack, data: bytes = REPORT, channel: str = "C1") -> Message:
    message = slack.say(channel, "", user="U1", **shared((slack.hosted.add("report.txt", data),)))
    await point_at(slack, message, channel=channel)
    await upload_result(slack, channel, message)
    return message


async def answered(slack: FakeSlack, channel: str = "C1") -> Message:
    asked = await slack.mention(channel, "When is the summit?")
    return await slack.reply(channel, asked["ts"])


async def opened(slack: FakeSlack, answer: Message, label: str = "", **how: Any) -> View:
    """Press the button of the sources, or another one, and return the window."""
    view, _ = await opened_by(slack, press(slack, answer, label or source_button(answer), **how))
    return view


def source_button(answer: Message) -> str:
    return next(label for label in labels(answer) if label.startswith("Source"))


async def turned(slack: FakeSlack, view: View, label: str, **how: Any) -> None:
    """Press a button of the modal, and wait until it changes."""
    before = view["hash"]
    await press(slack, view, label, **how)
    await slack.until(lambda: view["hash"] != before)


def words(view: View) -> str:
    """Return the texts of a modal."""
    return "\n".join(_texts(view["blocks"]))


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return [*own, *(text for part in value.values() for text in _texts(part))]
    return [text for part in value for text in _texts(part)] if isinstance(value, list) else []


def bold(view: View) -> str:
    """Return what is bold in the paragraph of a modal."""
    parts = [b for block in view["blocks"] if block["type"] == "rich_text" for b in block["elements"]]
    return "".join(text["text"] for part in parts for text in part["elements"] if text.get("style"))


async def test_a_source_is_opened_with_its_quote_in_bold_turned_and_sent(
    slack: FakeSlack, run: Start
) -> None:
    slack.directory.places["C1"] = {"is_private": True}
    slack.directory.members["C1"] = ["U1", "U5"]
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    assert labels(answer) == ["Sources (2)"]
    view = await opened(slack, answer, user="U5")
    assert bold(view) == "The Summit of the Future will be held on 22-23 September 2024 in New York"
    for shown in ("It has eighty partners.", "Report on the summit", "20 April 2024, version 1"):
        assert shown in words(view)
    searched = "As of 1 May 2024, from 1 document of 29 April 2024: Report to Council"
    assert _texts(view["blocks"])[-1] == searched

    await turned(slack, view, "Next paragraph", user="U5")
    assert ("*§ 1.2" in words(view), bold(view), _texts(view["blocks"])[-1]) == (True, "", searched)
    await turned(slack, view, "Back to the cited one", user="U5")
    assert ("*§ 1.1" in words(view), bool(bold(view))) == (True, True)

    await turned(slack, view, "Send me the original file", user="U5")
    assert [upload.data for upload in slack.uploads.known.values()] == [REPORT]
    [sent] = slack.messages["D5"]
    assert (sent["files"][0]["name"], "in your direct messages" in words(view)) == ("report.txt", True)


async def test_button_of_a_refusal_shows_the_nearest_passages_one_by_one(
    slack: FakeSlack, run: Start, assistant: CitingAssistant
) -> None:
    assistant.refuses = True
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    assert labels(answer) == ["More"]
    view = await opened(slack, answer, "More")
    assert view["title"]["text"] == "Nearest passages"
    assert bold(view).startswith("The Summit of the Future will be held")
    assert _texts(view["blocks"])[-1].startswith("I looked for “cost”. As of 1 May 2024, from 1 document")
    before = view["hash"]
    await choose(slack, view, "[2] § 1.2")
    await slack.until(lambda: view["hash"] != before)
    assert (view["title"]["text"], "31 May 2024" in bold(view)) == ("Nearest passages", True)


async def test_what_became_of_the_cited_version_is_said(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    await upload(slack, LATER)
    newer = words(await opened(slack, answer))
    assert "It has eighty partners." in newer
    assert "The newer version 2 has changed this paragraph" in newer
    await upload(slack, LATER.replace(b"ninety", b"a hundred"))
    gone = await opened(slack, answer)
    assert "§ 1.1 of version 1, which is no longer stored. I have version 3" in words(gone)
    assert bold(gone).startswith("The Summit of the Future")
    await asyncio.to_thread(library.store.pipeline.remove, "report.txt")
    removed = words(await opened(slack, answer))
    assert "not in the library any more" in removed
    assert "Summit of the Future will be held" not in removed


@pytest.mark.parametrize(("refuses", "label"), [(False, "Sources (2)"), (True, "More")])
async def test_document_of_a_private_channel_is_shown_there_alone(
    slack: FakeSlack, run: Start, assistant: CitingAssistant, refuses: bool, label: str
) -> None:
    slack.directory.places["C1"] = {"is_private": True}
    assistant.refuses = refuses
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    assert "eighty partners" in words(await opened(slack, answer, label))
    elsewhere = slack.channels.put("C2", {"blocks": answer["blocks"]})
    assert "eighty" not in words(await opened(slack, elsewhere, label))


@pytest.mark.parametrize("label", ["Next paragraph", "Send me the original file"])
async def test_person_who_has_left_a_private_channel_gets_no_more_of_its_document(
    slack: FakeSlack, run: Start, label: str
) -> None:
    slack.directory.places["C1"] = {"is_private": True}
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack), user="U5")
    slack.directory.members["C1"] = ["U1"]
    await turned(slack, view, label, user="U5")
    assert "eighty" not in words(view)
    assert slack.uploads.known == {}


async def test_button_of_a_forgotten_answer_says_so(
    slack: FakeSlack, run: Start, state: QuestionStore
) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    async with asyncio.timeout(60):
        while (await opened(slack, answer))["title"]["text"] != "Source":
            await asyncio.to_thread(state.forget, older_than=-60.0)
    assert "This answer is too old" in words(slack.forms.opened[-1])


def page_of(text: str, near: str = "Near.", title: str = "Report") -> SourcePage:
    document = Document("d", "report.txt", title, version=2, content_hash="h")
    own, other = (
        Section("d", number, 0, n, near, words, words)
        for n, (number, words) in enumerate((("1", text), ("2", near)))
    )
    return SourcePage(document, document, own, other, other, still_there=True)


def shown(page: SourcePage, quote: str) -> View:
    assert page.section is not None
    cited: Citation = any_citation(quote=quote, section_id=page.section.id)
    record = AnswerRecord(answered=True, citations=(cited, any_citation(2)), details="Checked.")
    return source_view(SourcePlace("T1/C1/1.0", 1, "C1"), record, page)


def test_long_paragraph_is_split_and_keeps_its_quote() -> None:
    text = f"{'word ' * 10_000}The quote. {'word ' * 10_000}"
    view = shown(page_of(text), "The quote.")
    assert bold(view) == "The quote."
    assert problems_of_form(view) == []
    assert max(len(each) for each in _texts(view["blocks"])) <= 3_000


# The original file, however large: sent piece by piece, and few of them at the same time

MEGABYTES = 24


async def test_large_file_is_never_whole_in_memory(
    slack: FakeSlack, run: Start, library: RealLibrary, tmp_path: Path
) -> None:
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack), user="U5")
    large = tmp_path / "large"
    with large.open("wb") as content:
        content.truncate(MEGABYTES * 1_000_000)
    digest = library.storage.put(large)
    replace_original(library, digest)
    tracemalloc.start()
    try:
        await turned(slack, view, "Send me the original file", user="U5")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "in your direct messages" in words(view)
    assert [sent.sha256 for sent in slack.uploads.known.values()] == [digest]
    assert peak < MEGABYTES * 1_000_000 / 4


def replace_original(library: RealLibrary, digest: str) -> None:
    """Let the documents of a library come from another stored file."""
    with library.store.catalog.engine.begin() as connection:
        connection.execute(update(documents).values(original=digest))


async def test_damaged_file_is_not_sent(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack), user="U5")
    [stored] = (path for path in library.store.folder.rglob("sha256/*") if path.read_bytes() == REPORT)
    stored.write_bytes(REPORT.replace(b"eighty", b"ninety"))
    await turned(slack, view, "Send me the original file", user="U5")
    assert "The file was not sent: the stored file" in words(view)
    assert slack.uploads.known == {}


async def test_few_files_are_sent_at_the_same_time(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    views = [await opened(slack, answer, user=f"U{number}") for number in range(5, 10)]
    before = [view["hash"] for view in views]
    slack.uploads.gate.clear()
    for number, view in enumerate(views, 5):
        await press(slack, view, "Send me the original file", user=f"U{number}")
    await slack.until(lambda: slack.uploads.arriving == FILES_AT_ONCE)
    # What others ask for is done meanwhile.
    await turned(slack, await opened(slack, answer), "Next paragraph")
    slack.uploads.gate.set()
    await slack.until(lambda: all(view["hash"] != was for view, was in zip(views, before, strict=True)))
    assert slack.uploads.most == FILES_AT_ONCE
    assert [upload.data for upload in slack.uploads.known.values()] == [REPORT] * 5
