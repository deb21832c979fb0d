"""What a document only proposes: so marked in every view, until a document says it without reserve."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bot.commands.register import register_table
from bot.register import RegisterEntry, build_register
from bot.register.export.timeline import to_html
from bot.register.wording import entry_sentence, entry_words, status
from bot.slack.core.ui.entry_lines import entry_item
from store.records import Event, Mention
from tests.bot.register.test_building import PAPER_2024, PAPER_2025, SECTIONS, event, mention
from tests.bot.register_entries import AS_OF, entry

PROPOSED = entry("Forum", "2024-06-18", location="Geneva", tentative=True)


def proposed(start: str, end: str | None = None, **changes: object) -> Mention:
    return replace(mention(start, end, **changes), tentative=True)  # type: ignore[arg-type]


def tentative(*events: Event) -> list[bool]:
    return [e.tentative for e in build_register([PAPER_2024, PAPER_2025], SECTIONS, events, AS_OF)]


FIRM = mention("2024-06-18", number="1.2")
LATER = event("b", mention("2024-06-18", document=PAPER_2025), document=PAPER_2025, chain="x")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event("a", proposed("2024-06-18"))], True),
        ([event("a", mention("2024-06-18"))], False),
        ([event("a", proposed("2024-06-18"), FIRM)], False),
        ([event("a", proposed("2024-06-18"), chain="x"), LATER], False),
    ],
)
def test_a_sentence_without_reserve_makes_a_date_firm(events: list[Event], expected: bool) -> None:
    assert tentative(*events) == [expected]


def table(*entries: RegisterEntry) -> str:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(register_table(entries, AS_OF))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_every_view_marks_a_proposed_date() -> None:
    assert "Forum, Geneva (proposed)" in table(PROPOSED)
    assert status(PROPOSED) == "scheduled (proposed)"
    assert entry_words(PROPOSED) == "Forum, Geneva (proposed)"
    assert "Forum, Geneva (proposed)" in entry_item(PROPOSED, AS_OF, "§ 1.1")
    assert entry_sentence(PROPOSED, AS_OF).endswith("(in 48 days; only proposed so far).")
    assert "<bdi>proposed</bdi>" in to_html([PROPOSED], AS_OF)
