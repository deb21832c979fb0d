"""Passages of a set as documents of a store."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from bot.wiring import Services, SharedServices
from store.audiences import of_channel
from store.vectors import Embedder, SentenceTransformerEmbedder


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a set, in English."""

    id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Services that see only some passages; `ids` has the passages of each document, several of the same words."""

    services: Services
    ids: Mapping[str, Sequence[str]]

    def find(self, question: str) -> list[str]:
        """Return the passages of the ten best sections, best first, each once."""
        hits = self.services.assistant.find(question).hits
        return list(dict.fromkeys(passage for hit in hits for passage in self.ids[hit.document.source]))


@dataclass(frozen=True, slots=True)
class PassageStore:
    """A store of passages in a folder, in groups of which none sees another one's; without a language model."""

    shared: SharedServices
    folder: Path

    def add(self, number: int, passages: Iterable[Passage]) -> Group:
        """Ingest the passages of a group, each as a text file with its title in the first line.

        Those without text are left out. Raises ValueError if another one is refused.
        """
        audience = of_channel("SET", str(number))
        documents = self.folder / str(number)
        documents.mkdir()
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for passage in passages:
            if passage.text.strip():
                texts[f"{passage.title}\n\n{passage.text}".strip()].append(passage.id)
        ids = {f"{n}.txt": same for n, same in enumerate(texts.values())}
        for name, text in zip(ids, texts, strict=True):
            (documents / name).write_text(text, "utf-8")
            # Of a short passage, the language may be guessed wrongly.
            (documents / f"{name}.meta.toml").write_text('language = "en"', "utf-8")
        outcomes = self.shared.ingest([documents], audience=audience).documents if ids else ()
        if refused := [f"{ids[one.source][0]}: {one.error}" for one in outcomes if one.status != "new"]:
            raise ValueError(f"not ingested: {', '.join(refused)}")
        return Group(self.shared.seen_by(frozenset({audience})), ids)


@contextmanager
def passage_store(embedder: Embedder | None = None) -> Iterator[PassageStore]:
    """Yield a store in a folder of its own, which is deleted at the end.

    The default `embedder` is the bundled model of English alone, with which questions in English find the same as with
    both models, and an ingest takes half the time.
    """
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(data_dir=Path(name, "data"), _env_file=None)
        shared = SharedServices(settings, embedder or SentenceTransformerEmbedder())
        with closing(shared):
            yield PassageStore(shared, Path(name))
