"""The exported embedding model: torch takes seconds to import, so questions are encoded by onnxruntime.

The export is made after an ingest, which has loaded torch anyway. It is used only if it gives the same vectors as
sentence-transformers for texts of all kinds. It is a folder that is renamed into its place when it is complete:

    <folder of all exports>/<digest of the model's fingerprint>/
        encoder.onnx, encoder.onnx.data   token ids -> vectors, with all modules of the model
        tokenizer.json                    text -> token ids, cut at the model's maximum length
        about.json                        the other files' sizes; or why this model has no export
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from store.filesystem import sync
from store.records import short_hash
from store.vectors.embeddings import Embedder, QuestionEncoder, SentenceTransformerEmbedder, Vector, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_MODEL, _TOKENIZER, _ABOUT = "encoder.onnx", "tokenizer.json", "about.json"
# Version of this layout; exports of other versions are in other folders.
_LAYOUT = "1"
# Possible inputs of the model, from the tokenizer's encoding of one text.
_INPUTS: Mapping[str, Callable[[Any], list[int]]] = {
    "input_ids": lambda encoding: encoding.ids,
    "attention_mask": lambda encoding: encoding.attention_mask,
    "token_type_ids": lambda encoding: encoding.type_ids,
}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportDescription:
    """Description of a model's export.

    `prompt` is put before each text. `refused` is the reason why there is no export, "" if there is one.
    `made_with` has the versions of the libraries, `sizes` those of the other files.
    """

    fingerprint: str
    prompt: str
    refused: str
    made_with: str
    sizes: Mapping[str, int]


def export_folder(folder: Path, fingerprint: str) -> Path:
    """Return the folder for the export of the model with this fingerprint, in the folder of all exports."""
    return folder / short_hash(_LAYOUT, fingerprint)[:16]


def read_export(folder: Path) -> ExportDescription | None:
    """Return the description of an export; None if it is missing or damaged."""
    try:
        export = ExportDescription(**json.loads((folder / _ABOUT).read_text("utf-8")))
        whole = all((folder / name).stat().st_size == size for name, size in export.sizes.items())
    except (OSError, ValueError, TypeError):
        return None
    return export if whole else None


class OnnxEncoder:
    """Encodes a few texts into unit vectors, with one thread for each call. Safe between threads."""

    def __init__(self, folder: Path, prompt: str = "") -> None:
        """Open an export. Raises what onnxruntime and tokenizers raise for files that they cannot use."""
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / _MODEL), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        self._prompt = prompt

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
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

    def encode_question(self, text: str, language: str = "en") -> Vector:
        """Return the vector of one question."""
        vector: Vector = self.encode_questions([text])[0]
        return vector

    def _run(self, encoded: Sequence[Any]) -> Vectors:
        wanted = [put.name for put in self._session.get_inputs()]
        inputs = {
            name: np.array([_INPUTS[name](encoding) for encoding in encoded], dtype=np.int64)
            for name in wanted
        }
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

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question."""
        return self._encoder().encode_questions(texts, language)

    def encode_question(self, text: str, language: str = "en") -> Vector:
        """Return the vector of one question."""
        return self._encoder().encode_question(text, language)

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


_LIBRARIES = ("torch", "onnxscript", "onnxruntime", "sentence-transformers")
_LEAST_COSINE = 0.9999
_TEXTS = (
    "When is the Summit of the Future?",
    "who co-facilitates the GDC",
    "Hello",
    "7",
    "",
    "  The Pact for the Future\n\tand its annexes ",
    "Ünïcödé: naïve façade, Åland, Ærø; №5 ¼ “quoted” – dash…",
    "Когда состоится Саммит будущего и кто его проводит?",
    "未来峰会什么时候举行？",
    "متى تعقد قمة المستقبل؟",
    "¿Cuándo se celebra la Cumbre del Futuro, y quién la preside?",
    "§ 2.2 A/RES/76/307 <@U123> ### *** %$ 🙂 https://www.itu.int/md/S24-CL-C-0001",
    "The Forum will be held in Geneva from 7 to 11 July 2025; registration closes on 16 June 2025. " * 3,
    "Longer than any embedding model of its kind reads, word after word, and then some more. " * 800,
)
_MAKING = ".making"
_LOCK = "export.lock"


class _Refused(Exception):
    """The model cannot be exported; `str()` says why."""


def export_encoder(embedder: Embedder, folder: Path, on_start: Callable[[], None]) -> str:
    """Export the model into the folder of all exports, unless its export exists.

    Nothing is done for other embedders, which load fast. A model that could not be exported is tried again only with
    other versions of the libraries. `on_start` is called just before the export, which takes seconds. Returns why there
    is no export; "" if there is one, or if the reason was returned before. Raises StoreError if the model cannot be
    loaded.
    """
    if not isinstance(embedder, SentenceTransformerEmbedder):
        return ""
    target = export_folder(folder, embedder.fingerprint)
    if _is_done(target):
        return ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The system releases the lock when its holder dies; the next holder removes the unfinished export.
        with FileLock(folder / _LOCK):
            if _is_done(target):
                return ""
            on_start()
            return _make(embedder, folder, target)
    except OSError as error:
        return f"the export of the embedding model cannot be written to {folder}: {error.strerror or error}"


def _is_done(target: Path) -> bool:
    export = read_export(target)
    return export is not None and (not export.refused or export.made_with == _made_with())


def _make(embedder: SentenceTransformerEmbedder, folder: Path, target: Path) -> str:
    making = folder / _MAKING
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    prompt = refused = ""
    try:
        with embedder.model(os.cpu_count() or 1) as model:
            prompt = _write(model, making)
        _check(embedder, making, prompt)
    except _Refused as error:
        prompt, refused = "", str(error)
        shutil.rmtree(making)
        making.mkdir()
    sizes = {path.name: path.stat().st_size for path in making.iterdir()}
    export = ExportDescription(
        embedder.fingerprint, prompt=prompt, refused=refused, made_with=_made_with(), sizes=sizes
    )
    (making / _ABOUT).write_text(json.dumps(asdict(export), indent=1), "utf-8")
    for path in (*making.iterdir(), making):
        sync(path)
    # Delete exports of other models, and damaged ones. Processes that have them open can still use them.
    for path in folder.iterdir():
        if path.is_dir() and path != making:
            shutil.rmtree(path, ignore_errors=True)
    making.rename(target)
    sync(folder)
    return refused


def _write(model: SentenceTransformer, folder: Path) -> str:
    """Write the model and its tokenizer; return its prompt. Raises _Refused, OSError."""
    from tokenizers import Tokenizer

    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if not isinstance(tokenizer, Tokenizer):
        raise _Refused("its tokenizer is not one of the library tokenizers")
    own = Tokenizer.from_str(tokenizer.to_str())
    own.no_padding()
    own.no_truncation()
    if model.max_seq_length is not None:
        own.enable_truncation(model.max_seq_length)
    own.save(str(folder / _TOKENIZER))
    with _quiet():
        _write_onnx(model, folder / _MODEL)
    return str(model.prompts.get(model.default_prompt_name or "") or "")


def _write_onnx(model: SentenceTransformer, file: Path) -> None:
    """Write all modules of the model as one graph: token ids in, vectors out. Raises _Refused, OSError."""
    import torch

    # Two texts with several tokens: the exporter would treat a size of 1 as a constant.
    # sentence-transformers before 6 has only `tokenize`.
    preprocess = getattr(model, "preprocess", None) or model.tokenize
    features = preprocess(["When is the Summit of the Future?", "Who chairs it?"])
    names = [name for name, value in features.items() if torch.is_tensor(value)]
    if not set(names) <= _INPUTS.keys():
        raise _Refused(f"it reads more than text: {', '.join(sorted(set(names) - _INPUTS.keys()))}")

    class Whole(torch.nn.Module):
        """The model with one argument for each tensor, as the exporter needs, instead of a dict."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            return self.model(dict(zip(names, tensors, strict=True)))["sentence_embedding"]

    any_size = torch.export.Dim.DYNAMIC
    try:
        program = torch.onnx.export(
            Whole().eval(),
            tuple(features[name] for name in names),
            input_names=names,
            output_names=["vectors"],
            dynamic_shapes=(tuple({0: any_size, 1: any_size} for _ in names),),
            dynamo=True,
            verbose=False,
        )
    except Exception as error:
        # The exporter's errors have no common base class, and models may contain any code.
        raise _Refused(f"torch.onnx cannot export it: {_first_line(error)}") from error
    if program is None:
        raise _Refused("torch.onnx exports nothing")
    # Weights in a separate file are mapped into memory, not copied.
    program.save(str(file), external_data=True)


def _check(embedder: SentenceTransformerEmbedder, folder: Path, prompt: str) -> None:
    """Compare the vectors of the export with those of the model. Raises _Refused."""
    expected = embedder.encode(_TEXTS)
    try:
        found = OnnxEncoder(folder, prompt).encode_questions(_TEXTS)
    except Exception as error:
        raise _Refused(f"onnxruntime cannot run its export: {_first_line(error)}") from error
    least = float((expected * found).sum(axis=1).min()) if found.shape == expected.shape else 0.0
    # Also refuses NaN.
    if not least >= _LEAST_COSINE:
        raise _Refused(f"its export gives other vectors (cosine {least:.4f})")


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the exporter's log messages and warnings."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _made_with() -> str:
    return ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
