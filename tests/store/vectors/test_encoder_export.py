"""The export of the model of English: the same vectors without torch, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.doctor import checks as doctor
from bot.settings import Settings
from store.vectors.encoders import (
    ExportedEncoder,
    SentenceTransformerEmbedder,
    export_encoder,
    export_folder,
    is_exported,
)

pytestmark = [pytest.mark.files, pytest.mark.slow]

TEXTS = (
    "Where does the stone lie?",
    "where",
    "",
    "the longest of questions " * 400,
    "Où est la pierre ?",
    "7 % of §",
)


class Torchless(SentenceTransformerEmbedder):
    """The model of English as a process has it that must not load it."""

    def _load(self) -> object:  # type: ignore[override]
        raise AssertionError("torch is loaded")


def nothing() -> None:
    pass


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceTransformerEmbedder) -> Path:
    """A folder of exports with that of the model."""
    exports = tmp_path_factory.mktemp("exports")
    # What a killed export has left.
    (exports / ".making").mkdir()
    (exports / ".making" / "encoder.onnx").write_bytes(b"half")
    assert export_encoder(embedder, exports, nothing) == ""
    return exports


def test_an_export_gives_the_vectors_of_the_model_without_loading_it(
    made: Path, embedder: SentenceTransformerEmbedder
) -> None:
    vectors = ExportedEncoder(Torchless(), made).encode_questions(TEXTS)

    assert np.allclose(vectors, embedder.encode(TEXTS), atol=1e-4)
    assert [path.name for path in made.iterdir() if path.is_dir()] == [export_folder(made).name]


def test_an_export_is_made_once(made: Path) -> None:
    begun: list[str] = []

    assert export_encoder(Torchless(), made, lambda: begun.append("again")) == ""
    assert export_encoder(SentenceTransformerEmbedder("my/own"), made, lambda: begun.append("own")) == ""

    assert begun == []


@pytest.mark.parametrize("file", ["encoder.onnx", "encoder.onnx.data", "tokenizer.json", "sizes.json"])
def test_a_damaged_export_is_not_used_and_the_doctor_says_so(
    made: Path, embedder: SentenceTransformerEmbedder, tmp_path: Path, file: str
) -> None:
    exports = Path(shutil.copytree(made, tmp_path / "encoder"))
    damaged = export_folder(exports) / file
    damaged.write_bytes(damaged.read_bytes()[:-1])

    vector = ExportedEncoder(embedder, exports).encode_question(TEXTS[0])

    assert np.allclose(vector, embedder.encode_question(TEXTS[0]), atol=1e-4)
    assert not is_exported(export_folder(exports))
    assert doctor.check_encoder(Settings(data_dir=tmp_path, _env_file=None)).verdict == "broken"


def test_export_that_onnxruntime_cannot_read_is_replaced_by_the_model(
    made: Path, embedder: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    exports = Path(shutil.copytree(made, tmp_path / "encoder"))
    damaged = export_folder(exports) / "encoder.onnx"
    damaged.write_bytes(bytes(damaged.stat().st_size))

    vector = ExportedEncoder(embedder, exports).encode_question(TEXTS[0])

    assert np.allclose(vector, embedder.encode_question(TEXTS[0]), atol=1e-4)


def test_folder_that_cannot_be_written_is_a_reason(
    embedder: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    assert "cannot be written" in export_encoder(embedder, tmp_path / "file" / "encoder", nothing)
