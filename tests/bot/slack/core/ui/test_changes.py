"""`/itu changes`: what it tells, to whom, and within which limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.changes import Version, compare
from bot.changes.comparison import DateChange
from bot.slack.core.ui.documents import changes_message
from bot.slack.core.ui.elements import Message
from bot.slack.core.words import ParsedCommand, parse_command
from store.records import Section
from tests.bot.register_entries import entry
from tests.bot.slack.conftest import REPORT, report_changes
from tests.bot.slack.words import WORDS
from tests.fake_slack.limits import problems
from tests.fake_slack.slack import FakeSlack


async def test_changes_reply_is_ephemeral(slack: FakeSlack, bot: object) -> None:
    reply = await slack.response(await slack.command("changes"))
    assert "ninety" in str(reply["blocks"])
    assert (reply["response_type"], slack.messages["C1"]) == ("ephemeral", [])


async def test_unknown_document_reply_lists_the_known_ones(slack: FakeSlack, bot: object) -> None:
    reply = await slack.response(await slack.command("changes other.txt"))
    assert "other.txt" in reply["text"]
    assert "report.txt" in reply["text"]


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("changes", ParsedCommand("changes")),
        ("changes report.txt", ParsedCommand("changes", text="report.txt")),
        ("Changes C24/60-E", ParsedCommand("changes", text="C24/60-E")),
        ("changes Annual report of 2024.docx", ParsedCommand("changes", text="Annual report of 2024.docx")),
        ("changed", ParsedCommand("unknown", text="changes")),
    ],
)
def test_changes_command_takes_a_document(typed: str, request_: ParsedCommand) -> None:
    assert parse_command(typed, WORDS) == request_


@pytest.mark.parametrize("typed", ["changes in the report?", "changes in the engagement report"])
def test_a_sentence_that_begins_with_the_command_is_a_question(typed: str) -> None:
    assert parse_command(typed, WORDS) == ParsedCommand("question", text=typed)


def _changes(count: int, old: str, new: str) -> Message:
    before, after = (
        [Section("report.txt", f"1.{n}", 0, n, "Heading", text.format(n=n), "") for n in range(count)]
        for text in (old, new)
    )
    return changes_message(
        compare(Version(REPORT, before, []), Version(replace(REPORT, version=2), after, []))
    )


def test_removed_words_are_struck_and_added_words_bold() -> None:
    shown = str(_changes(1, "It has eighty partners in May.", "It has ninety partners in June."))
    assert "It has ~eighty~ *ninety* partners in ~May~ *June*." in shown


def test_markup_in_a_changed_document_is_escaped() -> None:
    assert "*bold*" not in str(_changes(1, "It has eighty.", "It has *bold* <!channel>."))


def test_hundreds_of_long_changes_stay_within_slacks_limits_and_are_counted() -> None:
    long = " ".join(f"word{n} &" for n in range(400))
    message = _changes(200, long + " eighty {n}", "ninety {n} " + long)
    assert problems(message) == []
    assert "more changes" in str(message)


def test_many_long_dates_stay_within_slacks_limits_and_are_counted() -> None:
    long = "Meeting of the & committee " * 20
    moved = entry(long, "2024-06-03", precision="season", section=long)
    words = replace(moved, mentions=(replace(moved.mentions[0], text=f"{long} 2024"),))
    dates = (DateChange("moved", words, words),) * 40
    message = changes_message(replace(report_changes(None), dates=dates))
    assert problems(message) == []
    assert "more" in str(message.blocks[2])
