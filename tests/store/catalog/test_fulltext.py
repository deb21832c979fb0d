"""Full text on PostgreSQL (`make test-servers`), compared with that on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from store.engines import open_engine, sqlite_url
from store.fulltext import FullText, full_text, metadata
from store.records import EVERYBODY
from store.terms import stem
from tests.conftest import REPORT
from tests.servers import database_url, on_servers

pytestmark = pytest.mark.skipif(not on_servers(), reason="compares PostgreSQL with SQLite: make test-servers")

LINES = [line for line in REPORT.read_text("utf-8").splitlines() if len(line) > 30]
QUESTIONS = [
    ["summit", "future"],
    ["landlocked", "developing", "countries", "conference"],
    ["itu", "digital", "cooperation"],
    ["artificial", "intelligence", "governance", "co", "facilitators"],
    ["nothing", "zebra"],
]


def filled(connection: Connection) -> FullText:
    """Return the full text of the report's lines, of which some were added again and some removed."""
    if connection.dialect.name == "postgresql":
        metadata.create_all(connection)
    text = full_text(connection)
    text.create(EVERYBODY)
    text.add("section_text", EVERYBODY, list(enumerate(LINES, 1)))
    text.remove("section_text", EVERYBODY, [2, 3, 5])
    text.add("section_text", EVERYBODY, [(3, LINES[2])])
    return text


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[tuple[Connection, Connection]]:
    sqlite, other = open_engine(sqlite_url(tmp_path / "text.sqlite")), open_engine(database_url(tmp_path))
    with sqlite.begin() as first, other.begin() as second:
        yield first, second
    sqlite.dispose()
    other.dispose()


def test_scores_are_those_of_sqlite(connections: tuple[Connection, Connection]) -> None:
    sqlite, other = map(filled, connections)

    for words in QUESTIONS:
        hits = sqlite.frequencies("section_text", {EVERYBODY}, map(stem, words))
        scores = sqlite.match("section_text", {EVERYBODY}, words, 20, hits)
        assert other.match("section_text", {EVERYBODY}, words, 20, hits) == pytest.approx(scores)
        some = range(1, len(LINES), 3)
        scores = sqlite.scores("section_text", {EVERYBODY}, words, some)
        assert other.scores("section_text", {EVERYBODY}, words, some) == pytest.approx(scores)


def test_frequencies_are_counted_alike(connections: tuple[Connection, Connection]) -> None:
    sqlite, other = map(filled, connections)
    stems = ["summit", "futur", "digit", "zebra"]

    frequencies = sqlite.frequencies("section_text", {EVERYBODY}, stems)
    assert dict(other.frequencies("section_text", {EVERYBODY}, stems)) == dict(frequencies)
