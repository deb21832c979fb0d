"""A web site, and a library that fetches from it by a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.report import FetchReport
from ingest.sources.fetching import Fetcher
from ingest.sources.web import Manners
from store.audiences import Audience
from store.errors import NoStore
from store.jobs import FetchStore, Source, SourceStore
from store.jobs.leases import Holder
from store.migrations import open_database
from store.records import EVERYBODY, Document
from tests.ingest.sources.site import Site, serving
from tests.servers import database_url
from tests.small_store import open_store
from tests.store.jobs.clock import Clock

DAY = 24 * 3600.0
# Days between fetches.
FIVE_WEEKS = (1, 1, 1, 13, 13, 6)
# 1 June 2025, at noon.
NOON = 1_748_779_200.0
ON_LOOPBACK = Manners(private=True, without_tls=True, pause=0.0)


class Watched:
    """The library, its sources and the clock of both."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(NOON)
        self.store = open_store(folder)
        self.engine = open_database(database_url(folder))
        self.sources = SourceStore(self.engine, self.clock.reading)
        self.fetches = FetchStore(self.engine, self.clock.reading)
        self.fetcher = Fetcher(
            self.sources,
            self.fetches,
            self.store.pipeline,
            self.store.storage,
            ON_LOOPBACK,
            kept_days=30,
            clock=lambda: self.clock.now,
        )

    def use(self, **manners: object) -> None:
        """Change how servers are asked."""
        self.fetcher = replace(self.fetcher, manners=replace(ON_LOOPBACK, **manners))  # type: ignore[arg-type]

    def watch(
        self, url: str, *, name: str = "council", pattern: str = "", audience: Audience = EVERYBODY
    ) -> Source:
        """Add a source that is fetched every six hours."""
        source = self.sources.add(url, audience, name=name, pattern=pattern, every=6 * 3600.0)
        assert source is not None
        return source

    def fetch(self, source: Source, *, after: float = 0.0) -> FetchReport:
        """Fetch a source, so many seconds later."""
        self.clock.now += after
        present = self.source(source)
        job = self.fetches.take(present, Holder("test", 60.0))
        assert job is not None
        return self.fetcher.fetch(present, job.lease)

    def source(self, source: Source) -> Source:
        """Return a source as it is now."""
        found = self.sources.find(id=source.id)
        assert found is not None
        return found

    def documents(self, audience: Audience = EVERYBODY) -> dict[str, Document]:
        """Return the documents of an audience, by their names."""
        try:
            found = self.store.catalog.seen_by(frozenset({audience})).documents()
        except NoStore:
            found = []
        return {document.source: document for document in found}

    def versions(self) -> dict[str, int]:
        """Return name -> version of the documents for everybody."""
        return {name: document.version for name, document in self.documents().items()}

    def close(self) -> None:
        """Close the databases."""
        self.store.close()
        self.engine.dispose()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path / "data")
    yield watched
    watched.close()
