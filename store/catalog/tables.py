"""The rows of documents, events, sections and segments: read as records, and written.

Further down: events, sections with their passages and full text, and vectors with the index segments that hold them.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, exists, insert, select, update

from store.catalog.meta import get_meta, set_meta
from store.engines import change_with, insert_new, rows_with
from store.fulltext import full_text
from store.records import Event, Passage, Section
from store.schema import (
    SEGMENT_PREFIX,
    as_records,
    as_row,
    documents,
    events,
    passages,
    sections,
    segments,
    vectors,
)

if TYPE_CHECKING:
    from store.catalog.catalog import Catalog


@dataclass(frozen=True, slots=True)
class EventUpdate:
    """New events of a live document, from its stored sections; the document stays the same version."""

    document_id: str
    events: Sequence[Event]
    reader: str


def event_readers(catalog: Catalog) -> dict[str, str]:
    """Return document id -> what read the events of the live documents, if it is known."""
    query = select(documents.c.id, documents.c.reader).where(documents.c.live, documents.c.reader != "")
    with catalog.reading() as connection:
        return {row.id: row.reader for row in connection.execute(query)}


def update_events(connection: Connection, changed: EventUpdate) -> None:
    """Replace the events of the live version."""
    live = (documents.c.id == changed.document_id) & documents.c.live
    read = update(documents).where(live).values(reader=changed.reader).returning(documents.c.version)
    version = connection.scalar(read)
    if version is not None:
        own = (events.c.document_id == changed.document_id) & (events.c.version == version)
        connection.execute(delete(events).where(own))
        put_events(connection, version, changed.events)


def put_events(connection: Connection, version: int, fresh: Sequence[Event]) -> None:
    """Write the events of a version of a document."""
    if fresh:
        connection.execute(insert(events), [as_row(events, event, version=version) for event in fresh])


def join_chain(connection: Connection, audience: str, former: str, chain_id: str) -> None:
    """Move the events of a chain, in all versions of an audience's documents, to another chain."""
    own = events.c.document_id.in_(select(documents.c.id).where(documents.c.audience == audience))
    connection.execute(update(events).where(events.c.chain_id == former, own).values(chain_id=chain_id))


def put_sections(
    connection: Connection, audience: str, wanted: Sequence[Section], fresh: Sequence[Passage]
) -> None:
    """Write the sections that are new or differ, with their passages; nothing is written for the others."""
    stored = stored_sections(connection, wanted)
    changed = unwritten(wanted, stored)
    moved = [
        {"b_pk": stored[s.id].pk, "b_position": s.position}
        for s in wanted
        if s.id in stored and stored[s.id].position != s.position
    ]
    if moved:
        place = update(sections).where(sections.c.pk == bindparam("b_pk"))
        connection.execute(place.values(position=bindparam("b_position")), moved)
    # A live section with another heading has other passages.
    retire_sections(
        connection, audience, {s.id: stored[s.id].pk for s in changed if s.id in stored and stored[s.id].live}
    )
    rows = _write_sections(connection, changed, stored, audience)
    bodies = [(rows[s.id], indexed_text(s.heading, s.text)) for s in changed]
    full_text(connection).add("section_text", audience, bodies)
    texts = {s.id: s.text for s in changed}
    _replace_passages(connection, audience, texts, [p for p in fresh if p.section_id in rows])


def indexed_text(heading: str, text: str) -> str:
    """Return the text of a whole section as the full text has it."""
    return f"{heading}\n{text}"


def renew_passages(connection: Connection, renewed: Sequence[Passage]) -> None:
    """Replace the passages of sections; those of sections that are no longer live are ignored."""
    texts: dict[str, dict[str, str]] = {}
    query = select(sections.c.id, sections.c.text, sections.c.audience).where(sections.c.live)
    for row in rows_with(connection, query, sections.c.id, (passage.section_id for passage in renewed)):
        texts.setdefault(row.audience, {})[row.id] = row.text
    for audience, own in texts.items():
        _remove_windows(connection, audience, own)
        _replace_passages(connection, audience, own, [p for p in renewed if p.section_id in own])


def _replace_passages(
    connection: Connection, audience: str, texts: Mapping[str, str], fresh: Sequence[Passage]
) -> None:
    """Replace the passages of sections (id -> text), and write the full text of their windows."""
    change_with(connection, delete(passages), passages.c.section_id, texts)
    if fresh:
        connection.execute(insert(passages), [as_row(passages, passage) for passage in fresh])
    query = select(passages).where(passages.c.kind == "window")
    windows = rows_with(connection, query, passages.c.section_id, texts)
    bodies = [(w.pk, texts[w.section_id][w.start : w.end]) for w in windows]
    full_text(connection).add("window_text", audience, bodies)


def _remove_windows(connection: Connection, audience: str, section_ids: Iterable[str]) -> None:
    query = select(passages.c.pk).where(passages.c.kind == "window")
    windows = rows_with(connection, query, passages.c.section_id, section_ids)
    full_text(connection).remove("window_text", audience, [row.pk for row in windows])


def stored_sections(connection: Connection, wanted: Sequence[Section]) -> dict[str, Row[Any]]:
    """Return section id -> row of the sections that are stored, live or not."""
    ids = (section.id for section in wanted)
    return {row.id: row for row in rows_with(connection, select(sections), sections.c.id, ids)}


def unwritten(wanted: Sequence[Section], stored: Mapping[str, Row[Any]]) -> list[Section]:
    """Return the sections whose row in `stored` is missing, not live or different."""
    return [
        section
        for section in wanted
        if (row := stored.get(section.id)) is None
        or not row.live
        or (row.heading, row.raw, row.page) != (section.heading, section.raw, section.page)
    ]


def _write_sections(
    connection: Connection, changed: Sequence[Section], stored: Mapping[str, Row[Any]], audience: str
) -> dict[str, int]:
    """Write sections as live ones; return id -> row number.

    Few statements are used: one for each section took most of a publication's time.
    """
    fresh, again = [], []
    for section in changed:
        row = as_row(sections, section, id=section.id, live=True, audience=audience)
        if section.id in stored:
            again.append(row | {"b_pk": stored[section.id].pk})
        else:
            fresh.append(row)
    if again:
        connection.execute(update(sections).where(sections.c.pk == bindparam("b_pk")), again)
    if fresh:
        connection.execute(insert(sections), fresh)
    return {key: row.pk for key, row in stored_sections(connection, changed).items()}


def retire_sections(connection: Connection, audience: str, live: Mapping[str, int]) -> None:
    """Make sections (id -> row number) no longer live, and delete them from the audience's full text."""
    _remove_windows(connection, audience, live)
    full_text(connection).remove("section_text", audience, live.values())
    change_with(connection, update(sections).values(live=False), sections.c.id, live)


def live_sections(catalog: Catalog) -> list[Section]:
    """Return every live section."""
    with catalog.reading() as connection:
        return as_records(Section, connection, select(sections).where(sections.c.live))


def live_section_rows(connection: Connection, document_id: str) -> dict[str, int]:
    """Return id -> row number of a document's live sections."""
    rows = connection.execute(
        select(sections.c.id, sections.c.pk).where(sections.c.document_id == document_id, sections.c.live)
    )
    return {row.id: row.pk for row in rows}


# Key in the catalog's meta table.
_SAVING = "saving"


@dataclass(frozen=True, slots=True)
class NewSegment:
    """An index segment that was written: the vectors of `keys`, all of one audience."""

    name: str
    audience: str
    keys: Sequence[str]


def save_vectors(catalog: Catalog, batch: Mapping[str, bytes]) -> None:
    """Save vectors before they are published: after an interrupted ingest they need not be computed again."""
    with catalog.writing() as connection:
        set_meta(connection, _SAVING, "begun")
        rows = [{"key": key, "vector": vector} for key, vector in batch.items()]
        connection.execute(insert_new(connection, vectors), rows)


def has_leftovers(connection: Connection) -> bool:
    """Whether a write that has saved vectors did not end: some may be unused."""
    return get_meta(connection, _SAVING) == "begun"


def end_saving(connection: Connection) -> None:
    """Record that all vectors that were saved are used, or were deleted."""
    if has_leftovers(connection):
        set_meta(connection, _SAVING, "ended")


def load_vectors(connection: Connection, keys: Iterable[str]) -> dict[str, bytes]:
    """Return key -> vector (float32 bytes) of those of `keys` that have one."""
    query = select(vectors.c.key, vectors.c.vector)
    return {row.key: row.vector for row in rows_with(connection, query, vectors.c.key, keys)}


def known_keys(catalog: Catalog, keys: Iterable[str]) -> set[str]:
    """Return those of `keys` that have a vector."""
    return _with_keys(catalog, select(vectors.c.key), keys)


def indexed_keys(catalog: Catalog, keys: Iterable[str], retired: Collection[str]) -> set[str]:
    """Return those of `keys` that have a vector in a live segment, other than the `retired` ones."""
    query = select(vectors.c.key).join(segments, segments.c.name == vectors.c.segment)
    return _with_keys(catalog, query.where(segments.c.live, segments.c.name.not_in(retired)), keys)


def _with_keys(catalog: Catalog, query: Select[tuple[str]], keys: Iterable[str]) -> set[str]:
    with catalog.reading() as connection:
        return {row.key for row in rows_with(connection, query, vectors.c.key, keys)}


def live_segments(catalog: Catalog) -> list[str]:
    """Return the names of the live segments; none before the first publication."""
    with catalog.reading() as connection:
        return list(connection.scalars(select(segments.c.name).where(segments.c.live)))


def window_keys(connection: Connection, names: Sequence[str] | None = None) -> dict[str, list[str]]:
    """Return audience -> keys of the live windows; only those that the named segments hold, if names are given."""
    query = (
        select(vectors.c.key, sections.c.audience)
        .join(passages, passages.c.key == vectors.c.key)
        .join(sections, sections.c.id == passages.c.section_id)
        .where(passages.c.kind == "window", sections.c.live)
        .distinct()
    )
    if names is not None:
        query = query.where(vectors.c.segment.in_(names))
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.audience, []).append(row.key)
    return found


def announce_segment(connection: Connection) -> str:
    """Record a segment before it is written; if it is never published, the next ingest drops it. Return its name."""
    name = f"{SEGMENT_PREFIX}{uuid.uuid4().hex}"
    connection.execute(insert(segments).values(name=name, size=0, live=False, retired_at=0.0))
    return name


def publish_segment(connection: Connection, segment: NewSegment) -> None:
    """Make an announced segment live, and record it as the place of its vectors."""
    row = update(segments).where(segments.c.name == segment.name)
    connection.execute(
        row.values(size=len(segment.keys), live=True, retired_at=None, audience=segment.audience)
    )
    change_with(connection, update(vectors).values(segment=segment.name), vectors.c.key, segment.keys)


def retire_segments(connection: Connection, names: Sequence[str]) -> None:
    """Take segments out of use; readers that have them open can use them until they are dropped."""
    connection.execute(
        update(segments).where(segments.c.name.in_(names)).values(live=False, retired_at=time.time())
    )


def delete_unused_vectors(connection: Connection) -> None:
    """Delete the vectors that no section uses."""
    # By the index of the keys: a scan of the table would read every vector.
    stored = vectors.alias()
    unused = select(stored.c.key).where(~exists().where(passages.c.key == stored.c.key))
    connection.execute(delete(vectors).where(vectors.c.key.in_(unused)))
