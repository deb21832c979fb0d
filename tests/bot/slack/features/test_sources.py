"""The sources of an answer in a modal: opened with one press, turned, and only what the channel may see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answer import Answer
from bot.locales import LANGUAGES, in_language
from bot.slack.core.ui.source_lines import source_lines
from bot.slack.features.sources import SourcePlace, source_view
from bot.sources import SourcePage
from store.jobs import AnswerRecord, Holder, QuestionStore, SlackMessage
from store.records import EVERYBODY, Citation, Document, Section
from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.features.library.real_library import (
    LATER,
    REPORT,
    RealLibrary,
    citations_of,
    upload_result,
)
from tests.bot.slack.features.questions.test_messages import TEXT
from tests.bot.slack.features.questions.test_messages import citation as any_citation
from tests.bot.slack.processes.expert_bot import refusal
from tests.bot.slack.windows import direct
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
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


async def test_source_is_opened_with_its_quote_in_bold(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    assert labels(answer) == ["Sources (2)"]
    view = await opened(slack, answer)
    assert bold(view) == "The Summit of the Future will be held on 22-23 September 2024 in New York"
    assert "It has eighty partners." in words(view)
    assert "Report on the summit" in words(view)
    assert "20 April 2024, version 1" in words(view)


async def test_window_ends_with_what_was_searched_and_the_newest_document(
    slack: FakeSlack, run: Start
) -> None:
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack))
    searched = "As of 1 May 2024, from 1 document of 29 April 2024: Report to Council"
    assert _texts(view["blocks"])[-1] == searched
    await turned(slack, view, "Next paragraph")
    assert _texts(view["blocks"])[-1] == searched


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
    assert view["title"]["text"] == "Nearest passages"
    assert "31 May 2024" in bold(view)


async def test_nearest_passages_of_a_private_channel_are_shown_there_alone(
    slack: FakeSlack, run: Start, assistant: CitingAssistant
) -> None:
    slack.directory.places["C1"] = {"is_private": True}
    assistant.refuses = True
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    assert "eighty partners" in words(await opened(slack, answer, "More"))
    elsewhere = slack.channels.put("C2", {"blocks": answer["blocks"]})
    assert "eighty" not in words(await opened(slack, elsewhere, "More"))


async def test_modal_turns_to_the_next_paragraph_and_back(slack: FakeSlack, run: Start) -> None:
    slack.directory.places["C1"] = {"is_private": True}
    slack.directory.members["C1"] = ["U1"]
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack))
    await turned(slack, view, "Next paragraph")
    assert "*§ 1.2" in words(view)
    assert bold(view) == ""
    await turned(slack, view, "Back to the cited one")
    assert "*§ 1.1" in words(view)
    assert bold(view) != ""


async def test_newer_version_is_named_and_the_cited_one_shown(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    await upload(slack, LATER)
    view = await opened(slack, answer)
    assert "It has eighty partners." in words(view)
    assert "The newer version 2 has changed this paragraph" in words(view)


async def test_deleted_version_is_named_with_the_quote(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    await upload(slack, LATER)
    await upload(slack, LATER.replace(b"ninety", b"a hundred"))
    view = await opened(slack, answer)
    assert "§ 1.1 of version 1, which is no longer stored. I have version 3" in words(view)
    assert bold(view).startswith("The Summit of the Future")


async def test_removed_document_is_not_shown(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    await asyncio.to_thread(library.store.pipeline.remove, "report.txt")
    view = await opened(slack, answer)
    assert "not in the library any more" in words(view)
    assert "Summit of the Future will be held" not in words(view)


async def test_document_of_a_private_channel_is_shown_there_alone(slack: FakeSlack, run: Start) -> None:
    slack.directory.places["C1"] = {"is_private": True}
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    assert "eighty partners" in words(await opened(slack, answer))
    elsewhere = await opened(slack, slack.channels.put("C2", {"blocks": answer["blocks"]}))
    assert "or not for this channel" in words(elsewhere)
    assert "eighty" not in words(elsewhere)


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


async def test_person_who_is_not_answered_sees_no_source(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    slack.directory.people["U2"] = {"is_restricted": True}
    slack.agents.is_agent = False
    envelope = await press(slack, answer, source_button(answer), user="U2")
    assert "I do not answer guests" in (await slack.response(envelope))["text"]
    assert slack.forms.opened == []


async def test_original_file_is_sent_to_the_person_who_asks(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack), user="U5")
    await turned(slack, view, "Send me the original file", user="U5")
    assert [upload.data for upload in slack.uploads.known.values()] == [REPORT]
    [sent] = slack.messages["D5"]
    assert sent["files"][0]["name"] == "report.txt"
    assert "in your direct messages" in words(view)


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


async def test_answer_of_an_earlier_version_has_no_stored_sources(
    slack: FakeSlack, run: Start, state: QuestionStore
) -> None:
    asked = SlackMessage(slack.team, "C1", "1.000001", "1.000001", "U1", "When?")
    job = state.claim(asked, Holder("gone", 60.0))
    assert job is not None
    state.finish(job.lease, outcome="answer", reply_ts="1.5")
    await run("U1")
    message = {"blocks": [*source_lines([any_citation()], asked.key, named=False)]}
    view = await opened(slack, message)
    assert "Nothing is stored on the sources of this answer" in words(view)


async def test_expired_trigger_is_reported_to_the_person_alone(
    slack: FakeSlack, run: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    slack.faults["views.open"] = [Fault("refuse", error="expired_trigger_id")]
    response = await slack.response(await press(slack, answer, source_button(answer)))
    assert "did not open in time" in response["text"]
    assert (response["response_type"], response["replace_original"]) == ("ephemeral", False)


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


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("answered", [True, False])
def test_title_of_the_window_keeps_slacks_limit_in_each_language(code: str, answered: bool) -> None:
    cited = (any_citation(999),)
    with in_language(code):
        view = source_view(SourcePlace("T1/C1/1.0", 999), AnswerRecord(answered, citations=cited), None)
    assert problems_of_form(view) == []


@given(
    text=st.text(min_size=1, max_size=9_000),
    near=TEXT,
    title=TEXT,
    start=st.integers(0, 200),
    size=st.integers(0, 9_000),
)
def test_any_document_keeps_slacks_limits(text: str, near: str, title: str, start: int, size: int) -> None:
    view = shown(page_of(text, near or "x", title or "x"), text[start : start + size])
    assert problems_of_form(view) == []


async def test_private_answer_of_the_command_has_its_sources(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    await slack.command("When is the summit?")
    assert "eighty partners" in words(await opened(slack, await direct(slack, "You asked")))
