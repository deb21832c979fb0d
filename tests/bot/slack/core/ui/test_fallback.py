"""What notifications and screen readers get of a message: its content as plain text, within Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.changes import Version, compare
from bot.register.digest import build_digest
from bot.slack.core.ui.documents import changes_message
from bot.slack.core.ui.elements import Message, context, header, section
from bot.slack.core.ui.mrkdwn import escape, unformatted
from bot.slack.features.questions import messages as blocks
from bot.slack.features.register import deadlines_message
from bot.slack.features.subscriptions.digests import digest_message
from store.records import Document, Section
from tests.bot.register_entries import AS_OF, spring
from tests.bot.slack.features.questions.test_messages import KEY, TEXT, answer, refusal
from tests.fake_slack.limits import problems

REPORT = Document("report.txt", "report.txt", "Report to Council", date=date(2024, 4, 29))


def test_answer_names_its_sources_and_what_was_searched() -> None:
    assert blocks.answer_message(answer(), KEY).text.split("\n") == [
        "On 22-23 September 2024 [1].",
        "[1] Report to Council 2024, § 2.2 Summit of the Future",
        "As of 1 May 2024, from 2 documents, the newest of 29 April 2024.",
    ]


def test_refusal_names_the_nearest_passage() -> None:
    text = blocks.answer_message(refusal(), KEY).text
    assert "§ 2.2 Summit of the Future): “It &lt;is&gt; near.”" in text


def test_deadlines_name_each_entry_with_its_date_and_paragraph() -> None:
    text = deadlines_message(spring(), AS_OF, None, [REPORT]).text
    assert "27–30 May 2024  SIDS4, Antigua and Barbuda  [§\N{NO-BREAK SPACE}3.1]" in text


def test_digest_names_what_is_due_and_how_old_the_documents_are() -> None:
    text = digest_message(build_digest(spring(), AS_OF, documents=[REPORT])).text
    assert "27–30 May 2024  SIDS4" in text
    assert "Newest document: 29 April 2024" in text


def test_changes_say_in_words_what_was_removed() -> None:
    old, new = (
        Section("report.txt", "2.2", 0, 0, "Summit", text, text)
        for text in ("It has eighty partners.", "It has ninety partners.")
    )
    changes = compare(Version(REPORT, [old], []), Version(replace(REPORT, version=2), [new], []))
    assert "It has [removed: eighty] ninety partners." in changes_message(changes).text


def test_signs_of_a_document_stay() -> None:
    shown = section(f"{escape('5 * 3 and *starred* snake_case')} _corrected_")
    assert Message.of([shown]).text.replace("\u2060", "") == "5 * 3 and *starred* snake_case corrected"


def test_times_are_no_emoji() -> None:
    assert unformatted("at 17:00:30, :alarm_clock: *due*") == "at 17:00:30, due"


def test_header_is_escaped() -> None:
    assert Message.of([header("R&D <now>")]).text == "R&amp;D &lt;now&gt;"


def test_long_text_ends_at_a_line_with_an_ellipsis() -> None:
    lines = [f"{n} {'word ' * 30}" for n in range(200)]
    text = Message.of([section(line) for line in lines]).text
    assert len(text) <= 4_000
    assert text.endswith("\n…")
    assert set(text.split("\n")[:-1]) <= set(lines)


@given(texts=st.lists(TEXT.filter(str.strip), min_size=1, max_size=30))
def test_any_text_keeps_slacks_limits(texts: list[str]) -> None:
    message = Message.of([context(escape(text)[:2_000] or "x") for text in texts])
    assert len(message.text) <= 4_000


@pytest.mark.parametrize(
    "message",
    [
        blocks.answer_message(answer(" ".join(f"word{n}" for n in range(500))), KEY),
        deadlines_message(spring(), AS_OF, None, [REPORT]),
        digest_message(build_digest(spring(), AS_OF)),
    ],
    ids=["answer", "deadlines", "digest"],
)
def test_no_section_collapses(message: Message) -> None:
    assert all(block["expand"] for block in message.blocks if block["type"] == "section")
    assert problems(message) == []
