"""Sources: where documents come from by themselves, the files that each has given, and the fetches of them as jobs.

A fetch is a job of one source. Each file is recorded when it is here, and again when the library has it, always under
the lease of the job: a fetch that was killed is continued by another process, and what it had done is not done again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import ColumnElement, Connection, delete, select, update

from store.audiences import Audience
from store.engines import insert_new, insert_or_replace
from store.jobs.leases import Holder, Job, JobStore, Lease, Rows
from store.kept import EVERY, Source, SourceFile, is_web
from store.schema import as_record, as_records, as_row, jobs, source_files, sources


@dataclass(frozen=True, slots=True)
class Fetch:
    """A fetch of a source, by its id, with its number."""

    source: str
    number: int

    @property
    def key(self) -> str:
        """Key of the job."""
        return f"{self.source}/{self.number}"


class SourceStore(Rows[Source]):
    """The sources, by name, and their files, shared by all processes that use the database.

    All methods raise StoreError.
    """

    table, record, order = sources, Source, (sources.c.name, sources.c.audience)

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

    def remove(self, source: Source) -> bool:
        """Delete a source, which ends a fetch of it; return False if it is deleted already. Its documents stay."""
        running = (jobs.c.kind == FetchStore.kind) & jobs.c.key.startswith(f"{source.id}/", autoescape=True)
        with self._writing() as connection:
            connection.execute(delete(jobs).where(running))
            return bool(connection.execute(delete(sources).where(self._is(id=source.id))).rowcount)

    def files(self, source: Source) -> list[SourceFile]:
        """Return the files of a source, by their addresses."""
        return self._files(source_files.c.source == source.id)

    def files_for(self, audience: Audience) -> list[SourceFile]:
        """Return the files of all sources of an audience."""
        of_audience = select(sources.c.id).where(sources.c.audience == audience)
        return self._files(source_files.c.source.in_(of_audience))

    def unsaid(self, failures: int) -> list[tuple[Source, list[SourceFile]]]:
        """Return what those who keep the library do not know: the sources that failed so often, and the files gone.

        Each source comes with its files that are gone, [] for one that fails.
        """
        files = self._files(source_files.c.gone & ~source_files.c.told & (source_files.c.given != ""))
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
            self._update({"told": True}, id=source.id)
        for file in files:
            self._run(update(source_files).where(_same(file)).values(told=True))

    def _files(self, condition: ColumnElement[bool]) -> list[SourceFile]:
        query = select(source_files).where(condition).order_by(source_files.c.url)
        with self._reading() as connection:
            return as_records(SourceFile, connection, query)


class FetchStore(JobStore[Fetch]):
    """The fetches of sources, as jobs: at most one process at a time fetches a source.

    What a fetch finds is written under its lease.
    """

    kind = "fetch"
    work = Fetch
    is_shared = True

    def take(self, source: Source, holder: Holder) -> Job[Fetch] | None:
        """Claim the next fetch of a source, or take over one that a process left; None if another process has it."""
        fetch = Fetch(source.id, source.fetches)
        return self.claim(fetch, holder) or next(iter(self.adopt(holder, key=fetch.key)), None)

    def begin_round(self, lease: Lease, source: Source, now: float) -> Source:
        """Record that a fetch begins, unless a killed process began it before; return the source as it is then."""
        with self._fenced(lease) as connection:
            query = select(sources).where(sources.c.id == source.id)
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return source
            present = as_record(Source, row)
            if present.began_at:
                return present
            connection.execute(update(sources).where(sources.c.id == source.id).values(began_at=now))
        return replace(present, began_at=now)

    def record_listing(self, lease: Lease, source: Source, files: Collection[SourceFile]) -> None:
        """Store what a source is and what it lists now: the files that this adds or changes. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            change = update(sources).where(sources.c.id == source.id)
            connection.execute(change.values(form=source.form, seen=source.seen))
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
    return as_row(sources, source, team=source.team)


def _put_files(connection: Connection, files: Collection[SourceFile]) -> None:
    for file in files:
        row = insert_or_replace(connection, source_files, ["source", "url"])
        connection.execute(row.values(as_row(source_files, file)))


def _same(file: SourceFile) -> ColumnElement[bool]:
    return (source_files.c.source == file.source) & (source_files.c.url == file.url)


def _name_of(url: str) -> str:
    """Return the host of an address without "www.", or the last folder."""
    parts = urlsplit(url)
    folder = unquote(parts.path).rstrip("/").rpartition("/")[2]
    name = parts.netloc.removeprefix("www.") if is_web(url) else folder
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:50] or "source"
