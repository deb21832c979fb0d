"""The export of the embedding model: the same vectors without torch, whole or not at all, or a reason why not."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from bot.doctor import checks as doctor
from bot.settings import Settings
from store.vectors import SentenceTransformerEmbedder, export_encoder
from store.vectors.onnx_encoder import ExportedEncoder, OnnxEncoder, export_folder, read_export
from tests.store.vectors.tiny_embedding_model import bag_of_words, embedding_model

pytestmark = [pytest.mark.files, pytest.mark.slow]

TEXTS = (
    "Where does the stone lie?",
    "where",
    "",
    "the longest of questions " * 40,
    "Où est la pierre ?",
    "7 % of §",
)


def nothing() -> None:
    pass


def data_folder(exports: Path) -> Settings:
    return Settings(data_dir=exports.parent, _env_file=None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SentenceTransformerEmbedder]:
    """A folder of exports with that of one model, and the model: largest values pooled, with a prompt."""
    folder = tmp_path_factory.mktemp("made")
    model = SentenceTransformerEmbedder(
        str(embedding_model(folder / "model", pooling="max", prompt="query: "))
    )
    assert export_encoder(model, folder / "encoder", nothing) == ""
    return folder / "encoder", model


@pytest.fixture
def exports(made: tuple[Path, SentenceTransformerEmbedder], tmp_path: Path) -> Path:
    """Exports that a test may damage."""
    return Path(shutil.copytree(made[0], tmp_path / "encoder"))


@pytest.fixture
def model(made: tuple[Path, SentenceTransformerEmbedder]) -> SentenceTransformerEmbedder:
    return made[1]


def test_an_export_gives_the_vectors_of_the_model(exports: Path, model: SentenceTransformerEmbedder) -> None:
    folder = export_folder(exports, model.fingerprint)
    export = read_export(folder)
    assert export is not None

    vectors = OnnxEncoder(folder, export.prompt).encode_questions(TEXTS)

    assert (vectors * model.encode(TEXTS)).sum(axis=1).min() >= 0.9999


def test_no_texts_give_no_rows(exports: Path, model: SentenceTransformerEmbedder) -> None:
    assert len(OnnxEncoder(export_folder(exports, model.fingerprint)).encode_questions([])) == 0


def test_a_model_is_exported_once(exports: Path, model: SentenceTransformerEmbedder) -> None:
    begun: list[str] = []

    assert export_encoder(model, exports, lambda: begun.append("again")) == ""

    assert begun == []


@pytest.mark.parametrize("file", ["encoder.onnx", "encoder.onnx.data", "tokenizer.json", "about.json"])
def test_damaged_export_is_not_used(exports: Path, model: SentenceTransformerEmbedder, file: str) -> None:
    damaged = export_folder(exports, model.fingerprint) / file
    damaged.write_bytes(damaged.read_bytes()[:-10])

    vector = ExportedEncoder(model, exports).encode_question(TEXTS[0])

    assert read_export(damaged.parent) is None
    assert vector.tolist() == model.encode_question(TEXTS[0]).tolist()


def test_files_of_the_right_size_that_onnxruntime_cannot_read_are_not_used(
    exports: Path, model: SentenceTransformerEmbedder
) -> None:
    damaged = export_folder(exports, model.fingerprint) / "encoder.onnx"
    damaged.write_bytes(bytes(damaged.stat().st_size))

    vector = ExportedEncoder(model, exports).encode_question(TEXTS[0])

    assert vector.tolist() == model.encode_question(TEXTS[0]).tolist()


def test_two_ingests_at_once_make_one_complete_export(
    exports: Path, model: SentenceTransformerEmbedder
) -> None:
    """Beside a damaged export, that of another model, and what a killed ingest left."""
    target = export_folder(exports, model.fingerprint)
    (target / "encoder.onnx").write_bytes(b"half")
    (exports / ".making").mkdir()
    (exports / ".making" / "encoder.onnx").write_bytes(b"half")
    (exports / "0123456789abcdef").mkdir()
    begun: list[str] = []
    ingests = [
        threading.Thread(target=export_encoder, args=(model, exports, lambda: begun.append("made")))
        for _ in "12"
    ]

    for ingest in ingests:
        ingest.start()
    while any(ingest.is_alive() for ingest in ingests):
        ingests[0].join(0.02)
        if read_export(target) is not None:
            assert OnnxEncoder(target).encode_question("stone").shape == (16,)

    assert begun == ["made"]
    assert {path.name for path in exports.iterdir() if path.is_dir()} == {target.name}
    assert read_export(target) is not None


def test_without_an_export_the_model_itself_encodes(
    tmp_path: Path, model: SentenceTransformerEmbedder
) -> None:
    vectors = ExportedEncoder(model, tmp_path / "encoder").encode_questions(TEXTS)

    assert np.array_equal(vectors, model.encode(TEXTS))


def test_export_with_other_vectors_is_deleted(tmp_path: Path) -> None:
    path = embedding_model(tmp_path / "model", prompt="of the prompt nothing is pooled ", pools_prompt=False)
    exports = tmp_path / "encoder"
    model = SentenceTransformerEmbedder(str(path))

    said = export_encoder(model, exports, nothing)

    assert "gives other vectors" in said
    assert [file.name for file in export_folder(exports, model.fingerprint).iterdir()] == ["about.json"]


def test_model_that_cannot_be_exported_is_tried_once(tmp_path: Path) -> None:
    exports, begun = tmp_path / "encoder", []
    model = SentenceTransformerEmbedder(str(bag_of_words(tmp_path / "model")))

    said = [export_encoder(model, exports, lambda: begun.append("tried")) for _ in "12"]

    assert said == ["its tokenizer is not one of the library tokenizers", ""]
    assert begun == ["tried"]
    assert ExportedEncoder(model, exports).encode_question("the stone").tolist() == [1.0, 0.0, 0.0]


def test_refused_export_is_tried_again_with_other_library_versions(tmp_path: Path) -> None:
    exports, begun = tmp_path / "encoder", []
    model = SentenceTransformerEmbedder(str(bag_of_words(tmp_path / "model")))
    export_encoder(model, exports, nothing)
    about = export_folder(exports, model.fingerprint) / "about.json"
    about.write_text(about.read_text().replace("torch ", "torch 1."))

    export_encoder(model, exports, lambda: begun.append("tried"))

    assert begun == ["tried"]


def test_the_doctor_says_how_questions_are_encoded(
    exports: Path, model: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, embedding_model=model.name, _env_file=None)

    assert doctor.check_encoder(settings).verdict == "ok"
    (export_folder(exports, model.fingerprint) / "encoder.onnx").unlink()
    assert (doctor.check_encoder(settings).verdict, doctor.check_encoder(settings).remedy) == (
        "broken",
        "itubot ingest",
    )
    shutil.rmtree(exports)
    assert "not exported yet" in doctor.check_encoder(settings).found


def test_the_doctor_says_why_there_is_no_export(tmp_path: Path) -> None:
    path = bag_of_words(tmp_path / "model")
    export_encoder(SentenceTransformerEmbedder(str(path)), tmp_path / "encoder", nothing)

    check = doctor.check_encoder(Settings(data_dir=tmp_path, embedding_model=str(path), _env_file=None))

    assert (check.verdict, "its tokenizer is not one of the library tokenizers" in check.found) == (
        "unused",
        True,
    )
