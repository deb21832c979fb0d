"""Rows with rare words are scored first, and rows with common words alone only where they could be among the best."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection

from store.engines import open_engine, sqlite_url
from store.fulltext import rare_words
from store.fulltext.rare_words import Wanted, best_rows, weight
from store.fulltext.sqlite import SqliteFullText
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
    hits = full.document_frequencies(audiences, map(stem, question))
    every = full.match("section_text", audiences, question, 50, hits)
    monkeypatch.setattr(rare_words, "MOST_ROWS", 100)
    few = full.match("section_text", audiences, question, 50, hits)

    assert list(few.items())[:10] == list(every.items())[:10]
    assert full.scores("section_text", audiences, question, list(every)) == pytest.approx(every)


def best_ten(question: Sequence[str]) -> tuple[list[int], int]:
    """Return the best ten rows by the words' weights, and the number of rows that were scored for them."""
    own = [set(text.split()) for text in TEXTS]
    hits = {word: sum(word in row for row in own) for word in question}
    weights = {word: weight(ROWS, n) for word, n in hits.items()}
    count = 0

    def score(wanted: Wanted) -> dict[int, float]:
        nonlocal count
        found = {}
        for place, row in enumerate(own):
            beside = any(
                word in row and (not others or row & {*others}) for word, others in wanted.words.items()
            )
            if beside and not row & {*wanted.without}:
                found[place] = sum(weights[word] for word in row & {*question})
        count += len(found)
        return found

    return list(best_rows(score, hits, weights.__getitem__, 10)), count


def test_rows_with_common_words_alone_are_not_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    every, all_rows = best_ten(list(SHARES))
    monkeypatch.setattr(rare_words, "MOST_ROWS", 400)
    few, some_rows = best_ten(list(SHARES))

    assert few == every
    assert all_rows > ROWS / 2
    assert some_rows < ROWS / 5
