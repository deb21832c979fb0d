"""The assistant asked what changed: sentences of the new version, each with its paragraph."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.answers import Answer, Basis
from bot.changes import read_changes
from bot.changes.wording import changes_answer
from bot.wiring import Services
from tests.bot.commands.test_changes import CHANGED, REPORT, ingest_versions
from tests.small_store import SmallStore

DAY = date(2025, 5, 1)


def ask(store: SmallStore, folder: Path, *versions: str, dates_only: bool = False) -> Answer:
    ingest_versions(store, folder, *versions)
    draft = Answer("What changed?", "What changed?", "", False, DAY, Basis(1, "report", None))
    return changes_answer(draft, read_changes(store.catalog), dates_only=dates_only)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    papers = tmp_path / "papers"
    papers.mkdir()
    return papers


def test_reworded_paragraph_is_quoted_as_it_is_now(store: SmallStore, folder: Path) -> None:
    text = ask(store, folder, REPORT, CHANGED).text
    assert "Paragraph 2.1 now says: “The Schools Alliance has ninety partners.” [" in text


def test_added_paragraph_is_called_new(store: SmallStore, folder: Path) -> None:
    text = ask(store, folder, REPORT, REPORT + "2.3\tIts seat is in Geneva.\n").text
    assert "Paragraph 2.3 is new: “Its seat is in Geneva.” [" in text


def test_removed_paragraph_is_cited_from_the_earlier_version(store: SmallStore, folder: Path) -> None:
    answer = ask(store, folder, REPORT, CHANGED)
    assert "Paragraph 2.2 of version 1 is gone" in answer.text
    gone = next(c for c in answer.citations if c.section == "2.2")
    assert gone.quote == "Its secretary is appointed by the Council."


def test_a_date_that_moved_comes_first(store: SmallStore, folder: Path) -> None:
    first = ask(store, folder, REPORT, CHANGED).text.splitlines()[0]
    assert "moved from 7–11 July 2025 to 14–18 July 2025" in first


def test_only_the_sentence_that_changed_is_quoted(store: SmallStore, folder: Path) -> None:
    long = "1.1\tThe Alliance met in May. It has eighty partners. Its seat is in Rome.\n"
    text = ask(store, folder, long, long.replace("eighty", "ninety")).text
    assert text == "Paragraph 1.1 now says: “It has ninety partners.” [1]"


def test_removed_sentence_is_shown_by_its_neighbour(store: SmallStore, folder: Path) -> None:
    long = "1.1\tThe Alliance met in May. It has eighty partners. Its seat is in Rome.\n"
    answer = ask(store, folder, long, long.replace(" It has eighty partners.", ""))
    assert answer.text.startswith("Paragraph 1.1 now says: “")


def test_every_line_has_a_marker_with_a_citation(store: SmallStore, folder: Path) -> None:
    answer = ask(store, folder, REPORT, CHANGED)
    markers = [re.findall(r"\[(\d+)\]$", line) for line in answer.text.splitlines()]
    assert all(len(found) == 1 for found in markers)
    assert {int(found[0]) for found in markers} == {c.marker for c in answer.citations}


def test_many_changes_are_cut_and_counted(store: SmallStore, folder: Path) -> None:
    many = "".join(f"1.{n}\tClause {n} binds party {n} to duty {n}.\n" for n in range(1, 31))
    answer = ask(store, folder, many, many.replace("binds", "obliges"))
    assert len(answer.text.splitlines()) == 13
    assert "18 more changes" in answer.text


def test_question_about_dates_leaves_out_paragraphs(store: SmallStore, folder: Path) -> None:
    assert "Paragraph" not in ask(store, folder, REPORT, CHANGED, dates_only=True).text


@pytest.mark.parametrize(
    ("versions", "said"),
    [((REPORT,), "only one version"), ((REPORT, REPORT + "\n"), "says the same as version 1")],
)
def test_without_changes_the_answer_says_so_without_markers(
    store: SmallStore, folder: Path, versions: tuple[str, ...], said: str
) -> None:
    answer = ask(store, folder, *versions)
    assert (answer.answered, answer.reason, answer.citations) == (False, "no change", ())
    assert said in answer.text


@pytest.mark.parametrize(
    "question", ["What changed in the engagement report?", "which dates moved in the report?"]
)
def test_the_assistant_says_that_the_bundled_report_has_one_version(report: Services, question: str) -> None:
    answer = report.assistant.answer(question, as_of=DAY)
    assert (answer.answered, answer.reason) == (False, "no change")
    assert "only one version" in answer.text
