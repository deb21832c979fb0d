"""The catalog: what is known, read from SQL. Writing is in `store.publication`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    String,
    Table,
    cast,
    func,
    inspect,
    or_,
    select,
)
from sqlalchemy.schema import CreateColumn

from store import fulltext
from store.engines import ANEW, open_engine, parts, storage_errors, write_transaction
from store.errors import NoStore, StoreDamaged
from store.meta import get_meta, set_meta
from store.records import Correction, Dating, Document, Event, Mention, Section
from store.schema import (
    OLDER_VERSIONS,
    SCHEMA_VERSION,
    corrections,
    documents,
    events,
    holdings,
    metadata,
    sections,
    segments,
)


class Catalog:
    """Documents, sections and events, as the last publication left them. Safe between threads."""

    def __init__(self, url: str, name: str = "the catalog") -> None:
        self.engine = open_engine(url)
        self.name = name

    def close(self) -> None:
        """Close the connections; a later use opens new ones."""
        self.engine.dispose()

    def create(self) -> bool:
        """Create what is missing of the tables; return whether they were those of an earlier version.

        Raises StoreDamaged for tables of an unknown version.
        """
        with self.writing() as connection:
            metadata.create_all(connection)
            fulltext.create(connection)
            found = get_meta(connection, "schema")
            if found is None:
                set_meta(connection, "schema", SCHEMA_VERSION)
            elif found in OLDER_VERSIONS:
                _add_columns(connection)
                set_meta(connection, "schema", SCHEMA_VERSION)
            elif found != SCHEMA_VERSION:
                raise StoreDamaged(f"{self.name} was made by another version of the program; {ANEW}")
        return found in OLDER_VERSIONS

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction to write in: all of it is kept, or after an error nothing."""
        with storage_errors(self.name), write_transaction(self.engine) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open one consistent view; what is published meanwhile is not in it.

        Raises NoStore where nothing was ever ingested.
        """
        if self.engine.dialect.name == "sqlite" and not Path(self.engine.url.database or "").exists():
            # Opening would create an empty file.
            raise NoStore("there are no documents yet; run `itubot ingest`")
        with storage_errors(self.name), self.engine.connect() as connection, connection.begin():
            snapshot = Snapshot(connection)
            if not self.engine.dialect.has_table(connection, "meta") or snapshot.generation == 0:
                raise NoStore("there are no documents yet; run `itubot ingest`")
            if get_meta(connection, "schema") in OLDER_VERSIONS:
                raise StoreDamaged(
                    f"{self.name} was made by an earlier version of the program; run `itubot ingest` to adapt it"
                )
            yield snapshot

    def documents(self) -> list[Document]:
        """Return the live documents, by source."""
        with self.snapshot() as view:
            return view.documents()

    def section(self, section_id: str) -> Section | None:
        """Return one section, live or of an earlier version."""
        with self.snapshot() as view:
            return view.sections([section_id]).get(section_id)

    def sections(self, document_id: str) -> list[Section]:
        """Return the live sections of a document, in reading order."""
        with self.snapshot() as view:
            return view.sections_of(document_id)

    def events(self) -> list[Event]:
        """Return the events of the live documents."""
        with self.snapshot() as view:
            return view.events()


class Snapshot:
    """One consistent view of the catalog."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def generation(self) -> int:
        """Grows by one with every publication; 0 before the first."""
        return int(get_meta(self.connection, "generation") or 0)

    @property
    def model(self) -> str | None:
        """The fingerprint of the embedding model that made the vectors."""
        return get_meta(self.connection, "model")

    def segments(self) -> list[str]:
        """Return the names of the live index segments."""
        return list(self.connection.scalars(select(segments.c.name).where(segments.c.live)))

    def documents(self) -> list[Document]:
        rows = self.connection.execute(
            select(documents).where(documents.c.live).order_by(documents.c.source, documents.c.id)
        )
        return [to_document(row) for row in rows.mappings()]

    def versions(self, document_id: str) -> list[Document]:
        """Return all versions of a document, live or not, the oldest first."""
        query = select(documents).where(documents.c.id == document_id).order_by(documents.c.version)
        return [to_document(row) for row in self.connection.execute(query).mappings()]

    def roots(self) -> dict[str, str]:
        """Return document id -> the folder it was ingested from, for the live documents."""
        rows = self.connection.execute(select(documents.c.id, documents.c.root).where(documents.c.live))
        return {row.id: row.root for row in rows}

    def section_count(self) -> int:
        """Return how many sections are live."""
        return int(self.connection.scalar(select(func.count()).where(sections.c.live)) or 0)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return document id -> (sections, events), for the live documents."""
        of_sections, of_events = self._per_document(holdings), self._per_document(events)
        return {d.id: (of_sections.get(d.id, 0), of_events.get(d.id, 0)) for d in self.documents()}

    def _per_document(self, table: Table) -> dict[str, int]:
        own = (table.c.document_id == documents.c.id) & (table.c.version == documents.c.version)
        query = (
            select(documents.c.id, func.count())
            .join(table, own)
            .where(documents.c.live)
            .group_by(documents.c.id)
        )
        return {str(row[0]): int(row[1]) for row in self.connection.execute(query)}

    def sections(self, ids: Iterable[str]) -> dict[str, Section]:
        found: dict[str, Section] = {}
        for part in parts(list(dict.fromkeys(ids))):
            rows = self.connection.execute(select(sections).where(sections.c.id.in_(part)))
            found.update((row["id"], to_section(row)) for row in rows.mappings())
        return found

    def sections_of(self, document_id: str, version: int | None = None) -> list[Section]:
        """Return a document's sections in reading order; of the live version, or of an earlier one."""
        if version is None:
            live = select(documents.c.version).where(documents.c.id == document_id, documents.c.live)
            version = self.connection.scalar(live)
        rows = self.connection.execute(
            select(sections)
            .join(holdings, holdings.c.section_id == sections.c.id)
            .where(holdings.c.document_id == document_id, holdings.c.version == version)
            .order_by(holdings.c.position)
        )
        return [to_section(row) for row in rows.mappings()]

    def events(self, document_id: str | None = None, *, all_versions: bool = False) -> list[Event]:
        """Return events: of the live versions or of all, of one document or of all, oldest version first."""
        query = (
            select(events)
            .join(
                documents,
                (documents.c.id == events.c.document_id) & (documents.c.version == events.c.version),
            )
            .order_by(events.c.version, events.c.pk)
        )
        if not all_versions:
            query = query.where(documents.c.live)
        if document_id is not None:
            query = query.where(events.c.document_id == document_id)
        return [to_event(row) for row in self.connection.execute(query).mappings()]

    def events_of(self, document_id: str, version: int) -> list[Event]:
        """Return the events of one version of a document."""
        own = (events.c.document_id == document_id) & (events.c.version == version)
        query = select(events).where(own).order_by(events.c.pk)
        return [to_event(row) for row in self.connection.execute(query).mappings()]

    def events_in(self, section_ids: Collection[str]) -> list[Event]:
        """Return the events of the live documents that one of these sections dates."""
        if not section_ids:
            return []
        of_documents = select(sections.c.document_id).where(sections.c.id.in_(section_ids)).distinct()
        # As text: a large document has thousands of events, and reading each costs more than looking for an id.
        named = or_(*(cast(events.c.mentions, String).contains(section_id) for section_id in section_ids))
        query = (
            select(events)
            .join(
                documents,
                (documents.c.id == events.c.document_id) & (documents.c.version == events.c.version),
            )
            .where(documents.c.live, events.c.document_id.in_(of_documents), named)
            .order_by(events.c.pk)
        )
        return [to_event(row) for row in self.connection.execute(query).mappings()]

    def corrections(self) -> list[Correction]:
        """Return what people said in place of what was read, of documents that are live or not."""
        return [to_correction(row) for row in self.connection.execute(select(corrections)).mappings()]

    def document_frequencies(self, stems: Sequence[str]) -> Mapping[str, int]:
        """Return in how many live sections each of the stemmed terms stands."""
        return fulltext.document_frequencies(self.connection, stems)


def to_document(row: RowMapping) -> Document:
    return Document(
        id=row["id"],
        source=row["source"],
        title=row["title"],
        symbol=row["symbol"],
        date=row["date"],
        date_inferred=row["date_inferred"],
        language=row["language"],
        version=row["version"],
        content_hash=row["content_hash"],
        ingested_at=_aware(row["ingested_at"]),
        found=row["found"] or {},
        notes=tuple(row["notes"] or ()),
    )


def to_section(row: RowMapping) -> Section:
    return Section(
        document_id=row["document_id"],
        number=row["number"],
        ordinal=row["ordinal"],
        position=row["position"],
        heading=row["heading"],
        text=row["text"],
        raw=row["raw"],
        offsets=tuple((int(a), int(b)) for a, b in row["offsets"]),
        page=row["page"],
    )


def to_event(row: RowMapping) -> Event:
    return Event(
        id=row["id"],
        document_id=row["document_id"],
        title=row["title"],
        kind=row["kind"],
        mentions=tuple(_to_mention(m) for m in row["mentions"]),
        location=row["location"],
        chain_id=row["chain_id"],
    )


def to_correction(row: RowMapping) -> Correction:
    values = dict(row)
    dating = Dating(*(values.pop(name) for name in ("document_id", "sentence", "text", "ordinal")))
    return Correction(dating, **{**values, "at": _aware(values["at"])})


def _aware(moment: datetime) -> datetime:
    # SQLite keeps no time zone; what is written is UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _to_mention(values: Mapping[str, Any]) -> Mention:
    dates = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("start", "end")}
    return Mention(**{**values, **dates})


def _add_columns(connection: Connection) -> None:
    """Add the columns that an older store's tables lack."""
    for table in metadata.sorted_tables:
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                words = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {words}")
