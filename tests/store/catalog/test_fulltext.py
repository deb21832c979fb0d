"""Full text on either database, compared with SQLite's own BM25."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from store import fulltext
from store.engines import open_engine
from store.fulltext import FullText, FullTextChange, metadata
from store.records import EVERYBODY
from store.terms import stem
from tests.conftest import REPORT
from tests.servers import database_url

LINES = dict(enumerate((line for line in REPORT.read_text("utf-8").splitlines() if len(line) > 30), 1))
CHANNEL = "T1/C1"
QUESTIONS = [
    ["summit", "future"],
    ["landlocked", "developing", "countries", "conference"],
    ["itu", "digital", "cooperation"],
    ["artificial", "intelligence", "governance", "co", "facilitators"],
    ["nothing", "zebra"],
]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(database_url(tmp_path))
    with engine.begin() as opened:
        metadata.create_all(opened)
        yield opened
    engine.dispose()


@pytest.fixture(params=[fulltext._BLOCK_ROWS, 32], ids=["one block", "many"])
def text(connection: Connection, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FullText:
    """The full text of the report's lines but two, dealt out to two audiences, after several changes."""
    monkeypatch.setattr(fulltext, "_BLOCK_ROWS", request.param)
    change = FullTextChange(connection)
    for row, line in LINES.items():
        change.add("section_text", audience_of(row), [(row, line if row != 7 else "Something else.")])
    change.remove("section_text", audience_of(2), [2])
    change.write()
    for row in (3, 5, 7):
        change.remove("section_text", audience_of(row), [row])
    change.add("section_text", audience_of(3), [(3, LINES[3])])
    change.add("section_text", audience_of(7), [(7, LINES[7])])
    change.write()
    return FullText(connection)


def audience_of(row: int) -> str:
    return CHANNEL if row % 3 == 0 else EVERYBODY


def expected(question: list[str], audiences: set[str]) -> dict[int, float]:
    """Return what SQLite's FTS5 scores."""
    own = sqlite3.connect(":memory:")
    own.execute("CREATE VIRTUAL TABLE t USING fts5(body, tokenize='porter unicode61 remove_diacritics 2')")
    rows = [(row, LINES[row]) for row in LINES if row not in (2, 5) and audience_of(row) in audiences]
    own.executemany("INSERT INTO t(rowid, body) VALUES (?, ?)", rows)
    query = "SELECT rowid, -bm25(t) FROM t WHERE t MATCH ?"
    return dict(own.execute(query, [" OR ".join(f'"{word}"' for word in question)]))


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("audiences", [{EVERYBODY}, {EVERYBODY, CHANNEL}], ids=len)
def test_scores_are_those_of_sqlite(text: FullText, question: list[str], audiences: set[str]) -> None:
    scores = expected(question, audiences)
    found = text.match("section_text", audiences, question, 500)

    assert found == pytest.approx(scores, rel=1e-6)
    assert list(found) == sorted(found, key=lambda row: (-found[row], row))
    assert text.match("section_text", audiences, question, 4) == dict(list(found.items())[:4])
    some = [*range(1, len(LINES), 3), 1_000_000]
    own = {row: scores[row] for row in some if row in scores}
    assert text.scores("section_text", audiences, question, some) == pytest.approx(own, rel=1e-6)


def test_terms_are_counted_for_each_audience(text: FullText) -> None:
    wanted = [stem(word) for question in QUESTIONS for word in question]
    for audiences in ({EVERYBODY}, {CHANNEL}, {EVERYBODY, CHANNEL}):
        counts = {term: len(expected([term], audiences)) for term in ("summit", "zebra")}
        found = text.frequencies("section_text", audiences, wanted)
        assert {term: found.get(term, 0) for term in counts} == counts
    assert text.frequencies("section_text", None, wanted) == found


def test_nothing_stays_of_removed_rows(connection: Connection, text: FullText) -> None:
    change = FullTextChange(connection)
    for row in LINES:
        change.remove("section_text", audience_of(row), [row])
    change.write()

    assert connection.scalar(fulltext._postings.select().limit(1)) is None


def test_equal_rows_come_in_their_order_and_none_by_chance(connection: Connection) -> None:
    change = FullTextChange(connection)
    change.add("window_text", EVERYBODY, [(row, "The same words.") for row in range(100, 0, -1)])
    change.add("window_text", EVERYBODY, [(row, "Other ones.") for row in range(200, 500)])
    change.write()

    assert list(FullText(connection).match("window_text", None, ["same"], 3)) == [1, 2, 3]
