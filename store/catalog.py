"""The catalog in SQL, the store's source of truth, and consistent views of it; `store.publication` writes it.

A catalog has audiences, and shows the documents visible to these: `Catalog(url)` those for everybody, `seen_by` those
of others. Only an ingest uses the `unfiltered` catalog. At the end are its single values: generations, embedding model,
the term of its writer.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    cast,
    func,
    insert,
    select,
    text,
    true,
    update,
)

from store.audiences import PUBLIC, Audiences
from store.engines import (
    connected,
    database_exists,
    open_engine,
    read_transaction,
    rows_with,
    write_transaction,
)
from store.errors import NoStore, StoreBusy, StoreError
from store.fulltext import FullText
from store.locks import lock_holder
from store.migrations import REVISION, check, has_tables, prepare, revisions, stored_revision
from store.records import EVERYBODY, Correction, Dating, Document, Event, Section
from store.schema import (
    acronyms,
    as_record,
    as_records,
    corrections,
    documents,
    events,
    meta,
    sections,
    segments,
    version_sections,
)

# One statement: a snapshot is opened for each question.
_REVISION_AND_META = select(revisions.c.version_num, meta).join(meta, true())


def is_visible(audience: Column[str], audiences: Audiences | None) -> ColumnElement[bool]:
    """Return the SQL condition that a row is for one of some audiences, given its column of the audience."""
    return true() if audiences is None else audience.in_(sorted(audiences))


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server's `version`, the version of the `tables`, and the name of the `writer` that holds the lock."""

    version: str
    tables: Literal["none", "current", "other"]
    writer: str | None


class Catalog:
    """Documents, sections and events visible to `audiences`; all, if that is None. Safe between threads."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.audiences: Audiences | None = PUBLIC

    def seen_by(self, audiences: Audiences) -> Catalog:
        """Return the same catalog for these audiences."""
        catalog = copy(self)
        catalog.audiences = audiences
        return catalog

    def unfiltered(self) -> Catalog:
        """Return the catalog of all audiences, for ingest alone."""
        catalog = copy(self)
        catalog.audiences = None
        return catalog

    def known_audiences(self) -> Audiences:
        """Return the audiences that have documents or had some; none before the first publication."""
        if not database_exists(self.engine):
            return frozenset()
        with self.reading() as connection:
            found = stored_revision(connection)
            if found is None:
                return frozenset()
            if found != REVISION:
                return PUBLIC
            return frozenset(connection.scalars(select(documents.c.audience).distinct()))

    def close(self) -> None:
        """Close the connections; a later use opens new ones."""
        self.engine.dispose()

    def create(self) -> bool:
        """Create the tables, or migrate an older SQLite file; return whether it was older. Raises SchemaMismatch."""
        return prepare(self.engine)

    @contextmanager
    def writing(self, term: str | None = None) -> Iterator[Connection]:
        """Open a transaction to write in; an error rolls it back. Raises StoreBusy if a writer's `term` is over."""
        with write_transaction(self.engine) as connection:
            if term is not None:
                check_term(connection, term)
            yield connection

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection that reads the rows of all audiences, for use in the store; others use a `snapshot`."""
        return connected(self.engine)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open a snapshot, which later publications do not change.

        Raises NoStore if nothing was ever ingested, and SchemaMismatch.
        """
        if not database_exists(self.engine):
            raise NoStore("there are no documents yet; run `itubot ingest`")
        with read_transaction(self.engine) as connection:
            rows = connection.execute(_REVISION_AND_META).all() if has_tables(connection) else []
            values = {row.key: row.value for row in rows}
            if rows:
                check(rows[0].version_num)
            if generation(values, None) == 0:
                raise NoStore("there are no documents yet; run `itubot ingest`")
            yield Snapshot(connection, self.audiences, values)

    def is_index_damaged(self) -> bool:
        """Whether the index is known to be damaged, and not built anew yet. Raises StoreError."""
        try:
            with self.snapshot() as snapshot:
                return snapshot.is_index_damaged
        except NoStore:
            return False

    def report_damaged_index(self) -> None:
        """Record that the index is damaged, if that is possible, so that the next writer builds it anew."""
        with suppress(StoreError), self.writing() as connection:
            set_index_damaged(connection, True)

    def documents(self) -> list[Document]:
        """Return the live documents, by source."""
        with self.snapshot() as snapshot:
            return snapshot.documents()

    def has_documents(self) -> bool:
        """Whether there is a live document, of any audience; reads at most one."""
        try:
            with self.snapshot() as snapshot:
                first = select(documents.c.id).where(documents.c.live).limit(1)
                return snapshot.connection.scalar(first) is not None
        except NoStore:
            return False

    def server_state(self) -> ServerState:
        """Ask the catalog's PostgreSQL server for its state. Raises StoreError."""
        with self.reading() as connection:
            version = str(connection.scalar(text("SHOW server_version")))
            revision = stored_revision(connection)
            writer = lock_holder(connection)
        if revision is None:
            return ServerState(version, "none", writer)
        return ServerState(version, "current" if revision == REVISION else "other", writer)

    def section(self, section_id: str) -> Section | None:
        """Return one section, live or of an earlier version."""
        with self.snapshot() as snapshot:
            return snapshot.sections([section_id]).get(section_id)


class Snapshot:
    """The consistent state of what is visible to `audiences`; of everything, if that is None.

    `meta` are the catalog's single values; without them they are read whenever they are needed, as in a
    snapshot that writes.
    """

    def __init__(
        self, connection: Connection, audiences: Audiences | None, meta: Mapping[str, str] | None = None
    ) -> None:
        self.connection = connection
        self.audiences = audiences
        self._meta = meta

    def is_visible(self, audience: Column[str]) -> ColumnElement[bool]:
        """Return the SQL condition that a row is for one of the audiences, given its column of the audience."""
        return is_visible(audience, self.audiences)

    def is_of_visible_document(self, document_id: Column[str]) -> ColumnElement[bool]:
        """Return the SQL condition that a row's document is for one of the audiences, given its column of the id."""
        if self.audiences is None:
            return true()
        return document_id.in_(select(documents.c.id).where(self.is_visible(documents.c.audience)))

    @property
    def generation(self) -> int:
        """A number that grows with every publication for one of the audiences; 0 before the first."""
        return generation(self._values(), self.audiences)

    @property
    def model(self) -> str | None:
        """The fingerprint of the embedding model that made the vectors."""
        return self._values().get("model")

    @property
    def is_index_damaged(self) -> bool:
        """Whether the index is known to be damaged, and not built anew yet."""
        return is_index_damaged(self._values())

    def _values(self) -> Mapping[str, str]:
        return all_meta(self.connection) if self._meta is None else self._meta

    def segments(self) -> list[str]:
        """Return the names of the live index segments."""
        query = select(segments.c.name).where(segments.c.live, self.is_visible(segments.c.audience))
        return list(self.connection.scalars(query))

    def every_segment(self) -> list[str]:
        """Return the names of the live index segments of all audiences."""
        return list(self.connection.scalars(select(segments.c.name).where(segments.c.live)))

    def documents(self) -> list[Document]:
        """Return the live documents, by source."""
        live = documents.c.live & self.is_visible(documents.c.audience)
        query = select(documents).where(live).order_by(documents.c.source, documents.c.id)
        return as_records(Document, self.connection, query)

    def versions(self, document_id: str) -> list[Document]:
        """Return all versions of a document, live or not, the oldest first."""
        own = (documents.c.id == document_id) & self.is_visible(documents.c.audience)
        query = select(documents).where(own).order_by(documents.c.version)
        return as_records(Document, self.connection, query)

    def live_version(self, document_id: str) -> int | None:
        """Return the number of a document's live version; None if it has none."""
        live = select(documents.c.version).where(documents.c.id == document_id, documents.c.live)
        return self.connection.scalar(live)

    def versions_with(self, section_id: str) -> list[int]:
        """Return the versions of its document that have a section, the oldest first."""
        column = version_sections.c
        query = select(column.version).where(column.section_id == section_id).order_by(column.version)
        return list(self.connection.scalars(query))

    def roots(self) -> dict[str, str]:
        """Return document id -> the folder it was ingested from, for the live documents."""
        live = documents.c.live & self.is_visible(documents.c.audience)
        rows = self.connection.execute(select(documents.c.id, documents.c.root).where(live))
        return {row.id: row.root for row in rows}

    def section_count(self) -> int:
        """Return the number of live sections."""
        live = sections.c.live & self.is_visible(sections.c.audience)
        return int(self.connection.scalar(select(func.count()).where(live)) or 0)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return document id -> (sections, events), for the live documents."""
        of_sections, of_events = self._per_document(version_sections), self._per_document(events)
        return {d.id: (of_sections.get(d.id, 0), of_events.get(d.id, 0)) for d in self.documents()}

    def _per_document(self, table: Table) -> dict[str, int]:
        own = (table.c.document_id == documents.c.id) & (table.c.version == documents.c.version)
        query = (
            select(documents.c.id, func.count())
            .join(table, own)
            .where(documents.c.live, self.is_visible(documents.c.audience))
            .group_by(documents.c.id)
        )
        return {str(row[0]): int(row[1]) for row in self.connection.execute(query)}

    def sections(self, ids: Iterable[str]) -> dict[str, Section]:
        """Return id -> section, live or of an earlier version."""
        query = select(sections).where(self.is_visible(sections.c.audience))
        rows = rows_with(self.connection, query, sections.c.id, ids)
        return {row.id: as_record(Section, row._mapping) for row in rows}

    def sections_of(self, document_id: str, version: int | None = None) -> list[Section]:
        """Return a document's sections in reading order; of the live version, or of an earlier one."""
        if version is None:
            version = self.live_version(document_id)
        held = version_sections.c
        query = (
            select(sections)
            .join(version_sections, held.section_id == sections.c.id)
            .where(held.document_id == document_id, held.version == version)
            .where(self.is_visible(sections.c.audience))
            .order_by(held.position)
        )
        return as_records(Section, self.connection, query)

    def section_ids(self, document_id: str, version: int) -> list[str]:
        """Return the ids of the sections of a version in reading order; their texts may be of other audiences."""
        column = version_sections.c
        query = select(column.section_id).where(column.document_id == document_id, column.version == version)
        return list(self.connection.scalars(query.order_by(column.position)))

    def events(self, *, all_versions: bool = False) -> list[Event]:
        """Return the events of the live versions, or of all, oldest version first."""
        condition = self.is_visible(documents.c.audience)
        condition = condition if all_versions else condition & documents.c.live
        return self._events(condition, events.c.version, events.c.pk)

    def events_of(self, document_id: str, version: int) -> list[Event]:
        """Return the events of one version of a document."""
        own = (events.c.document_id == document_id) & (events.c.version == version)
        return self._events(own & self.is_visible(documents.c.audience), events.c.pk)

    def _events(self, condition: ColumnElement[bool], *order: Column[int]) -> list[Event]:
        version = (documents.c.id == events.c.document_id) & (documents.c.version == events.c.version)
        query = select(events).join(documents, version).where(condition).order_by(*order)
        return as_records(Event, self.connection, query)

    def corrections(self) -> list[Correction]:
        """Return the corrections of all documents, live or not."""
        query = select(corrections).where(self.is_of_visible_document(corrections.c.document_id))
        rows = self.connection.execute(query).mappings()
        return [as_record(Correction, {**row, "dating": as_record(Dating, row)}) for row in rows]

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return the acronyms and full names that live documents introduce, each with its other forms."""
        own = self.is_of_visible_document(acronyms.c.document_id)
        query = select(acronyms.c.short, acronyms.c.long).where(own).distinct()
        forms: defaultdict[str, set[str]] = defaultdict(set)
        for short, long in self.connection.execute(query):
            forms[short].add(long)
            forms[long].add(short)
        return {name: tuple(sorted(others)) for name, others in forms.items()}

    @cached_property
    def full_text(self) -> FullText:
        """The full text as of this snapshot."""
        return FullText(self.connection)

    def document_frequencies(self, stems: Iterable[str]) -> Mapping[str, int]:
        """Return stem -> number of live sections, for those of the stemmed terms that a section has."""
        return self.full_text.frequencies("section_text", self.audiences, stems)


def get_meta(connection: Connection, key: str) -> str | None:
    """Return a value; None if it was never set."""
    value = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    return None if value is None else str(value)


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Set a value."""
    if connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value=value))


def next_term(connection: Connection) -> str:
    """Begin the term of a writer, which ends that of the writer before, and return its name."""
    term = secrets.token_hex(8)
    set_meta(connection, "writer", term)
    return term


def check_term(connection: Connection, term: str) -> None:
    """Raise StoreBusy if the term of a writer is over: its lock is lost, and another process has it or had it.

    Until the transaction ends, no other term begins.
    """
    own = select(meta.c.value).where(meta.c.key == "writer").with_for_update()
    if connection.scalar(own) != term:
        raise StoreBusy("another process has written in the meantime; try again")


def next_generation(connection: Connection, audience: str) -> None:
    """Raise the generation of an audience by one."""
    key = _generation(audience)
    grown = cast(cast(meta.c.value, Integer) + 1, String)
    if connection.execute(update(meta).where(meta.c.key == key).values(value=grown)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value="1"))


def all_meta(connection: Connection) -> dict[str, str]:
    """Return all values by their keys."""
    return {row.key: row.value for row in connection.execute(select(meta))}


def generation(values: Mapping[str, str], audiences: Collection[str] | None) -> int:
    """Return the sum of the generations of some audiences, or of all if None; it grows with each one's publications."""
    if audiences is None:
        return sum(int(value) for key, value in values.items() if key.startswith("generation"))
    return sum(int(values.get(_generation(audience), 0)) for audience in audiences)


def _generation(audience: str) -> str:
    return "generation" if audience == EVERYBODY else f"generation {audience}"


# Its value is "damaged" once somebody has noticed that, until the index is built anew.
_INDEX = "index"


def is_index_damaged(values: Mapping[str, str]) -> bool:
    """Whether the index is known to be damaged, or was not built since the catalog was restored; of all values."""
    return values.get(_INDEX) == "damaged"


def set_index_damaged(connection: Connection, is_damaged: bool) -> None:
    """Record whether the index has to be built anew."""
    set_meta(connection, _INDEX, "damaged" if is_damaged else "whole")
