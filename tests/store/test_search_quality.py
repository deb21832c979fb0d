"""How well the search finds what marked questions ask for, with the real model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from bot.commands.context import bundled
from bot.evaluation.measurement import ranked_places
from bot.evaluation.questions import GoldQuestion, read_questions
from ingest.pipeline import Pipeline
from store.catalog import Catalog
from store.engines import sqlite_url
from store.search import Search
from store.vectors.encoders import SentenceTransformerEmbedder, Vector, Vectors
from store.vectors.index import Index
from tests.servers import chroma_url, database_url, on_servers

# The documents take a quarter of a minute to embed, on a busy machine several minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DATA = Path(__file__).parents[1] / "data"
REPORT = "itu-un-digital-engagement-2024.txt"


class Remembering(SentenceTransformerEmbedder):
    """Embeds each text once, since two stores have the same texts."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Vector] = {}

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= zip(new, super().encode(new, progress), strict=True)
        return np.stack([self._known[text] for text in texts])


@pytest.fixture(scope="module")
def remembering() -> Remembering:
    return Remembering()


def filled(folder: Path, catalog: Catalog, index: Index, embedder: SentenceTransformerEmbedder) -> Search:
    """The report beside five long documents on neighbouring subjects."""
    distractors = sorted((DATA / "distractors").glob("*.txt"))
    Pipeline(catalog, index, embedder, folder).ingest([*bundled(), *distractors])
    return Search(catalog, index, embedder)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory, remembering: Remembering) -> Search:
    folder = tmp_path_factory.mktemp("quality")
    index = Index(folder / "index", chroma_url(folder))
    return filled(folder, Catalog(database_url(folder)), index, remembering)


@pytest.fixture(scope="module")
def places(search: Search) -> list[list[int]]:
    return places_of_all(search)


def places_of_all(search: Search) -> list[list[int]]:
    """For each marked question, at which places (from 1) its gold sections are; 0 for one that is not found."""
    return [
        list(places_of(search, gold))
        for gold in read_questions(DATA / "questions_dev.jsonl")
        if gold.sections
    ]


def places_of(search: Search, gold: GoldQuestion) -> Iterable[int]:
    found = ranked_places(search.search(gold.question))
    for section in gold.sections:
        wanted = (REPORT, section)
        yield found.index(wanted) + 1 if wanted in found else 0


def recall(places: list[list[int]]) -> float:
    """Return the share of the gold sections of a question that are among the first five, as a mean."""
    return mean(mean(0 < place <= 5 for place in own) for own in places)


def test_the_gold_sections_are_among_the_first_five(places: list[list[int]]) -> None:
    assert recall(places) >= 0.92


@pytest.mark.skipif(not on_servers(), reason="compares servers with files: make test-servers")
def test_servers_find_what_files_find(
    places: list[list[int]], tmp_path: Path, remembering: Remembering
) -> None:
    files = filled(
        tmp_path, Catalog(sqlite_url(tmp_path / "itubot.sqlite")), Index(tmp_path / "index"), remembering
    )

    assert recall(places) == pytest.approx(recall(places_of_all(files)), abs=0.02)


def test_the_first_gold_section_ranks_high(places: list[list[int]]) -> None:
    assert mean(max((1 / place for place in own if place), default=0.0) for own in places) >= 0.83


def test_acronyms_and_full_names_find_each_other(search: Search) -> None:
    assert search.search("GDC").names == {"gdc": ("global digital compact",)}
    assert "gdc" in search.search("the global digital compact").names["global digital compact"]
