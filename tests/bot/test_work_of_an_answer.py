"""What a warm answer does, counted: a question about contents takes no step that only questions about dates need."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from types import FrameType

import pytest
from sqlalchemy import event

from bot.answers import Answer
from bot.register.repository import EntryEdit
from bot.wiring import Services, build
from tests.servers import settings_of
from tests.small_store import REPORT, HashingEmbedder, open_store

ROOT = Path(__file__).parents[2]
DAY = date(2024, 5, 1)
CONTENT = [
    "Who co-facilitates the Global Digital Compact?",
    "What did ITU contribute to SIDS4?",
    "What is the point of the World Standards Cooperation?",
    "Which UNGA resolution prompted OCA?",
    "strategic plan link??",
]


def files_of(work: Callable[[], object]) -> Counter[str]:
    """Return the files of the program, with how many functions of each were called."""
    called: Counter[str] = Counter()

    def look(frame: FrameType, kind: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if kind == "call" and path.is_relative_to(ROOT):
            called[str(path.relative_to(ROOT))] += 1

    sys.setprofile(look)
    try:
        work()
    finally:
        sys.setprofile(None)
    return called


def calls_of(names: Collection[str], work: Callable[[], object]) -> list[str]:
    """Return the qualified names of the functions called, of those given, of the program and of SQLAlchemy."""
    called: list[str] = []

    def look(frame: FrameType, kind: str, _: object) -> None:
        name, module = frame.f_code.co_qualname, str(frame.f_globals.get("__name__"))
        if kind == "call" and name in names and module.startswith(("store.", "sqlalchemy.")):
            called.append(name)

    sys.setprofile(look)
    try:
        work()
    finally:
        sys.setprofile(None)
    return called


@pytest.mark.parametrize("question", CONTENT)
def test_question_about_contents_reads_no_dates_and_no_register(report: Services, question: str) -> None:
    report.assistant.answer(question, as_of=DAY)
    files = files_of(lambda: report.assistant.answer(question, as_of=DAY))

    assert not [file for file in files if file.startswith("ingest/dates/")]
    # What is left says whether the question has words of dates, and gives the newest document's date.
    allowed = ("query", "period", "topics", "wording", "digest")
    assert {Path(file).stem for file in files if file.startswith("bot/register/")} <= {*allowed}


def test_question_about_a_period_does_both(report: Services) -> None:
    # No other test asks this: dates that were read are kept.
    files = files_of(lambda: report.assistant.answer("What is due from 3 to 29 May 2024?", as_of=DAY))
    assert files["ingest/dates/finding.py"]
    assert files["bot/register/questions/search.py"]


@pytest.mark.parametrize("question", CONTENT)
def test_question_is_encoded_once(report: Services, question: str) -> None:
    report.assistant.answer(question, as_of=DAY)
    counted = calls_of(
        {"ExportedEncoder.encode_questions"}, lambda: report.assistant.answer(question, as_of=DAY)
    )
    assert len(counted) == 1


def statements_of(services: Services, question: str) -> list[str]:
    """Return the statements of SQL with which a question is answered."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(services.catalog.engine, "before_cursor_execute", note)
    try:
        services.assistant.answer(question, as_of=DAY)
    finally:
        event.remove(services.catalog.engine, "before_cursor_execute", note)
    return statements


@pytest.mark.parametrize("question", CONTENT)
def test_statements_of_a_warm_answer(report: Services, question: str) -> None:
    report.assistant.answer(question, as_of=DAY)
    statements = statements_of(report, question)
    assert len(statements) <= 9, statements


def test_frequencies_of_a_new_question_are_read_at_once(report: Services) -> None:
    # No other test asks this: frequencies that were read are kept.
    statements = statements_of(report, "Which secretariat prepares delegations before plenary negotiations?")
    assert sum("vocabulary" in one for one in statements) == 1, statements


@pytest.mark.parametrize("question", CONTENT)
def test_warm_answer_builds_no_statement(report: Services, question: str) -> None:
    report.assistant.answer(question, as_of=DAY)
    assert not calls_of({"select", "text"}, lambda: report.assistant.answer(question, as_of=DAY))


def ask(services: Services, question: str) -> Answer:
    return services.assistant.answer(question, as_of=date(2025, 3, 1))


def test_correction_of_a_quoted_date_is_noted(tmp_path: Path) -> None:
    paper = tmp_path / "report.txt"
    paper.write_text(REPORT, "utf-8")
    store = open_store(tmp_path / "data")
    store.ingest(paper)
    store.close()
    services = build(settings_of(tmp_path / "data"), HashingEmbedder())
    question = "Which forum on broadband is held in Geneva?"
    assert ask(services, question).note is None

    entry = next(e for e in services.register(date(2025, 3, 1)) if "Forum on Broadband" in e.title)
    services.correct(entry.id, EntryEdit(start=date(2025, 8, 1), end=date(2025, 8, 2)), "anna")
    noted = ask(services, question)
    assert noted.citations
    assert "1–2 August 2025" in (noted.note or "")
