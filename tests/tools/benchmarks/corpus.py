"""Large corpora out of the sentences that the tests have, and vectors for them that cost next to nothing."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ingest.document.sections import clean
from ingest.text.sentences import split
from store.vectors.encoders import BundledEmbedder, SentenceTransformerEmbedder, Vector, Vectors

_ROOT = Path(__file__).parents[3]
_WORDS = (_ROOT / "tests/data/distractors", _ROOT / "tests/data/papers", _ROOT / "ingest/samples")
# Paragraphs of one file of a large corpus: about those of a long report.
PARAGRAPHS_A_FILE = 200
_ITEM = re.compile(r", item \d+\.\d+\.\s*")
# How far a text's vector is from the mean of its sentences' vectors, beside that mean's length.
_NOISE = 0.25


def pool() -> list[str]:
    """Return the distinct sentences to draw from, without their full stops."""
    sentences = [
        sentence.strip().rstrip(".")
        for folder in _WORDS
        for path in sorted(folder.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        for sentence in line.split("\t")[-1].split(". ")
        if len(sentence.split()) > 6
    ]
    return [sentence for sentence in dict.fromkeys(sentences) if _stays_whole(sentence)]


def _stays_whole(sentence: str) -> bool:
    """Whether a reader leaves it as it is, and it stays one sentence beside another one."""
    text = f"{sentence}, item 1.1. {sentence}, item 1.2."
    return sentence[0].isupper() and clean(text)[0] == text and len(split(text)) == 2


def paragraphs(count: int, longest: int = 7, seed: int = 20240429) -> list[str]:
    """Return paragraphs of one to `longest` sentences; no two are the same."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    sentences = pool()
    made = []
    for number in range(count):
        picked = draw.sample(sentences, draw.randint(1, longest))
        # A number in each sentence: no text is embedded twice.
        made.append(" ".join(f"{s}, item {number}.{n}." for n, s in enumerate(picked)))
    return made


def write(file: Path, texts: Sequence[str]) -> None:
    """Write a document of numbered paragraphs."""
    lines = (f"{n // 40 + 1}.{n % 40 + 1}\t{text}\n" for n, text in enumerate(texts))
    file.write_text("".join(lines), "utf-8")


def write_folder(folder: Path, texts: Sequence[str]) -> list[Path]:
    """Write documents of PARAGRAPHS_A_FILE paragraphs each, and return their files."""
    folder.mkdir(parents=True)
    files = []
    for start in range(0, len(texts), PARAGRAPHS_A_FILE):
        file = folder / f"paper-{start // PARAGRAPHS_A_FILE:04}.txt"
        write(file, texts[start : start + PARAGRAPHS_A_FILE])
        files.append(file)
    return files


class MixingEmbedder:
    """The real embedder, but for texts made of the pool's sentences alone: these get a mixture.

    Their vector is the mean of their sentences' real vectors and noise of its own, so that the vectors lie in
    clusters as real ones do, and a hundred thousand take seconds. Questions, and what was added later, are encoded.
    """

    def __init__(self) -> None:
        self.real = BundledEmbedder(SentenceTransformerEmbedder())
        # How many texts were asked for.
        self.asked = 0
        self._known: dict[str, Vector] = {}

    @property
    def fingerprint(self) -> str:
        return self.real.fingerprint

    def prepare(self) -> None:
        """Encode the pool's sentences."""
        sentences = pool()
        self._known = dict(zip(sentences, self.real.encode(sentences), strict=True))

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        self.asked += len(texts)
        rows = [self._mixed(text) for text in texts]
        strange = [n for n, row in enumerate(rows) if row is None]
        for n, vector in zip(strange, self.real.encode([texts[n] for n in strange]), strict=True):
            rows[n] = vector
        if progress is not None:
            progress(len(texts))
        return np.stack([row for row in rows if row is not None])

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        return self.real.encode_questions(texts, language)

    def encode_question(self, text: str, language: str = "en") -> Vector:
        return self.real.encode_question(text, language)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        return self.real.lengths(texts)

    def _mixed(self, text: str) -> Vector | None:
        parts = _ITEM.split(text)
        if parts.pop() or not parts or any(part not in self._known for part in parts):
            return None
        mean = np.mean([self._known[part] for part in parts], axis=0)
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        noise = np.random.default_rng(seed).standard_normal(len(mean), dtype=np.float32)
        vector = mean + noise * np.float32(_NOISE * np.linalg.norm(mean) / np.linalg.norm(noise))
        return (vector / np.linalg.norm(vector)).astype(np.float32)
