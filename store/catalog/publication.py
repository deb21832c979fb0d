"""Publication of a change of the catalog, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from store.catalog import tables
from store.catalog.catalog import Catalog
from store.catalog.corrections import move_corrections
from store.catalog.meta import next_generation, set_index_damaged, set_meta
from store.catalog.retention import delete_redacted_versions
from store.catalog.tables import (
    EventUpdate,
    NewSegment,
    Origin,
    join_chain,
    live_section_rows,
    put_events,
    put_sections,
    renew_passages,
    retire_sections,
    update_events,
)
from store.engines import chunked, insert_new
from store.fulltext import full_text
from store.records import Document, Event, Passage, Section
from store.schema import acronyms, document_ids, documents, segments, version_sections
from store.terms import acronyms as find_acronyms


@dataclass(frozen=True, slots=True)
class DocumentUpdate:
    """A new or changed document, with its sections and events; `root` is its folder."""

    document: Document
    root: str
    sections: Sequence[Section]
    events: Sequence[Event]
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where the file of a document is: its folder and its name below that, or its stored file (see `Document`)."""

    root: str
    source: str
    original: str | None = None
    sent_at: float | None = None


@dataclass(frozen=True, slots=True)
class JoinedChain:
    """The events of the chain `former` in one audience's documents now belong to the chain `chain_id`."""

    audience: str
    former: str
    chain_id: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A change of the catalog; documents are named by their ids.

    `documents`: new documents, and new versions of others.
    `renamed`: removed documents that continue under another id, which gets their corrections (former id -> id).
    `moved`: the new place of live documents that are otherwise unchanged.
    `rebuilt`: new events of live documents that are otherwise unchanged.
    """

    documents: Sequence[DocumentUpdate] = ()
    removed: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, FilePlace] = field(default_factory=dict)
    rebuilt: Sequence[EventUpdate] = ()
    joined: Sequence[JoinedChain] = ()

    @property
    def is_empty(self) -> bool:
        """True if nothing changes."""
        return not any(getattr(self, part.name) for part in fields(self))


def document_audiences(catalog: Catalog) -> dict[str, str]:
    """Return document id -> audience, of all documents that the catalog ever had."""
    query = select(documents.c.id, documents.c.audience).distinct()
    with catalog.reading() as connection:
        return {row.id: row.audience for row in connection.execute(query)}


def publish(
    catalog: Catalog,
    publication: Publication,
    *,
    passages: Sequence[Passage],
    renewed: Sequence[Passage],
    segments: Sequence[NewSegment],
    retired_segments: Sequence[str],
    model: str,
    term: str,
    is_rebuilt: bool = False,
) -> None:
    """Publish a change completely or not at all.

    `passages` belong to new and changed sections. `renewed` replace the passages of unchanged sections after a change
    of the embedding `model`. `segments` become live, in place of `retired_segments`; `is_rebuilt` says
    that these are the whole index. Raises StoreBusy if the writer's `term` is over.
    """
    passages_of: defaultdict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        passages_of[passage.section_id].append(passage)
    short_names = [
        find_acronyms(section.text for section in changed.sections) for changed in publication.documents
    ]
    with catalog.writing(term) as connection:
        audiences = _changed_audiences(connection, publication, segments, retired_segments)
        _put_ids(connection, publication.documents)
        _set_places(connection, publication.moved)
        for document_id in publication.removed:
            _remove_document(connection, document_id)
        move_corrections(connection, publication.renamed)
        renew_passages(connection, renewed)
        for rebuilt in publication.rebuilt:
            update_events(connection, rebuilt)
        for changed, found in zip(publication.documents, short_names, strict=True):
            own = [passage for section in changed.sections for passage in passages_of[section.id]]
            _put_version(connection, changed, own, found)
        for joined in publication.joined:
            join_chain(connection, joined.audience, joined.former, joined.chain_id)
        tables.retire_segments(connection, retired_segments)
        for segment in segments:
            tables.publish_segment(connection, segment)
        if renewed:
            tables.delete_unused_vectors(connection)
        if is_rebuilt:
            set_index_damaged(connection, False)
        set_meta(connection, "model", model)
        for audience in audiences:
            next_generation(connection, audience)


def _changed_audiences(
    connection: Connection, publication: Publication, new: Sequence[NewSegment], retired: Sequence[str]
) -> set[str]:
    """Return the audiences for which something changes."""
    changed = [
        *publication.removed,
        *publication.moved,
        *(rebuilt.document_id for rebuilt in publication.rebuilt),
    ]
    found = {changed.document.audience for changed in publication.documents}
    found |= {joined.audience for joined in publication.joined}
    found |= {segment.audience for segment in new}
    for part in chunked(changed):
        found.update(connection.scalars(select(documents.c.audience).where(documents.c.id.in_(part))))
    found.update(connection.scalars(select(segments.c.audience).where(segments.c.name.in_(retired))))
    return found


def _put_ids(connection: Connection, changed: Sequence[DocumentUpdate]) -> None:
    """Write the ids of new documents, which all other rows refer to."""
    if changed:
        rows = [{"id": update.document.id} for update in changed]
        connection.execute(insert_new(connection, document_ids), rows)


def _set_places(connection: Connection, places: Mapping[str, FilePlace]) -> None:
    """Set where the files of live documents are (id -> place)."""
    if places:
        # SQLAlchemy reserves the columns' own names.
        rows = [
            {"b_id": key, **{f"b_{name}": value for name, value in asdict(place).items()}}
            for key, place in places.items()
        ]
        live = update(documents).where(documents.c.id == bindparam("b_id"), documents.c.live)
        connection.execute(
            live.values({column.name: bindparam(f"b_{column.name}") for column in fields(FilePlace)}), rows
        )


def _put_version(
    connection: Connection,
    changed: DocumentUpdate,
    passages: Sequence[Passage],
    short_names: Sequence[tuple[str, str]],
) -> None:
    """Write a new version of a document, with everything that belongs to it, and make it the live one."""
    document, audience = changed.document, changed.document.audience
    full_text(connection).create(audience)
    last = connection.scalar(select(func.max(documents.c.version)).where(documents.c.id == document.id))
    version = int(last or 0) + 1
    delete_redacted_versions(connection, document.id)
    old = live_section_rows(connection, document.id)
    new = {section.id: section for section in changed.sections}
    retire_sections(connection, audience, {key: pk for key, pk in old.items() if key not in new})
    connection.execute(update(documents).where(documents.c.id == document.id).values(live=False))
    row = asdict(replace(document, version=version, ingested_at=document.ingested_at or datetime.now(UTC)))
    connection.execute(insert(documents).values(**row, root=changed.root, live=True))
    put_sections(connection, audience, changed.sections, passages)
    connection.execute(
        insert(version_sections),
        [
            {"document_id": document.id, "version": version, "section_id": key, "position": section.position}
            for key, section in new.items()
        ],
    )
    connection.execute(delete(acronyms).where(acronyms.c.document_id == document.id))
    if short_names:
        rows = [{"document_id": document.id, "short": short, "long": long} for short, long in short_names]
        connection.execute(insert(acronyms), rows)
    put_events(connection, document.id, version, changed.events, changed.origin)


def _remove_document(connection: Connection, document_id: str) -> None:
    """Make a document and its sections no longer live; `store.catalog.retention` deletes their text."""
    live = (documents.c.id == document_id) & documents.c.live
    audience = connection.scalar(select(documents.c.audience).where(live))
    if audience is None:
        return
    retire_sections(connection, audience, live_section_rows(connection, document_id))
    connection.execute(delete(acronyms).where(acronyms.c.document_id == document_id))
    connection.execute(update(documents).where(live).values(live=False))
