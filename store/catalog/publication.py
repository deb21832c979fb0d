"""Writing the catalog: vectors as they are made, then everything else in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from store.catalog import section_rows
from store.catalog.corrections import carry
from store.catalog.event_rows import Origin, Remade, join_chain, put_events, remake_events
from store.catalog.fulltext import full_text
from store.catalog.meta import next_generation, set_meta
from store.catalog.reading import Catalog
from store.catalog.retention import forget_seals
from store.catalog.schema import acronyms, documents, holdings, passages, segments, vectors
from store.catalog.section_rows import (
    Passage,
    kept_sections,
    live_sections_of,
    put_sections,
    renew_passages,
    take_out,
)
from store.engines import chunked, storage_errors
from store.records import Document, Event, Section


@dataclass(frozen=True, slots=True)
class Entry:
    """One document to be published, with all that belongs to it."""

    document: Document
    root: str
    sections: Sequence[Section]
    passages: Sequence[Passage]
    events: Sequence[Event]
    acronyms: Sequence[tuple[str, str]] = ()
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class NewSegment:
    """An index segment that was written: the vectors of `keys`, which belong to one audience."""

    name: str
    audience: str
    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class JoinedChain:
    """The events of the chain `former` in one audience's documents are of the chain `chain_id` from now on."""

    audience: str
    former: str
    chain_id: str


@dataclass(frozen=True, slots=True)
class Publication:
    """One step from a state of the catalog to the next.

    `renewed` replaces the passages of live sections that are otherwise unchanged: another model's.
    `remade` replaces the events of live documents that are otherwise unchanged: other rules', another labeller's.
    `joined` says which chains of private documents are another chain now.
    `renamed` says which removed documents (their ids) go on under another id: what people corrected goes with them.
    """

    entries: Sequence[Entry] = ()
    removed: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    remade: Sequence[Remade] = ()
    renewed: Sequence[Passage] = ()
    joined: Sequence[JoinedChain] = ()
    segments: Sequence[NewSegment] = ()
    retired_segments: Sequence[str] = ()
    model: str | None = None


def save_vectors(catalog: Catalog, batch: Mapping[str, bytes]) -> None:
    """Keep vectors that are not part of the published state yet: an ingest that is cut off need not make them again."""
    with catalog.writing() as connection:
        rows = [{"key": key, "vector": vector} for key, vector in batch.items()]
        connection.execute(insert(vectors).prefix_with("OR IGNORE", dialect="sqlite"), rows)


def known_keys(catalog: Catalog, keys: Iterable[str]) -> set[str]:
    """Return those of `keys` that have a vector."""
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        found: set[str] = set()
        for part in chunked(list(keys)):
            found.update(connection.scalars(select(vectors.c.key).where(vectors.c.key.in_(part))))
        return found


def unindexed_keys(catalog: Catalog, keys: Iterable[str]) -> list[str]:
    """Return those of `keys` that no live segment holds, in their order."""
    ordered = list(dict.fromkeys(keys))
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        held: set[str] = set()
        for part in chunked(ordered):
            query = (
                select(vectors.c.key)
                .join(segments, segments.c.name == vectors.c.segment)
                .where(vectors.c.key.in_(part), segments.c.live)
            )
            held.update(connection.scalars(query))
    return [key for key in ordered if key not in held]


def unwritten(catalog: Catalog, wanted: Sequence[Section]) -> list[Section]:
    """Return those of `wanted` that are not live as they are: only they need passages."""
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        kept = kept_sections(connection, [section.id for section in wanted])
    return section_rows.unwritten(wanted, kept)


def load_vectors(connection: Connection, keys: Sequence[str]) -> dict[str, bytes]:
    """Return key -> vector (float32 bytes) of those that are known."""
    loaded: dict[str, bytes] = {}
    for part in chunked(keys):
        rows = connection.execute(select(vectors.c.key, vectors.c.vector).where(vectors.c.key.in_(part)))
        loaded.update((row.key, row.vector) for row in rows)
    return loaded


def publish(catalog: Catalog, publication: Publication) -> None:
    """Make the next state the live one, wholly or not at all."""
    with catalog.writing() as connection:
        concerned = _concerned(connection, publication)
        for document_id in publication.removed:
            _retire(connection, document_id)
        carry(connection, publication.renamed)
        renew_passages(connection, publication.renewed)
        for remade in publication.remade:
            remake_events(connection, remade)
        for entry in publication.entries:
            _put(connection, entry)
        for joined in publication.joined:
            join_chain(connection, joined.audience, joined.former, joined.chain_id)
        retire_segments(connection, publication.retired_segments)
        for segment in publication.segments:
            enlist_segment(connection, segment)
        if publication.model is not None:
            set_meta(connection, "model", publication.model)
        for audience in concerned:
            next_generation(connection, audience)


def _concerned(connection: Connection, publication: Publication) -> set[str]:
    """Return the audiences that see another state afterwards."""
    changed = [*publication.removed, *(remade.document_id for remade in publication.remade)]
    found = {entry.document.audience for entry in publication.entries}
    found |= {joined.audience for joined in publication.joined}
    found |= {segment.audience for segment in publication.segments}
    for part in chunked(changed):
        found.update(connection.scalars(select(documents.c.audience).where(documents.c.id.in_(part))))
    retired = segments.c.name.in_(publication.retired_segments)
    found.update(connection.scalars(select(segments.c.audience).where(retired)))
    return found


def move(catalog: Catalog, places: Mapping[str, tuple[str, str]]) -> None:
    """Note where live documents come from now: id -> (folder, source name). Nothing else changes."""
    if places:
        rows = [{"b_id": key, "b_root": root, "b_source": name} for key, (root, name) in places.items()]
        live = update(documents).where(documents.c.id == bindparam("b_id"), documents.c.live)
        with catalog.writing() as connection:
            connection.execute(live.values(root=bindparam("b_root"), source=bindparam("b_source")), rows)
            moved = select(documents.c.audience).where(documents.c.id.in_(places)).distinct()
            for audience in connection.scalars(moved).all():
                next_generation(connection, audience)


def announce_segment(catalog: Catalog, name: str) -> None:
    """Note that `name` is about to be written: if it is never published, the next ingest drops it."""
    with catalog.writing() as connection:
        connection.execute(insert(segments).values(name=name, size=0, live=False, retired_at=0.0))


def enlist_segment(connection: Connection, segment: NewSegment) -> None:
    """Make an announced segment a live one."""
    row = update(segments).where(segments.c.name == segment.name)
    connection.execute(
        row.values(size=len(segment.keys), live=True, retired_at=None, audience=segment.audience)
    )
    assign_segment(connection, segment.name, segment.keys)


def assign_segment(connection: Connection, segment: str, keys: Sequence[str]) -> None:
    """Note that `segment` is where these vectors are indexed."""
    for part in chunked(keys):
        connection.execute(update(vectors).where(vectors.c.key.in_(part)).values(segment=segment))


def retire_segments(connection: Connection, names: Sequence[str]) -> None:
    """Take segments out of use; readers that have them open still find them until they are dropped."""
    connection.execute(
        update(segments).where(segments.c.name.in_(names)).values(live=False, retired_at=time.time())
    )


def forget_unused_vectors(connection: Connection) -> int:
    """Delete the vectors that no kept section uses; return how many."""
    # Asked of the keys' own index: a scan of the table would read every vector there is.
    one = vectors.alias()
    unused = select(one.c.key).where(~exists().where(passages.c.key == one.c.key))
    return int(connection.execute(delete(vectors).where(vectors.c.key.in_(unused))).rowcount)


def _put(connection: Connection, entry: Entry) -> None:
    document, audience = entry.document, entry.document.audience
    full_text(connection).create(audience)
    last = connection.scalar(select(func.max(documents.c.version)).where(documents.c.id == document.id))
    version = int(last or 0) + 1
    forget_seals(connection, document.id)
    old = live_sections_of(connection, document.id)
    new = {section.id: section for section in entry.sections}
    take_out(connection, audience, {key: pk for key, pk in old.items() if key not in new})
    connection.execute(update(documents).where(documents.c.id == document.id).values(live=False))
    row = asdict(replace(document, version=version, ingested_at=document.ingested_at or datetime.now(UTC)))
    connection.execute(insert(documents).values(**row, root=entry.root, live=True))
    put_sections(connection, audience, entry.sections, entry.passages)
    connection.execute(
        insert(holdings),
        [
            {
                "document_id": document.id,
                "version": version,
                "section_id": section.id,
                "position": section.position,
            }
            for section in new.values()
        ],
    )
    connection.execute(delete(acronyms).where(acronyms.c.document_id == document.id))
    if entry.acronyms:
        rows = [{"document_id": document.id, "short": short, "long": long} for short, long in entry.acronyms]
        connection.execute(insert(acronyms), rows)
    put_events(connection, document.id, version, entry.events, entry.origin)


def _retire(connection: Connection, document_id: str) -> None:
    live = (documents.c.id == document_id) & documents.c.live
    audience = connection.scalar(select(documents.c.audience).where(live))
    if audience is None:
        return
    take_out(connection, audience, live_sections_of(connection, document_id))
    connection.execute(delete(acronyms).where(acronyms.c.document_id == document_id))
    connection.execute(update(documents).where(live).values(live=False))
