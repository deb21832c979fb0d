"""Sections put in another order by a real cross-encoder, so small that it is built here, with weights of chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import Services, build
from store.cross_encoders import CrossEncoderReranker
from store.errors import StoreError
from store.search import Search
from tests.store.tiny_cross_encoder import cross_encoder

QUESTION = "when is the summit in september"


@pytest.fixture(scope="module")
def ranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import BertForSequenceClassification

    path = cross_encoder(tmp_path_factory.mktemp("ranker"), ("score",), "score")
    model = BertForSequenceClassification.from_pretrained(path)
    torch.manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.normal_()
    model.save_pretrained(path)
    return path


def test_reranker_sorts_sections(report: Services, ranker: Path) -> None:
    from sentence_transformers import CrossEncoder

    own = report.search
    with_it = Search(own.catalog, own.index, own.embedder, CrossEncoderReranker(str(ranker)))

    hits = with_it.search(QUESTION).hits

    pairs = [(QUESTION, f"{h.section.heading}\n{h.section.text}".strip()) for h in hits]
    scores = [float(score) for score in CrossEncoder(str(ranker), max_length=512).predict(pairs)]
    assert scores == sorted(scores, reverse=True)
    assert [h.section.id for h in hits] != [h.section.id for h in own.search(QUESTION).hits]
    assert hits[0].score == 1.0


def test_reranker_setting_is_used(report: Services, ranker: Path) -> None:
    folder = report.settings.data_dir
    off = build(Settings(data_dir=folder, _env_file=None))
    on = build(Settings(data_dir=folder, reranker=str(ranker), _env_file=None))

    found = [s.search.search(QUESTION).hits for s in (off, on)]

    assert found[0] != found[1]
    assert {h.section.document_id for h in found[1]} == {h.section.document_id for h in found[0]}


def test_unknown_reranker_is_one_line_with_a_remedy(report: Services, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    search = Search(
        report.search.catalog,
        report.search.index,
        report.search.embedder,
        CrossEncoderReranker(str(tmp_path / "empty")),
    )

    with pytest.raises(StoreError, match="ITUBOT_RERANKER") as error:
        search.search(QUESTION)

    assert "\n" not in str(error.value)


def test_a_model_with_several_outputs_does_not_rank(tmp_path: Path) -> None:
    path = cross_encoder(tmp_path, ("contradiction", "entailment", "neutral"), "neutral")

    with pytest.raises(StoreError, match="gives 3 scores a text"):
        CrossEncoderReranker(str(path)).scores(QUESTION, ["the summit", "september"])


def test_reranker_does_not_load_for_no_texts() -> None:
    assert CrossEncoderReranker("no such model").scores(QUESTION, []) == []
