"""Sources: where documents come from by themselves, the files that each has given, and the fetches of them as jobs.

A fetch is a job of one source. Each file is recorded when it is here, and again when the library has it, always under
the lease of the job: a fetch that was killed is continued by another process, and what it had done is not done again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import count
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    select,
    true,
    update,
)

from store.audiences import Audience, Audiences, team_of
from store.engines import insert_new, insert_or_replace
from store.jobs.leases import Holder, Job, JobStore, Lease, Store, as_record
from store.schema import jobs, source_files, sources

# Seconds between two fetches of a source.
EVERY = 6 * 3600.0
# The same, of a source that fails.
_LONGEST_WAIT = 7 * 24 * 3600.0

Form = Literal["", "document", "page", "feed", "folder"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a content: what the server said of it, its SHA-256, and when it was read; empty before that."""

    etag: str = ""
    last_modified: str = ""
    sha256: str = ""
    read_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """A source. Times are in seconds, points in time in seconds since 1970.

    `pattern`: what the addresses of its files have to match, "" for all. `form` is what was found at its address.
    `began_at` is when the present fetch began, 0 between two, `fetched_at` when the last one ended, 0 before the first,
    and `fetches` their number. `failures` is how many failed since the last success, and `problem` why the last one
    did. `told`: those who keep the library know.
    """

    id: str
    name: str
    url: str
    pattern: str
    audience: Audience
    every: float
    form: Form = ""
    seen: Seen = Seen()
    began_at: float = 0.0
    fetched_at: float = 0.0
    due_at: float = 0.0
    fetches: int = 0
    failures: int = 0
    problem: str = ""
    told: bool = False

    def failed(self, problem: str, now: float) -> Source:
        """Return it as it is after a fetch that failed: the next one comes after twice the time, up to a week."""
        wait = min(self.every * 2.0**self.failures, max(self.every, _LONGEST_WAIT))
        ended = replace(self, began_at=0.0, fetched_at=now, due_at=now + wait)
        return replace(ended, failures=self.failures + 1, problem=problem)

    @property
    def team(self) -> str:
        """The workspace of its audience, "" for everybody."""
        return team_of(self.audience)

    @property
    def is_web(self) -> bool:
        """Whether its address is one of the web, and not that of a folder."""
        return is_web(self.url)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source.

    `name` is that of its document, "" for a page that lists further files. `asked_at`: when its source was last asked
    for it. `listed`: the page, feed or folder names it. `given`, `given_at`: the SHA-256 and the time of what the
    library has of it, "" for nothing. `problem`: why the library does not have its present content. `missing_on`: the
    first day on which it was gone at its source; `gone`: so it was on a later day too. `told`: those who keep the
    library know that.
    """

    source: str
    url: str
    name: str = ""
    seen: Seen = Seen()
    asked_at: float = 0.0
    listed: bool = True
    given: str = ""
    given_at: float = 0.0
    problem: str = ""
    missing_on: date | None = None
    gone: bool = False
    told: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether its content is here, and was not taken into the library yet."""
        return bool(self.name and self.seen.sha256) and self.seen.sha256 != self.given and not self.problem


@dataclass(frozen=True, slots=True)
class Fetch:
    """A fetch of a source, by its id."""

    source: str


class SourceStore(Store):
    """The sources and their files, shared by all processes that use the database. All methods raise StoreError."""

    def add(
        self, url: str, audience: Audience, *, name: str, pattern: str = "", every: float = EVERY
    ) -> Source | None:
        """Add a source, whose first fetch is due at once; None if the audience has one of this name."""
        source = Source(secrets.token_hex(4), name, url, pattern, audience, every)
        with self._writing() as connection:
            row = insert_new(connection, sources).values(_row(source))
            return source if connection.scalar(row.returning(sources.c.id)) else None

    def add_unnamed(self, url: str, audience: Audience, *, pattern: str = "", every: float = EVERY) -> Source:
        """Add a source as `add` does; its address gives it a name, with a number behind it for a further one."""
        name = _name_of(url)
        names = (name if number == 1 else f"{name}-{number}" for number in count(1))
        added = (self.add(url, audience, name=each, pattern=pattern, every=every) for each in names)
        return next(source for source in added if source is not None)

    def all(self, audiences: Audiences | None = None) -> list[Source]:
        """Return the sources of some audiences, by default of all, by name."""
        seen = true() if audiences is None else sources.c.audience.in_(audiences)
        return self._read(seen)

    def find(self, id: str) -> Source | None:
        """Return the source of an id; None if there is none."""
        return next(iter(self._read(sources.c.id == id)), None)

    def remove(self, source: Source) -> bool:
        """Delete a source, which ends a fetch of it; return False if it is deleted already. Its documents stay."""
        running = (jobs.c.kind == FetchStore.kind) & jobs.c.key.startswith(f"{source.id}/", autoescape=True)
        with self._writing() as connection:
            connection.execute(delete(jobs).where(running))
            return bool(connection.execute(delete(sources).where(sources.c.id == source.id)).rowcount)

    def files(self, source: Source) -> list[SourceFile]:
        """Return the files of a source, by their addresses."""
        return self._read_files(source_files.c.source == source.id)

    def files_for(self, audience: Audience) -> list[SourceFile]:
        """Return the files of all sources of an audience."""
        of_audience = select(sources.c.id).where(sources.c.audience == audience)
        return self._read_files(source_files.c.source.in_(of_audience))

    def unsaid(self, failures: int) -> list[tuple[Source, list[SourceFile]]]:
        """Return what those who keep the library do not know: the sources that failed so often, and the files gone.

        Each source comes with its files that are gone, [] for one that fails.
        """
        files = self._read_files(source_files.c.gone & ~source_files.c.told & (source_files.c.given != ""))
        found: list[tuple[Source, list[SourceFile]]] = []
        for source in self.all():
            if source.failures >= failures and not source.told:
                found.append((source, []))
            if own := [file for file in files if file.source == source.id]:
                found.append((source, own))
        return found

    def mark_told(self, source: Source, files: Collection[SourceFile] = ()) -> None:
        """Record that those who keep the library know that a source fails, or with `files`, that these are gone."""
        if not files:
            self._run(update(sources).where(sources.c.id == source.id).values(told=True))
        for file in files:
            self._run(update(source_files).where(_same(file)).values(told=True))

    def _read(self, condition: ColumnElement[bool]) -> list[Source]:
        return self._rows(sources, Source, condition, order=(sources.c.name, sources.c.audience))

    def _read_files(self, condition: ColumnElement[bool]) -> list[SourceFile]:
        return self._rows(source_files, SourceFile, condition, order=(source_files.c.url,))


class FetchStore(JobStore[Fetch]):
    """The fetches of sources, as jobs: at most one process at a time fetches a source.

    What a fetch finds is written under its lease.
    """

    kind = "fetch"
    work = Fetch
    is_shared = True

    def claim(self, source: Source, holder: Holder) -> Job[Fetch] | None:
        """Claim the next fetch of a source; None if another process has it.

        A fetch that a process left is taken over.
        """
        key = f"{source.id}/{source.fetches}"
        job = self._claim(key, Fetch(source.id), holder)
        return job or next(iter(self.adopt(holder, key=key)), None)

    def begin_round(self, lease: Lease, source: Source, now: float) -> Source:
        """Record that a fetch begins, unless a killed process began it before; return the source as it is then."""
        with self._fenced(lease) as connection:
            query = select(sources).where(sources.c.id == source.id)
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return source
            present = as_record(Source, dict(row))
            if present.began_at:
                return present
            connection.execute(update(sources).where(sources.c.id == source.id).values(began_at=now))
        return replace(present, began_at=now)

    def record_listing(self, lease: Lease, source: Source, files: Collection[SourceFile]) -> None:
        """Store what a source is and what it lists now: the files that this adds or changes. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            values = {"form": source.form, "seen": asdict(source.seen)}
            connection.execute(update(sources).where(sources.c.id == source.id).values(values))
            _put_files(connection, files)

    def record(self, lease: Lease, *files: SourceFile) -> None:
        """Add files, or replace those of the same addresses. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            _put_files(connection, files)

    def drop(self, lease: Lease, *files: SourceFile) -> None:
        """Delete files. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            for file in files:
                connection.execute(delete(source_files).where(_same(file)))

    def finish(self, lease: Lease, source: Source) -> None:
        """Store a source as it is after its fetch, with which the job is done. Raises LeaseLost."""
        values = _row(replace(source, fetches=source.fetches + 1))
        if source.problem:
            del values["told"]  # Somebody may have been told meanwhile.
        with self._fenced(lease, holder=None, done=True) as connection:
            connection.execute(update(sources).where(sources.c.id == source.id).values(values))


def _row(source: Source) -> dict[str, Any]:
    return asdict(source) | {"team": source.team}


def _put_files(connection: Connection, files: Collection[SourceFile]) -> None:
    for file in files:
        row = insert_or_replace(connection, source_files, ["source", "url"])
        connection.execute(row.values(asdict(file)))


def _same(file: SourceFile) -> ColumnElement[bool]:
    return (source_files.c.source == file.source) & (source_files.c.url == file.url)


def is_web(url: str) -> bool:
    """Whether an address is one of the web, and not that of a folder."""
    return urlsplit(url).scheme in ("http", "https")


def _name_of(url: str) -> str:
    """Return the host of an address without "www.", or the last folder."""
    parts = urlsplit(url)
    folder = unquote(parts.path).rstrip("/").rpartition("/")[2]
    name = parts.netloc.removeprefix("www.") if is_web(url) else folder
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:50] or "source"
