"""Reranking and entailment by real cross-encoders of a few thousand weights, which are built here."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.wiring import Services
from store.cross_encoders import CrossEncoderEntailment, CrossEncoderReranker
from store.errors import StoreError
from store.search import Search
from tests.store.tiny_cross_encoder import cross_encoder

pytestmark = pytest.mark.files

QUESTION = "when is the summit in september"
LABELS = ("CONTRADICTION", "Entailment", "neutral")


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


def test_reranker_is_not_asked_about_a_question_in_another_language(report: Services, ranker: Path) -> None:
    own = report.search
    with_it = Search(own.catalog, own.index, own.embedder, CrossEncoderReranker(str(ranker)))

    def found(search: Search) -> list[str]:
        with search.view() as view:
            return [hit.section.id for hit in view.search("Quand a lieu le Sommet ?", language="fr").hits]

    assert found(with_it) == found(own)


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


@pytest.mark.parametrize(
    ("given", "found"),
    [("Entailment", "entailment"), ("CONTRADICTION", "contradiction"), ("neutral", "neutral")],
)
def test_labels_are_found_by_their_names(tmp_path: Path, given: str, found: str) -> None:
    folder = cross_encoder(tmp_path, LABELS, given)

    model = CrossEncoderEntailment(str(folder))

    assert model.compare("the summit is in september", "the summit is in september") == found


@pytest.mark.parametrize(
    "labels", [("LABEL_0", "LABEL_1"), ("relevant", "not_entailment"), ("entailment", "Entailment")]
)
def test_model_without_entailment_label_is_refused_in_one_line(
    tmp_path: Path, labels: tuple[str, ...]
) -> None:
    folder = cross_encoder(tmp_path, labels, labels[0])

    with pytest.raises(StoreError, match=r"names no label for entailment .*ITUBOT_JUDGE") as error:
        CrossEncoderEntailment(str(folder)).compare("a", "b")

    assert "\n" not in str(error.value)
