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
from bot.slack.core.ui.elements import Message, context, section
from bot.slack.core.ui.mrkdwn import escape
from bot.slack.features.follow.subscriptions import digest_message
from bot.slack.features.questions import messages as blocks
from bot.slack.features.register import deadlines_message
from store.records import Document, Section
from tests.bot.register_entries import AS_OF, spring
from tests.bot.slack.features.questions.test_messages import KEY, TEXT, answer
from tests.fake_slack.limits import problems

REPORT = Document("report.txt", "report.txt", "Report to Council", date=date(2024, 4, 29))


def test_changes_say_in_words_what_was_removed() -> None:
    old, new = (
        Section("report.txt", "2.2", 0, 0, "Summit", text, text)
        for text in ("It has eighty partners.", "It has ninety partners.")
    )
    changes = compare(Version(REPORT, [old], []), Version(replace(REPORT, version=2), [new], []))
    assert "It has [removed: eighty] ninety partners." in changes_message(changes).text


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
