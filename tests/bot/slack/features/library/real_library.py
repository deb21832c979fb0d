"""A bot whose library is a real one, on an embedder that costs nothing: files given to it are really taken in."""

from __future__ import annotations

import asyncio
import io
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from bot.answering.citations import citation
from bot.briefs.making import make_brief
from bot.changes import read_changes
from bot.drafts.draft import DraftCheck
from bot.register import RegisterEntry
from bot.register.digest import build_digest
from bot.register.repository import correct, load_register, undo
from bot.slack.core.options import ChannelData
from bot.sources import read_source
from bot.wiring import Services, build
from ingest.drafts import read_draft
from ingest.report import FetchReport, IngestReport
from ingest.sources.fetching import Fetcher
from ingest.sources.web import checked_url
from store.audiences import PUBLIC, Audience
from store.catalog import Catalog
from store.errors import StoreBusy
from store.files import StoredFile, local_copies
from store.jobs import FetchStore, Lease, Source, SourceStore, SubmissionStore
from store.migrations import open_database
from store.records import EVERYBODY, Citation, Document
from tests.bot.register_entries import AS_OF as TODAY
from tests.fake_slack.channels import Message
from tests.fake_slack.hosted_files import send_files
from tests.fake_slack.slack import FakeSlack
from tests.ingest.sources.conftest import ON_LOOPBACK
from tests.servers import database_url, settings_of
from tests.small_store import SmallStore, open_store, stored_sections

REPORT = b"""Report on the summit

Geneva, 20 April 2024

1 Preparations

1.1 The Summit of the Future will be held on 22-23 September 2024 in New York. It has eighty partners.

1.2 Comments on the draft are due by 31 May 2024.
"""
LATER = REPORT.replace(b"eighty", b"ninety").replace(b"31 May", b"14 June")


class RealLibrary:
    """The library, what fills it, and a gate before it; `runs` counts the ingests that began."""

    def __init__(self, folder: Path) -> None:
        self.store: SmallStore = open_store(folder)
        self.storage = self.store.storage
        self.go = threading.Event()
        self.go.set()
        self.fails: list[Exception] = []
        self.runs = 0
        self.clock: Callable[[], float] = time.time
        # Of the first one, whether or not anybody still waits for it.
        self.began, self.ended = asyncio.Event(), asyncio.Event()

    async def ingest(
        self,
        files: Sequence[StoredFile],
        progress: Callable[[Any], None],
        audience: Audience = EVERYBODY,
        remove_from: Audience | None = None,
    ) -> IngestReport:
        self.runs += 1
        loop = asyncio.get_running_loop()

        def work() -> IngestReport:
            loop.call_soon_threadsafe(self.began.set)
            try:
                assert self.go.wait(100)
                if self.fails:
                    raise self.fails.pop(0)
                with local_copies(self.storage, files) as copies:
                    return self.store.pipeline.ingest(
                        list(copies),
                        progress=lambda step: loop.call_soon_threadsafe(progress, step) and None,
                        audience=audience,
                        remove_from=remove_from,
                        copies=copies,
                    )
            finally:
                loop.call_soon_threadsafe(self.ended.set)

        return await asyncio.to_thread(work)

    async def fetch(self, source: Source, lease: Lease) -> FetchReport:
        """Fetch a source on loopback, whose documents that are gone stay for 30 days."""
        engine = open_database(database_url(self.store.folder))
        fetcher = Fetcher(
            SourceStore(engine),
            FetchStore(engine),
            self.store.pipeline,
            self.storage,
            ON_LOOPBACK,
            kept_days=30,
            clock=self.clock,
        )
        try:
            return await asyncio.to_thread(fetcher.fetch, source, lease)
        finally:
            engine.dispose()

    @cached_property
    def services(self) -> Services:
        """What checks of drafts and briefs use."""
        return build(settings_of(self.store.folder), self.store.embedder)

    @property
    def catalog(self) -> Catalog:
        """What all audiences together have."""
        known = self.store.catalog.known_audiences()
        return self.store.catalog.seen_by(PUBLIC | known)

    def register(self, catalog: Catalog) -> list[RegisterEntry]:
        with catalog.snapshot() as view:
            return load_register(view, TODAY)

    def channel_data(self, audience: Audience) -> ChannelData:
        seen = self.store.catalog.seen_by(PUBLIC | {audience})
        return ChannelData(
            today=lambda: TODAY,
            register=lambda _day: self.register(seen),
            documents=seen.documents,
            digest_since=lambda day, previous, *_: build_digest(self.register(seen), day, previous=previous),
            brief=lambda topic, on_part: make_brief(
                self.services.seen_from(audience), topic, TODAY, on_part=on_part
            ),
            changes=lambda name: read_changes(seen, name),
            check=lambda sentences: DraftCheck(self.services.seen_from(audience), sentences, TODAY),
            source=partial(read_source, seen),
            correct=lambda key, edit, by: correct(seen, key, edit, by, TODAY),
            undo=lambda key, revision: undo(seen, key, TODAY, revision),
        )

    def options(self, *users: str) -> dict[str, Any]:
        """Return the options of a bot that has the library, and takes small files of these people into it."""
        return {
            "channel_data": self.channel_data,
            "storage": self.storage,
            "ingest": self.ingest,
            "fetch": self.fetch,
            "source_address": address_on_loopback,
            "read_draft": read_draft,
            "library_users": users,
            "library_file_mb": 0.002,
        }

    @property
    def submissions(self) -> SubmissionStore:
        """The submissions of a bot with a database in the library's folder."""
        return SubmissionStore.open(database_url(self.store.folder))

    @property
    def sources(self) -> list[str]:
        """What the library holds."""
        return sorted(document.source for document in self.catalog.documents())

    @property
    def files(self) -> dict[str, bytes]:
        """The stored files that its documents come from."""
        if not self.store.catalog.known_audiences():
            return {}
        return {document.source: self._stored(document.original) for document in self.catalog.documents()}

    @property
    def stored(self) -> set[bytes]:
        """Every stored file."""
        return {self._stored(digest) for digest in self.storage.digests()}

    def _stored(self, digest: str | None) -> bytes:
        assert digest is not None
        with local_copies(self.storage, [StoredFile("copy", digest, 0.0)]) as copies:
            [copy] = copies
            return copy.read_bytes()


def address_on_loopback(url: str) -> str:
    return checked_url(url, ON_LOOPBACK)


def citations_of(catalog: Catalog, document: Document) -> tuple[Citation, ...]:
    """Return citations of a document's second and third paragraph, which quote their first sentences."""
    quoted = [(each, each.text.partition(". ")[0]) for each in stored_sections(catalog, document.id)[1:3]]
    return tuple(citation(n, document, each, 0, len(words)) for n, (each, words) in enumerate(quoted, 1))


def archive(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return data.getvalue()


def busy() -> StoreBusy:
    return StoreBusy("process 7 is writing")


async def upload_result(
    slack: FakeSlack, channel: str, message: Message, words: str = "ibrary", *, seconds: float = 120.0
) -> str:
    """Wait until the bot is done with the files of a message; return what it says of them."""

    def done() -> bool:
        return any(
            _is_final(reply) and words in _words(reply) for reply in slack.replies(channel, message["ts"])
        )

    await slack.until(done, seconds)
    return next(
        _words(reply)
        for reply in slack.replies(channel, message["ts"])
        if _is_final(reply) and words in _words(reply)
    )


async def add_report(slack: FakeSlack, data: bytes = REPORT) -> str:
    """Have somebody send a report to the bot directly; return the result in words."""
    return await upload_result(slack, "D1", await send_files(slack, slack.hosted.add("report.txt", data)))


def _words(message: Message) -> str:
    texts = [
        text["text"]
        for block in message["blocks"]
        if block["type"] != "actions"
        for text in (block["elements"] if block["type"] == "context" else [block["text"]])
    ]
    return "\n".join(texts)


def _is_final(message: Message) -> bool:
    return "Adding to the library" not in _words(message)


def words(messages: Sequence[Message]) -> list[str]:
    """Return what messages say."""
    return [_words(message) for message in messages]
