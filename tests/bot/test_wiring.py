"""The services as the settings make them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.answering.remarks import basis_line
from bot.slack.wiring import search_trial
from bot.wiring import Services, SharedServices, build
from store.errors import ModelChanged, StoreDamaged
from store.vectors.encoders import Vector
from tests.servers import settings_of
from tests.small_store import REPORT, HashingEmbedder, SmallStore, open_store
from tests.store.damage import damage_page, damage_table


class CountingEmbedder(HashingEmbedder):
    """Notes the texts that it embeds as questions."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode_question(self, text: str, language: str = "en") -> Vector:
        self.texts.append(text)
        return super().encode_question(text)


def test_documents_of_another_model_are_found_to_be_so(tmp_path: Path) -> None:
    paper = tmp_path / "report.txt"
    paper.write_text(REPORT, "utf-8")
    open_store(tmp_path / "data").ingest(paper)

    with pytest.raises(ModelChanged):
        SharedServices(settings_of(tmp_path / "data")).has_documents()


async def test_file_from_slack_does_not_embed_the_documents_with_another_model(tmp_path: Path) -> None:
    paper = tmp_path / "report.txt"
    paper.write_text(REPORT, "utf-8")
    open_store(tmp_path / "data").ingest(paper)

    with pytest.raises(ModelChanged, match="run `itubot reindex`"):
        await SharedServices(settings_of(tmp_path / "data")).ingest_in_subprocess([], lambda _: None)


@pytest.fixture
def store(tmp_path: Path) -> SmallStore:
    store = open_store(tmp_path / "data")
    for name in ("One", "Two"):
        paper = tmp_path / f"{name}.txt"
        paper.write_text(f"Report {name}\n\n{REPORT}", "utf-8")
        store.ingest(paper)
    return store


def services_of(store: SmallStore, embedder: HashingEmbedder | None = None) -> Services:
    """The services of a process that starts now."""
    store.close()
    return build(settings_of(store.folder), embedder or HashingEmbedder())


def test_register_is_as_of_the_day_that_is_asked_for_and_of_the_newest_documents(
    store: SmallStore, tmp_path: Path
) -> None:
    services = services_of(store)
    days = (date(2025, 7, 6), date(2025, 7, 12), date(2025, 7, 6))
    told = [{entry.status for entry in services.register(day) if entry.kind == "meeting"} for day in days]
    assert told == [{"scheduled"}, {"past"}, {"scheduled"}]
    assert services.register(days[0]) is services.register(days[0])
    store.pipeline.remove("One.txt")
    store.pipeline.remove("Two.txt")
    assert services.register(days[0]) == ()


def test_each_trial_searches_for_the_title_of_another_document(store: SmallStore) -> None:
    embedder = CountingEmbedder()
    services = services_of(store, embedder)
    search = search_trial(services)

    assert [search() for _ in range(4)] == [True] * 4
    titles = [document.title for document in services.catalog.documents()]
    assert len(set(titles)) == 2
    assert embedder.texts == titles * 2


@pytest.mark.files
@pytest.mark.parametrize("table", ["text_postings", "passages", "sections"])
def test_what_a_question_meets_in_a_damaged_catalog_a_trial_meets_too(store: SmallStore, table: str) -> None:
    store.close()
    damage_table(store.folder, table)
    services = services_of(store)

    assert services.shared.has_documents()
    for search in (
        search_trial(services),
        lambda: services.assistant.answer("Who appoints the secretary?"),
    ):
        with pytest.raises(StoreDamaged, match="itubot restore"):
            search()


@pytest.mark.files
def test_bot_with_a_damaged_index_starts_and_says_that_it_searches_by_words_alone(store: SmallStore) -> None:
    damage_page(store.folder / "index" / "chroma.sqlite3", 1)
    services = services_of(store)

    search = search_trial(services)
    services.assistant.warm_up()
    answer = services.assistant.answer("Who appoints the secretary of the Schools Alliance?")
    assert (search(), answer.basis.full_text_only) == (False, True)
    assert "the vector index cannot be used" in basis_line(answer.basis, answer.as_of)
    services.shared.reindex()
    assert search()
