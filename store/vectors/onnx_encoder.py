"""Encodes questions with onnxruntime, from an export of the embedding model: torch takes seconds to import.

`store.vectors.encoder_export` makes the export, a folder that is renamed into its place when it is complete:

    <folder of all exports>/<digest of the model's fingerprint>/
        encoder.onnx, encoder.onnx.data   token ids -> vectors, with all modules of the model
        tokenizer.json                    text -> token ids, cut at the model's maximum length
        about.json                        the other files' sizes; or why this model has no export
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from store.records import short_hash
from store.vectors.embeddings import QuestionEncoder, Vector, Vectors

MODEL, TOKENIZER, _ABOUT = "encoder.onnx", "tokenizer.json", "about.json"
# Version of this layout; exports of other versions are in other folders.
_LAYOUT = "1"
# Possible inputs of the model, from the tokenizer's encoding of one text.
INPUTS: Mapping[str, Callable[[Any], list[int]]] = {
    "input_ids": lambda encoding: encoding.ids,
    "attention_mask": lambda encoding: encoding.attention_mask,
    "token_type_ids": lambda encoding: encoding.type_ids,
}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportDescription:
    """Description of a model's export.

    `prompt` is put before each text. `refused` is the reason why there is no export, "" if there is one.
    `made_with` has the versions of the libraries.
    """

    fingerprint: str
    prompt: str = ""
    refused: str = ""
    made_with: str = ""
    sizes: Mapping[str, int] | None = None


def export_folder(folder: Path, fingerprint: str) -> Path:
    """Return the folder for the export of the model with this fingerprint, in the folder of all exports."""
    return folder / short_hash(_LAYOUT, fingerprint)[:16]


def read_export(folder: Path) -> ExportDescription | None:
    """Return the description of an export; None if it is missing or damaged."""
    try:
        export = ExportDescription(**json.loads((folder / _ABOUT).read_text("utf-8")))
        whole = all((folder / name).stat().st_size == size for name, size in (export.sizes or {}).items())
    except (OSError, ValueError, TypeError):
        return None
    return export if whole else None


def write_about(folder: Path, export: ExportDescription) -> None:
    """Write the description of an export into its folder, with the sizes of its files. Raises OSError."""
    sizes = {path.name: path.stat().st_size for path in folder.iterdir() if path.name != _ABOUT}
    (folder / _ABOUT).write_text(json.dumps(asdict(replace(export, sizes=sizes)), indent=1), "utf-8")


class OnnxEncoder:
    """Encodes a few texts into unit vectors, with one thread for each call. Safe between threads."""

    def __init__(self, folder: Path, prompt: str = "") -> None:
        """Open an export. Raises what onnxruntime and tokenizers raise for files that they cannot use."""
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / MODEL), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._prompt = prompt

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text."""
        encoded = [self._tokenizer.encode(self._prompt + text) for text in texts]
        # Texts of equal length together, so that nothing is padded.
        lengths: dict[int, list[int]] = {}
        for number, encoding in enumerate(encoded):
            lengths.setdefault(len(encoding.ids), []).append(number)
        rows: list[Vector] = [np.empty(0, dtype=np.float32)] * len(texts)
        for numbers in lengths.values():
            for number, row in zip(numbers, self._run([encoded[n] for n in numbers]), strict=True):
                rows[number] = row
        return (
            np.array(rows, dtype=np.float32).reshape(len(texts), -1) if rows else np.empty((0, 0), np.float32)
        )

    def encode_question(self, text: str) -> Vector:
        """Return the vector of one question."""
        vector: Vector = self.encode([text])[0]
        return vector

    def _run(self, encoded: Sequence[Any]) -> Vectors:
        wanted = [put.name for put in self._session.get_inputs()]
        inputs = {name: np.array([INPUTS[name](one) for one in encoded], dtype=np.int64) for name in wanted}
        (vectors,) = self._session.run(None, inputs)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
        return unit


class ExportedEncoder:
    """Encodes questions with the export of a model if there is one, else with the model itself."""

    def __init__(self, model: QuestionEncoder, folder: Path) -> None:
        self._model = model
        self._folder = folder
        self._chosen: QuestionEncoder | OnnxEncoder | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the model."""
        return self._model.fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text."""
        return self._encoder().encode(texts)

    def encode_question(self, text: str) -> Vector:
        """Return the vector of one question."""
        return self._encoder().encode_question(text)

    def _encoder(self) -> QuestionEncoder | OnnxEncoder:
        with self._lock:
            if self._chosen is None:
                self._chosen = self._opened() or self._model
            return self._chosen

    def _opened(self) -> OnnxEncoder | None:
        folder = export_folder(self._folder, self.fingerprint)
        export = read_export(folder)
        if export is None or export.refused:
            return None
        try:
            return OnnxEncoder(folder, export.prompt)
        except Exception as error:
            # The errors of onnxruntime and tokenizers have no common base class. The model gives the same vectors.
            _LOG.warning("the export of the embedding model in %s cannot be used: %s", folder, error)
            return None
