"""Full text on PostgreSQL (`make test-servers`), compared with that on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from store.catalog.fulltext import FullText, full_text
from store.catalog.schema import SCHEMA
from store.engines import open_engine, sqlite_url
from store.records import EVERYBODY
from store.terms import stem
from tests.conftest import REPORT
from tests.servers import catalog_url, on_servers

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
    for metadata in SCHEMA.all_metadata(connection.dialect.name):
        metadata.create_all(connection)
    text = full_text(connection)
    text.create(EVERYBODY)
    text.add("section_text", EVERYBODY, list(enumerate(LINES, 1)))
    text.remove("section_text", EVERYBODY, [2, 3, 5])
    text.add("section_text", EVERYBODY, [(3, LINES[2])])
    return text


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[tuple[Connection, Connection]]:
    sqlite, other = open_engine(sqlite_url(tmp_path / "text.sqlite")), open_engine(catalog_url(tmp_path))
    with sqlite.begin() as first, other.begin() as second:
        yield first, second
    sqlite.dispose()
    other.dispose()


def test_scores_are_those_of_sqlite(connections: tuple[Connection, Connection]) -> None:
    sqlite, other = map(filled, connections)

    for words in QUESTIONS:
        hits = sqlite.document_frequencies({EVERYBODY}, map(stem, words))
        scores = sqlite.match("section_text", {EVERYBODY}, words, 20, hits)
        assert other.match("section_text", {EVERYBODY}, words, 20, hits) == pytest.approx(scores)
        some = range(1, len(LINES), 3)
        scores = sqlite.scores("section_text", {EVERYBODY}, words, some)
        assert other.scores("section_text", {EVERYBODY}, words, some) == pytest.approx(scores)


def test_word_that_occurs_often_is_counted_exactly(connections: tuple[Connection, Connection]) -> None:
    texts = [(n, "summit " * n + "zebra " * (n % 7)) for n in (*range(1, 60), 120, 254, 255)]
    sqlite, other = map(filled, connections)
    for full in (sqlite, other):
        full.clear()
        full.create(EVERYBODY)
        full.add("section_text", EVERYBODY, texts)
        # So that the words have a weight.
        full.add("section_text", EVERYBODY, [(n, "other words") for n in range(1_000, 1_200)])

    hits = {"summit": len(texts)}
    scores = sqlite.match("section_text", {EVERYBODY}, ["summit"], 100, hits)
    assert len(scores) == len(texts)
    assert other.match("section_text", {EVERYBODY}, ["summit"], 100, hits) == pytest.approx(scores, rel=1e-6)


def test_rows_and_frequencies_are_counted_alike(connections: tuple[Connection, Connection]) -> None:
    sqlite, other = map(filled, connections)
    stems = ["summit", "futur", "digit", "zebra"]

    assert other.count("section_text", EVERYBODY) == sqlite.count("section_text", EVERYBODY) == len(LINES) - 2
    frequencies = sqlite.document_frequencies({EVERYBODY}, stems)
    assert dict(other.document_frequencies({EVERYBODY}, stems)) == dict(frequencies)
