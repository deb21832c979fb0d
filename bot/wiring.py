"""Builds the services from the settings, once. Heavy libraries and models load at first use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from copy import copy
from datetime import date
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.changes import Changes, read_changes
from bot.question.lexicon import small_talk
from bot.question.small_talk import SmallTalk
from bot.register import RegisterEntry
from bot.register.corrections import EntryEdit
from bot.register.repository import ListedCorrection, correct, list_corrections, load_register, undo
from bot.settings import Settings
from bot.subprocesses import run_in_subprocess
from store.audiences import PUBLIC, Audience, Audiences
from store.catalog import Catalog
from store.cross_encoders import CrossEncoderEntailment, CrossEncoderReranker
from store.engines import sqlite_url
from store.jobs import DigestStore, QuestionStore, SubmissionStore, open_database
from store.records import EVERYBODY
from store.search import Search
from store.vectors import (
    Embedder,
    ExportedEncoder,
    Index,
    QuestionEncoder,
    SentenceTransformerEmbedder,
    export_encoder,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.assistant import Assistant
    from bot.llm import ChatModel, Judge
    from ingest.events.labels.labels import Labeller
    from ingest.pipeline import IngestReport, Pipeline, Progress, ProgressListener


# Audiences whose services stay in memory, with their register.
_AUDIENCES = 16
# Vectors of sentences that stay in memory.
_VECTORS = 1024


class Services:
    """The objects that commands and Slack use, for the documents that `audiences` see; at first, everybody's."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self.settings = settings
        self.audiences = PUBLIC
        folder = settings.data_dir
        database = settings.database_url.get_secret_value()
        self.catalog = Catalog(database or sqlite_url(folder / "catalog.sqlite"))
        self._exports = folder / "encoder"
        self._embedder = embedder or SentenceTransformerEmbedder(settings.embedding_model, self._exports)
        self._index = Index(folder / "index", settings.chroma_url.get_secret_value())
        # (generation, day) and its register: thousands of events take a second to compute.
        self._register: tuple[tuple[int, date], tuple[RegisterEntry, ...]] | None = None
        self._whole: Services | None = None
        self._bound = lru_cache(maxsize=_AUDIENCES)(self._bind)

    def seen_by(self, audiences: Audiences) -> Services:
        """Return the services for the documents that these audiences see; models are shared."""
        whole = self._whole or self
        return whole if audiences == whole.audiences else self._bound(audiences)

    def _bind(self, audiences: Audiences) -> Services:
        bound = copy(self)
        bound.audiences, bound.catalog = audiences, self.catalog.seen_by(audiences)
        bound._whole, bound._register = self, None
        for made in ("search", "assistant"):
            bound.__dict__.pop(made, None)
        return bound

    @cached_property
    def _pipeline(self) -> Pipeline:
        # The readers of all formats take some tenths of a second to import.
        from ingest.pipeline import Pipeline

        return Pipeline(self.catalog, self._index, self._embedder, self.settings.data_dir)

    @cached_property
    def search(self) -> Search:
        """The search."""
        if self._whole is not None:
            return self._whole.search.seen_by(self.audiences)
        name = self.settings.reranker
        reranker = CrossEncoderReranker(name) if name else None
        return Search(self.catalog, self._index, self._encoder, reranker)

    @cached_property
    def _encoder(self) -> QuestionEncoder:
        """The encoder of questions, and of other texts that an answer compares."""
        if isinstance(self._embedder, SentenceTransformerEmbedder):
            return ExportedEncoder(self._embedder, self._exports)
        return self._embedder

    @cached_property
    def assistant(self) -> Assistant:
        """The assistant."""
        if self._whole is not None:
            return self._whole.assistant.with_documents(self.search, self.register, self.changes)
        # langchain takes most of a second to import, and no other command needs it.
        from bot.assistant import Assistant
        from bot.llm import PARSE_LIMITS, ChatModel, QuestionParser, Writer

        settings = self.settings
        talk = SmallTalk(self._encoder, small_talk())
        writer = parser = None
        if settings.model:
            model = ChatModel(settings.model, settings.model_fallback)
            # One answer compares the same sentences several times.
            vector = lru_cache(maxsize=_VECTORS)(self._encoder.encode_question)
            writer = Writer(
                model,
                self._judge(model),
                settings.today,
                lambda one, other: float(vector(one) @ vector(other)),
            )
            parser = QuestionParser(ChatModel(settings.model, settings.model_fallback, PARSE_LIMITS))
        return Assistant(self.search, talk, self.register, settings.today, writer, self.changes, parser)

    def _judge(self, model: ChatModel) -> Judge | None:
        """Return the judge of `model`: itself, another model or a cross-encoder; None if there is none."""
        from bot.llm import ChatModel, EntailmentJudge, ModelJudge

        name = self.settings.judge
        if name == "none":
            return None
        if not name:
            return ModelJudge(model)
        if self.settings.judges_by_chat:
            return ModelJudge(ChatModel(name))
        return EntailmentJudge(CrossEncoderEntailment(name).entails)

    @cached_property
    def question_store(self) -> QuestionStore:
        """Questions from Slack. Raises StoreError."""
        return QuestionStore(self._state_database)

    @cached_property
    def digest_runs(self) -> DigestStore:
        """Daily digests. Raises StoreError."""
        return DigestStore(self._state_database)

    @cached_property
    def submissions(self) -> SubmissionStore:
        """Files that were sent in Slack. Raises StoreError."""
        return SubmissionStore(self._state_database)

    @cached_property
    def _state_database(self) -> Engine:
        database = self.settings.database_url.get_secret_value()
        return open_database(database or sqlite_url(self.settings.data_dir / "state.sqlite"))

    @cached_property
    def labeller(self) -> Labeller | None:
        """The model that labels dates of documents; None without a model: then the rules do."""
        settings = self.settings
        if not settings.model:
            return None
        from bot.llm import LABEL_LIMITS, ChatModel, ModelLabeller

        return ModelLabeller(ChatModel(settings.model, settings.model_fallback, LABEL_LIMITS))

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        prune: bool = False,
        progress: ProgressListener | None = None,
        label: bool = True,
        bundled: bool = False,
        audience: Audience = EVERYBODY,
        remove_from: Audience | None = None,
        export: bool = True,
    ) -> IngestReport:
        """Ingest documents for `audience`, and remove them from the audience `remove_from`.

        `label`: the model, if there is one, labels their dates. `bundled`: they come with the program. `export`: the
        embedding model is exported if it is not yet, so that questions need no torch. Raises IngestError, StoreError.
        """
        return self._pipeline.ingest(
            paths,
            prune=prune,
            progress=progress,
            labeller=self.labeller if label else None,
            bundled=bundled,
            audience=audience,
            remove_from=remove_from,
            export=partial(export_encoder, self._pipeline.embedder, self._exports) if export else None,
        )

    async def ingest_in_subprocess(
        self,
        paths: Sequence[Path],
        progress: Callable[[Progress], None],
        audience: Audience = EVERYBODY,
        remove_from: Audience | None = None,
    ) -> IngestReport:
        """Ingest documents in a process of its own. Raises IngestError, StoreError, SubprocessDied."""
        work = partial(_ingest, self.settings, tuple(paths), audience, remove_from)
        return await run_in_subprocess(work, progress)

    def remove(self, source: str, audience: Audience = EVERYBODY) -> IngestReport:
        """Remove a document of an audience. Raises IngestError, StoreError."""
        return self._pipeline.remove(source, audience)

    def close(self) -> None:
        """Close the databases and the index; a later use opens them again."""
        self.catalog.close()
        self._index.close()
        # Not opened only to be closed.
        if "_state_database" in self.__dict__:
            self._state_database.dispose()

    def changes(self, name: str | None = None) -> Changes:
        """Return the last changes of a document, by default of the one that changed last.

        Raises UnknownDocument, NoStore.
        """
        return read_changes(self.catalog, name)

    def correct(self, entry_id: str, change: EntryEdit, by: str) -> RegisterEntry:
        """Correct an entry. Raises UnknownEntry, CorrectionError, StoreError."""
        return correct(self.catalog, entry_id, change, by, self.settings.today())

    def undo(self, entry_id: str, revision: int | None = None) -> RegisterEntry:
        """Undo the correction of an entry. Raises UnknownEntry, CorrectionError, StoreError."""
        return undo(self.catalog, entry_id, self.settings.today(), revision)

    def corrections(self) -> list[ListedCorrection]:
        """Return the corrections of the register. Raises StoreError."""
        return list_corrections(self.catalog)

    def register(self, as_of: date) -> list[RegisterEntry]:
        """Return every event of the documents, with its status as of a day. Raises NoStore."""
        with self.catalog.snapshot() as view:
            state, register = (view.generation, as_of), self._register
            if register is None or register[0] != state:
                register = self._register = (state, tuple(load_register(view, as_of)))
        return list(register[1])


def _ingest(
    settings: Settings,
    paths: Sequence[Path],
    audience: Audience,
    remove_from: Audience | None,
    progress: ProgressListener,
) -> IngestReport:
    with closing(build(settings)) as services:
        # Without the export: a failed one must not end an ingest that is published.
        return services.ingest(
            paths, progress=progress, audience=audience, remove_from=remove_from, export=False
        )


def build(settings: Settings) -> Services:
    """Return the services of these settings."""
    return Services(settings)
