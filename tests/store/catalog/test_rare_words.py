"""Rows with rare words are scored first, and rows with common words alone only where they could be among the best."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from store import fulltext
from store.engines import open_engine, sqlite_url
from store.fulltext import SqliteFullText
from store.records import EVERYBODY
from store.terms import stem

# Word -> one of how many rows has it.
SHARES = {"harbour": 300, "lighthouse": 90, "council": 9, "report": 4, "digital": 3, "union": 2}
ROWS = 3_000
CHANNEL = "channel:C1"


def texts() -> list[str]:
    draw = random.Random(7)  # noqa: S311 - no secret
    fillers = ["alpha", "beta", "gamma", "delta", "epsilon"]
    made = []
    for _ in range(ROWS):
        own = [word for word, one_of in SHARES.items() if draw.randrange(one_of) == 0]
        own += draw.choices(fillers, k=draw.randint(3, 30))
        draw.shuffle(own)
        made.append(" ".join(own))
    return made


TEXTS = texts()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(sqlite_url(tmp_path / "text.sqlite"))
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def filled(connection: Connection, *audiences: str) -> SqliteFullText:
    """Return the full text of the rows, dealt out to the audiences."""
    full = SqliteFullText(connection)
    for place, audience in enumerate(audiences):
        full.create(audience)
        rows = list(enumerate(TEXTS, 1))[place :: len(audiences)]
        full.add("section_text", audience, rows)
    return full


@pytest.mark.parametrize("audiences", [[EVERYBODY], [EVERYBODY, CHANNEL]])
@pytest.mark.parametrize(
    "question",
    [list(SHARES), ["lighthouse", "union"], ["council", "digital", "report"], ["union"], ["zebra"]],
)
def test_best_rows_are_those_of_scoring_every_row(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, audiences: list[str], question: list[str]
) -> None:
    full = filled(connection, *audiences)
    hits = full.frequencies("section_text", audiences, map(stem, question))
    every = full.match("section_text", audiences, question, 50, hits)
    monkeypatch.setattr(fulltext, "MOST_ROWS", 100)
    few = full.match("section_text", audiences, question, 50, hits)

    assert list(few.items())[:10] == list(every.items())[:10]
    assert full.scores("section_text", audiences, question, list(every)) == pytest.approx(every)
