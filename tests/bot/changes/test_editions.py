"""Which document is the edition before another, and what changed from one to the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.changes import read_changes
from bot.changes.statements import change_statements
from bot.changes.versions import earlier_editions, series
from bot.changes.wording import compared_words
from bot.results import Changes
from bot.terminal import dump_json
from store.records import Document
from tests.bot.commands.test_changes import CHANGED
from tests.small_store import REPORT, SmallStore

TITLE = "ITU contributions to United Nations digital engagement"


def edition(
    number: int,
    title: str = TITLE,
    *,
    symbol: str | None = None,
    day: date | None = None,
    language: str = "en",
) -> Document:
    return Document(f"d{number}", f"d{number}.docx", title, symbol=symbol, date=day, language=language)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Annual report 2024", "Annual report 2025"),
        ("C24/INF/5: Contributions to the UN", "C25/INF/7: Contributions to the UN"),
        ("Report on connectivity (29 April 2024)", "Report on connectivity (May 2025)"),
    ],
)
def test_titles_of_two_editions_are_one_series(one: str, other: str) -> None:
    assert series(edition(1, one)) == series(edition(2, other)) is not None


def test_title_of_one_word_names_no_series() -> None:
    assert series(edition(1, "Budget 2024-2025")) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Resolution 70 on gender", "Resolution 71 on gender"),
        ("Report on space", "Report on broadband"),
        ("Annex 1 to the report", "Annex 2 to the report"),
    ],
)
def test_other_titles_are_other_series(one: str, other: str) -> None:
    assert series(edition(1, one)) != series(edition(2, other))


def test_the_latest_of_the_earlier_editions_comes_first() -> None:
    newest = edition(1, symbol="C26/39")
    others = [edition(2, symbol="C24/52"), edition(3, symbol="C25/47"), edition(4, symbol="C27/1"), newest]
    assert [d.symbol for d in earlier_editions(newest, others)] == ["C25/47", "C24/52"]


def test_a_translation_is_no_edition() -> None:
    earlier = edition(2, day=date(2024, 5, 1), language="fr")
    assert earlier_editions(edition(1, day=date(2025, 5, 1)), [earlier]) == []


Take = Callable[..., None]


@pytest.fixture
def take(store: SmallStore, tmp_path: Path) -> Take:
    """Take in a report of a year, under a symbol of its own."""

    def take_in(year: int, text: str, title: str = TITLE) -> None:
        paper = tmp_path / f"report-{year}.txt"
        paper.write_text(text)
        paper.with_name(f"{paper.name}.meta.toml").write_text(
            f'title = "{title}"\nsymbol = "C{year % 100}/INF/{year % 7}"\ndate = {year}-04-20\n'
        )
        store.ingest(paper)

    return take_in


def test_a_report_with_one_version_is_compared_with_the_edition_before(store: SmallStore, take: Take) -> None:
    take(2024, REPORT)
    take(2025, CHANGED)
    found = read_changes(store.catalog, "report-2025.txt")
    assert compared_words(found) == (
        "from the edition before, C24/INF/1 of 20 April 2024, to C25/INF/2 of 20 April 2025"
    )
    assert found.count("reworded") == 2


def test_the_changes_name_both_editions_and_cite_each(store: SmallStore, take: Take) -> None:
    take(2024, REPORT)
    take(2025, CHANGED)
    statements = change_statements(read_changes(store.catalog))
    text = "\n".join(said for said, _cited in statements)
    assert text.startswith("From the edition before, C24/INF/1 of 20 April 2024, to C25/INF/2")
    assert "Paragraph 2.2 of C24/INF/1 is gone" in text
    assert {cited.symbol for _said, cited in statements} == {"C24/INF/1", "C25/INF/2"}


def test_versions_of_its_own_come_before_editions(store: SmallStore, take: Take) -> None:
    take(2024, REPORT)
    take(2025, CHANGED)
    take(2025, CHANGED.replace("ninety", "a hundred"))
    found = read_changes(store.catalog, "C25/INF/2")
    assert (found.editions, found.before and found.before.version) == (False, 1)


def test_documents_with_one_title_and_no_common_paragraph_are_not_compared(
    store: SmallStore, take: Take
) -> None:
    title = "Report by the Secretary-General"
    take(2024, REPORT, title)
    take(2025, "1. Space\n1.1\tSatellite operators coordinate their orbits through the Bureau.\n", title)
    assert read_changes(store.catalog, "report-2025.txt").before is None


def test_past_date_that_the_new_edition_drops_is_no_change(store: SmallStore, take: Take) -> None:
    take(2024, REPORT.replace("2025", "2024"))
    take(
        2025, CHANGED.replace("14 to 18 July 2025", "14 to 18 July 2026").replace("16 June 2025", "due time")
    )
    dates = json.loads(dump_json(Changes, read_changes(store.catalog, "report-2025.txt")))["dates"]
    assert [d for d in dates if d["kind"] == "dropped"] == []
