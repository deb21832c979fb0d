"""The services as the settings make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import SharedServices, build
from store.errors import ModelChanged
from store.vectors import Vector
from tests.servers import settings_of
from tests.small_store import REPORT, HashingEmbedder, open_store


class CountingEmbedder(HashingEmbedder):
    """Notes the texts that it embeds as questions."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode_question(self, text: str) -> Vector:
        self.texts.append(text)
        return super().encode_question(text)


def test_texts_that_an_answer_compares_are_embedded_once(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    settings = Settings(data_dir=tmp_path, model="openai:x", _env_file=None)  # type: ignore[call-arg]
    writer = build(settings, embedder).shared.writer
    assert writer is not None
    similarity = writer._similarity
    assert similarity("The forum is in May.", "The forum is in May.") > 0.99
    assert similarity("The forum is in May.", "Members sent inputs.") < 0.99
    assert embedder.texts == ["The forum is in May.", "Members sent inputs."]


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
