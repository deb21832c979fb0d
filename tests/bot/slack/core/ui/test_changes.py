"""The changes of a document: what they tell, and within which limits."""

from __future__ import annotations

from dataclasses import replace

from bot.changes import Version, compare
from bot.changes.comparison import DateChange
from bot.slack.core.ui.documents import changes_message
from bot.slack.core.ui.elements import Message
from store.records import Section
from tests.bot.register_entries import entry
from tests.bot.slack.conftest import REPORT, report_changes
from tests.fake_slack.limits import problems


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
