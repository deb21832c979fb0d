"""Builds the services from the settings. Heavy libraries and models load at first use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from datetime import date
from functools import cached_property, lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.register import RegisterEntry
from bot.register.repository import (
    EntryEdit,
    correct,
    load_register,
    undo,
)
from bot.settings import Settings
from bot.subprocesses import run_in_subprocess
from bot.telemetry import logs, request_id
from bot.telemetry.spans import Traces
from store.audiences import PUBLIC, Audience, Audiences
from store.catalog import Catalog, Snapshot
from store.engines import DATABASE, sqlite_url
from store.records import EVERYBODY
from store.search import Search
from store.vectors.encoders import (
    BundledEmbedder,
    Embedder,
    QuestionEncoder,
    SentenceTransformerEmbedder,
    export_encoder,
)
from store.vectors.index import Index

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.answering.path import Assistant
    from bot.answering.plain import PlainAnswerer
    from bot.answering.reply import Answerer
    from bot.briefs.making import Writer
    from bot.calendars import Calendars
    from bot.changes import Changes
    from bot.drafts.draft import DraftReader
    from bot.models.addressee import AddresseeJudge
    from bot.models.chat import ChatModel, ReplyLimits
    from bot.models.judge import Judge
    from bot.telemetry.metrics import Metrics
    from ingest.events.model import EventModel
    from ingest.pipeline import Pipeline
    from ingest.report import FetchReport, IngestReport, ProgressListener, ReindexReport
    from ingest.sources.web import Manners
    from store.backup import WholeStore
    from store.cross_encoders import CrossEncoderReranker
    from store.files import FileStorage, StoredFile
    from store.jobs import AccessKeyStore, DigestStore, FetchStore, Lease, QuestionStore, Source, SourceStore
    from store.migrations import Migration


ResultT = TypeVar("ResultT")

# Audiences whose services stay in memory, with their register.
_AUDIENCES = 16


def embedder_of(name: str) -> Embedder:
    """Return the embedding model of a name, "" for the bundled ones."""
    model = SentenceTransformerEmbedder(name)
    return model if name else BundledEmbedder(model)


class SharedServices:
    """The objects that are the same for all audiences: databases, index, models and the ingest."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self.settings = settings
        folder = settings.data_dir
        self.catalog = Catalog(settings.database_url.get_secret_value() or sqlite_url(folder / DATABASE))
        self.index = Index(folder / "index", settings.chroma_url.get_secret_value())
        self._exports = settings.encoder_folder
        self.embedder = embedder or embedder_of(settings.embedding_model)
        # Returns the services for the documents visible to some audiences.
        self.seen_by = lru_cache(maxsize=_AUDIENCES)(partial(Services, self))
        self._close = [self.catalog.close, self.index.close]

    # What follows is imported where it is needed first: an answer in a terminal needs little of it.

    @cached_property
    def storage(self) -> FileStorage:
        """The files from Slack and from sources."""
        from store.files import FileStorage

        url = self.settings.storage_url.get_secret_value()
        return FileStorage(url or str(self.settings.data_dir / "library"))

    @cached_property
    def state(self) -> Engine:
        """The database, with the tables of this version. Raises StoreError."""
        from store.migrations import prepare

        prepare(self.catalog.engine)
        return self.catalog.engine

    def migrate(self) -> Migration:
        """Migrate the database of an earlier version of the program to this one. Raises StoreError."""
        from store.migrations import migrate

        return migrate(self.catalog.engine, self.settings.data_dir)

    @cached_property
    def pipeline(self) -> Pipeline:
        """The ingest pipeline."""
        # The readers of all formats take some tenths of a second to import.
        from ingest.pipeline import Pipeline

        folder = self.settings.data_dir
        return Pipeline(self.catalog, self.index, self.embedder, folder, storage=self.storage)

    @cached_property
    def metrics(self) -> Metrics:
        """What the running bot counts."""
        from bot.telemetry.metrics import Metrics

        return Metrics()

    @cached_property
    def traces(self) -> Traces:
        """The traces of questions, which go to the endpoint, if one is set."""
        traces = Traces(sends=bool(self.settings.otlp_endpoint))
        self._close.append(traces.close)
        return traces

    @cached_property
    def encoder(self) -> QuestionEncoder:
        """The encoder of questions, and of other texts that an answer compares."""
        if isinstance(self.embedder, BundledEmbedder):
            return self.embedder.questions(self._exports)
        return self.embedder

    @cached_property
    def reranker(self) -> CrossEncoderReranker | None:
        """The cross-encoder that sorts the hits of a search, if one is set."""
        from store.cross_encoders import CrossEncoderReranker

        name = self.settings.reranker
        return CrossEncoderReranker(name) if name else None

    @cached_property
    def plain_answerer(self) -> PlainAnswerer:
        """Answers without a language model."""
        from bot.answering.plain import PlainAnswerer

        return PlainAnswerer(self.encoder)

    @cached_property
    def answerer(self) -> Answerer:
        """Answers with the language model that is set, else without one."""
        if not self.settings.model:
            return self.plain_answerer
        # It loads langchain.
        from bot.answering.model import ModelAnswerer

        return ModelAnswerer(self._model, self.judge, self.settings.today)

    @cached_property
    def judge(self) -> Judge | None:
        """Judges statements: the chat model itself, another model or a cross-encoder; None if there is none."""
        from bot.models.judge import EntailmentJudge, ModelJudge

        name = self.settings.judge
        if name == "none" or not (name or self.settings.model):
            return None
        if not name:
            return ModelJudge(self._model)
        if self.settings.judges_by_chat:
            return ModelJudge(self._chat_model(name))
        from store.cross_encoders import CrossEncoderEntailment

        return EntailmentJudge(CrossEncoderEntailment(name).compare)

    @cached_property
    def _model(self) -> ChatModel:
        """The chat model that writes answers, which has to be set."""
        return self._chat_model()

    def _chat_model(self, name: str = "", limits: ReplyLimits | None = None) -> ChatModel:
        """Return the chat model of a name, else the one that is set, with its fallback."""
        from bot.models.chat import ChatModel, ReplyLimits

        settings = self.settings
        names = (name, "") if name else (settings.model, settings.model_fallback)
        patience = settings.model_seconds / ReplyLimits().total
        return ChatModel(
            *names,
            limits,
            # What it counts with is made when it first counts.
            on_failure=lambda model, kind: self.metrics.model_failure(model, kind),
            patience=patience,
        )

    @cached_property
    def addressee_judge(self) -> AddresseeJudge:
        """Decides with the model, which has to be set, whether a message in a thread asks the assistant."""
        from bot.models.addressee import ADDRESSEE_LIMITS, AddresseeJudge

        return AddresseeJudge(self._chat_model(limits=ADDRESSEE_LIMITS))

    @cached_property
    def draft_reader(self) -> DraftReader:
        """Finds the claims of a draft with the model that is set, else takes its sentences for claims."""
        from bot.drafts.draft import ModelReader, PlainReader

        return ModelReader(self._model) if self.settings.model else PlainReader()

    @cached_property
    def brief_writer(self) -> Writer:
        """Writes the parts of briefs with the model that is set, else quotes them."""
        from bot.briefs.making import ModelWriter, QuotingWriter

        return ModelWriter(self._model) if self.settings.model else QuotingWriter()

    @cached_property
    def event_model(self) -> EventModel | None:
        """Reads the events of documents; None without a model: they are then told in the documents' own words."""
        if not self.settings.model:
            return None
        from bot.models.events import EVENT_LIMITS, ChatEventModel

        return ChatEventModel(self._chat_model(limits=EVENT_LIMITS))

    @cached_property
    def question_store(self) -> QuestionStore:
        """Questions from Slack. Raises StoreError."""
        from store.jobs import QuestionStore

        return QuestionStore(self.state)

    @cached_property
    def access_keys(self) -> AccessKeyStore:
        """Keys that give access from outside Slack. Raises StoreError."""
        from store.jobs import AccessKeyStore

        return AccessKeyStore(self.state)

    @cached_property
    def digest_store(self) -> DigestStore:
        """Daily digests. Raises StoreError."""
        from store.jobs import DigestStore

        return DigestStore(self.state)

    @cached_property
    def source_store(self) -> SourceStore:
        """The sources that documents come from by themselves. Raises StoreError."""
        from store.jobs import SourceStore

        return SourceStore(self.state)

    @cached_property
    def fetch_store(self) -> FetchStore:
        """The fetches of sources. Raises StoreError."""
        from store.jobs import FetchStore

        return FetchStore(self.state)

    def source_address(self, address: str, *, of_web: bool = False) -> str:
        """Return the address of a source as it is stored: of the web, or unless `of_web` that of a folder.

        Raises IngestError if it cannot be one.
        """
        from ingest.sources.folders import folder_url
        from ingest.sources.web import checked_url
        from store.kept import is_web

        if of_web or is_web(address):
            return checked_url(address, self._manners())
        return folder_url(address, self._manners())

    def fetch(self, source: Source, lease: Lease, progress: ProgressListener | None = None) -> FetchReport:
        """Fetch a source under the lease of its job. Raises LeaseLost, StoreError, OSError."""
        # httpx and the readers take some tenths of a second to import.
        from ingest.sources.fetching import Fetcher

        fetcher = Fetcher(
            self.source_store,
            self.fetch_store,
            self.pipeline,
            self.storage,
            self._manners(),
            self.settings.sources_kept_days,
            self.event_model,
        )
        return fetcher.fetch(source, lease, progress)

    async def fetch_in_subprocess(self, source: Source, lease: Lease) -> FetchReport:
        """Fetch a source in a process of its own. Raises LeaseLost, StoreError, OSError, SubprocessDied."""
        with self.metrics.ingest():
            return await self._in_subprocess(partial(_fetch, source, lease))

    async def rebuild_index_in_subprocess(self) -> None:
        """Build a damaged index anew in a process of its own. Raises StoreError, SubprocessDied."""
        await self._in_subprocess(_rebuild_index)

    async def ingest_in_subprocess(
        self,
        files: Sequence[StoredFile],
        progress: ProgressListener,
        audience: Audience = EVERYBODY,
        remove_from: Audience | None = None,
    ) -> IngestReport:
        """Ingest stored files in a process of its own. Raises IngestError, StoreError, SubprocessDied."""
        with self.metrics.ingest():
            return await self._in_subprocess(partial(_ingest, tuple(files), audience, remove_from), progress)

    async def _in_subprocess(
        self,
        work: Callable[[SharedServices, ProgressListener], ResultT],
        progress: ProgressListener = lambda _step: None,
    ) -> ResultT:
        """Return what `work` returns, with services of its own in a process of its own."""
        begin = partial(_work, self.settings, request_id.current(), work)
        return await run_in_subprocess(begin, progress)

    def _manners(self) -> Manners:
        from ingest.sources.web import Manners

        settings = self.settings
        return Manners(
            private=settings.sources_private,
            without_tls=settings.sources_http,
            credentials=settings.credentials_of_sources,
            user_agent=f"itubot/{version('itubot')}",
            max_bytes=settings.largest_file,
            pause=settings.sources_pause,
        )

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        prune: bool = False,
        progress: ProgressListener | None = None,
        label: bool = True,
        bundled: bool = False,
        audience: Audience = EVERYBODY,
        export: bool = True,
    ) -> IngestReport:
        """Ingest documents for `audience`.

        `label`: the model, if there is one, reads their events. `bundled`: they come with the program. `export`: export
        the embedding model if that is not done, so that questions do not load torch. Raises IngestError, StoreError.
        """
        return self.pipeline.ingest(
            paths,
            prune=prune,
            progress=progress,
            model=self.event_model if label else None,
            bundled=bundled,
            audience=audience,
            export=self._export if export else None,
        )

    def reindex(self, progress: ProgressListener | None = None) -> ReindexReport:
        """Build the index anew from the catalog, with the embedding model that is set. Raises NoStore, StoreError."""
        return self.pipeline.reindex(progress, self._export)

    def _export(self, on_start: Callable[[], None]) -> str:
        embedder = self.embedder.english if isinstance(self.embedder, BundledEmbedder) else self.embedder
        return export_encoder(embedder, self._exports, on_start)

    def has_documents(self) -> bool:
        """Whether anybody has a document; asks the database, for little. Raises ModelChanged, StoreError."""
        self.question_store.ping()
        found = self.catalog.has_documents()
        if found:
            self.seen_by(PUBLIC).search.check_model()
        return found

    @cached_property
    def calendars(self) -> Calendars:
        """The calendars that people subscribe to. Raises StoreError."""
        # It loads the library that writes them, and that of web pages.
        from bot.calendars import Calendars

        return Calendars(self.seen_by(PUBLIC))

    @property
    def whole_store(self) -> WholeStore:
        """What a backup contains. Raises StoreError."""
        # Only two commands need it.
        from store.backup import WholeStore

        folder = self.settings.data_dir
        return WholeStore(self.catalog, self.storage, self.index, folder)

    def close(self) -> None:
        """Close the databases and the index, which a later use opens again, and end the traces."""
        for close in self._close:
            close()


class Services:
    """The objects that commands and Slack use, for the documents visible to `audiences`."""

    def __init__(self, shared: SharedServices, audiences: Audiences) -> None:
        self.shared = shared
        self.audiences = audiences
        self.settings = shared.settings
        self.catalog = shared.catalog.seen_by(audiences)
        # (generation, day) and its register: thousands of events take a second to compute.
        self._register: tuple[tuple[int, date], tuple[RegisterEntry, ...]] | None = None

    def seen_by(self, audiences: Audiences) -> Services:
        """Return the services for the documents visible to other audiences."""
        return self.shared.seen_by(audiences)

    def seen_from(self, audience: Audience) -> Services:
        """Return the services for the documents visible to everybody and to an audience that has some."""
        return self.seen_by(PUBLIC | frozenset({audience}) & self.catalog.known_audiences())

    @cached_property
    def search(self) -> Search:
        """Searches the documents visible to `audiences`."""
        return Search(self.catalog, self.shared.index, self.shared.encoder, self.shared.reranker)

    @cached_property
    def assistant(self) -> Assistant:
        """Answers questions from the documents visible to `audiences`."""
        from bot.answering.path import Assistant

        shared = self.shared
        return Assistant(
            self.search,
            shared.answerer,
            shared.plain_answerer,
            self.register,
            self.changes,
            self.settings.today,
        )

    def changes(self, name: str | None = None) -> Changes:
        """Return the last changes of a document, by default of the one that changed last.

        Raises UnknownDocument, NoStore.
        """
        from bot.changes import read_changes

        return read_changes(self.catalog, name)

    def correct(self, entry_id: str, change: EntryEdit, by: str) -> RegisterEntry:
        """Correct an entry. Raises UnknownEntry, CorrectionError, StoreError."""
        return correct(self.catalog, entry_id, change, by, self.settings.today())

    def undo(self, entry_id: str, revision: int | None = None) -> RegisterEntry:
        """Undo the correction of an entry. Raises UnknownEntry, CorrectionError, StoreError."""
        return undo(self.catalog, entry_id, self.settings.today(), revision)

    def register(self, as_of: date, snapshot: Snapshot | None = None) -> Sequence[RegisterEntry]:
        """Return every event of the documents, with its status as of a day; the same object until one of both changes.

        `snapshot`: the state of the catalog, by default the newest one. Raises NoStore.
        """
        with self.catalog.snapshot() if snapshot is None else nullcontext(snapshot) as seen:
            state, register = (seen.generation, as_of), self._register
            if register is None or register[0] != state:
                register = self._register = (state, tuple(load_register(seen, as_of)))
        return register[1]


def _work(
    settings: Settings,
    request: str,
    work: Callable[[SharedServices, ProgressListener], ResultT],
    progress: ProgressListener,
) -> ResultT:
    # This process begins without the parent's logging.
    logs.configure(logging.WARNING)
    logs.use_format(settings.log_format)
    request_id.bind(request)
    with closing(SharedServices(settings)) as services:
        return work(services, progress)


def _ingest(
    files: Sequence[StoredFile],
    audience: Audience,
    remove_from: Audience | None,
    services: SharedServices,
    progress: ProgressListener,
) -> IngestReport:
    # Another bot may have another model already: one file must not embed all documents again.
    services.seen_by(PUBLIC).search.check_model()
    from store.files import local_copies

    with local_copies(services.storage, files) as copies:
        # Without the export: a failed one must not end an ingest that is published.
        return services.pipeline.ingest(
            list(copies),
            progress=progress,
            model=services.event_model,
            audience=audience,
            remove_from=remove_from,
            copies=copies,
        )


def _fetch(source: Source, lease: Lease, services: SharedServices, progress: ProgressListener) -> FetchReport:
    if services.catalog.has_documents():
        # As in `_ingest`.
        services.seen_by(PUBLIC).search.check_model()
    return services.fetch(source, lease, progress)


def _rebuild_index(services: SharedServices, _progress: ProgressListener) -> None:
    from store.writer import rebuild_damaged_index

    rebuild_damaged_index(services.catalog, services.index, services.settings.data_dir)


def build(settings: Settings, embedder: Embedder | None = None) -> Services:
    """Return the services for the documents that everybody may read."""
    return SharedServices(settings, embedder).seen_by(PUBLIC)
