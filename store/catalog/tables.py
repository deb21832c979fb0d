"""The rows of documents, events, sections and segments: read as records, and written.

Further down: events, sections with their passages and full text, vectors with the index segments that hold them, and
a model's labels of dates.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, RowMapping, Select, bindparam, delete, exists, insert, select, update

from store.catalog.meta import get_meta, segment_prefix, set_meta
from store.engines import chunked, insert_new
from store.fulltext import full_text
from store.records import Correction, Dating, Document, Event, Mention, Passage, Section
from store.schema import (
    documents,
    event_origins,
    events,
    labels,
    passages,
    sections,
    segments,
    vectors,
)

if TYPE_CHECKING:
    from store.catalog.catalog import Catalog

_DOCUMENT = tuple(field.name for field in fields(Document))
_SECTION = tuple(field.name for field in fields(Section) if field.name != "part_of")
_EVENT = tuple(field.name for field in fields(Event) if field.name != "correction")


def to_document(row: RowMapping) -> Document:
    """Return the document of a row of `documents`."""
    values = {name: row[name] for name in _DOCUMENT}
    values |= {"ingested_at": _aware(row["ingested_at"]), "found": row["found"] or {}}
    return Document(**{**values, "notes": tuple(row["notes"] or ())})


def to_section(row: RowMapping) -> Section:
    """Return the section of a row of `sections`."""
    offsets = tuple((int(a), int(b)) for a, b in row["offsets"])
    return Section(**{**{name: row[name] for name in _SECTION}, "offsets": offsets})


def to_event(row: RowMapping) -> Event:
    """Return the event of a row of `events`."""
    mentions = tuple(_to_mention(values) for values in row["mentions"])
    return Event(**{**{name: row[name] for name in _EVENT}, "mentions": mentions})


def to_correction(row: RowMapping) -> Correction:
    """Return the correction of a row of `corrections`."""
    values = dict(row)
    dating = Dating(*(values.pop(name) for name in ("document_id", "sentence", "text", "ordinal")))
    return Correction(dating, **{**values, "at": _aware(values["at"])})


def _aware(moment: datetime) -> datetime:
    # SQLite keeps no time zone; what is written is UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _to_mention(values: Mapping[str, Any]) -> Mention:
    dates = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("start", "end")}
    return Mention(**{**values, **dates})


@dataclass(frozen=True, slots=True)
class Origin:
    """The version of the rules, and the labeller if any, that the events of a document come from.

    `to_rules` counts the sections whose dates the rules read because the labeller failed.
    """

    rules: str
    labeller: str | None = None
    to_rules: int = 0


@dataclass(frozen=True, slots=True)
class EventUpdate:
    """New events of a live document, from its stored sections; the document stays the same version."""

    document_id: str
    events: Sequence[Event]
    origin: Origin


def origins(catalog: Catalog) -> dict[str, Origin]:
    """Return document id -> origin of the events of the live documents, if it is known."""
    query = select(event_origins).join(documents, documents.c.id == event_origins.c.document_id)
    with catalog.reading() as connection:
        rows = connection.execute(query.where(documents.c.live))
        return {row.document_id: Origin(row.rules, row.labeller, row.to_rules) for row in rows}


def put_events(
    connection: Connection, document_id: str, version: int, fresh: Sequence[Event], origin: Origin | None
) -> None:
    """Write the events of a version of a document, in place of the former ones."""
    own = (events.c.document_id == document_id) & (events.c.version == version)
    connection.execute(delete(events).where(own))
    if fresh:
        connection.execute(insert(events), [_row(event, version) for event in fresh])
    connection.execute(delete(event_origins).where(event_origins.c.document_id == document_id))
    if origin is not None:
        connection.execute(insert(event_origins).values(document_id=document_id, **asdict(origin)))


def update_events(connection: Connection, changed: EventUpdate) -> None:
    """Replace the events of the live version."""
    live = select(documents.c.version).where(documents.c.id == changed.document_id, documents.c.live)
    version = connection.scalar(live)
    if version is not None:
        put_events(connection, changed.document_id, version, changed.events, changed.origin)


def join_chain(connection: Connection, audience: str, former: str, chain_id: str) -> None:
    """Move the events of a chain, in all versions of an audience's documents, to another chain."""
    own = events.c.document_id.in_(select(documents.c.id).where(documents.c.audience == audience))
    connection.execute(update(events).where(events.c.chain_id == former, own).values(chain_id=chain_id))


def _row(event: Event, version: int) -> dict[str, Any]:
    mentions = []
    for mention in event.mentions:
        values = asdict(mention)
        for name in ("start", "end"):
            values[name] = values[name].isoformat() if values[name] else None
        mentions.append(values)
    return {name: getattr(event, name) for name in _EVENT} | {"version": version, "mentions": mentions}


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
    for part in chunked({passage.section_id for passage in renewed}):
        found = connection.execute(
            select(sections.c.id, sections.c.text, sections.c.audience).where(
                sections.c.id.in_(part), sections.c.live
            )
        )
        for row in found:
            texts.setdefault(row.audience, {})[row.id] = row.text
    for audience, own in texts.items():
        _remove_windows(connection, audience, list(own))
        _replace_passages(connection, audience, own, [p for p in renewed if p.section_id in own])


def _replace_passages(
    connection: Connection, audience: str, texts: Mapping[str, str], fresh: Sequence[Passage]
) -> None:
    """Replace the passages of sections (id -> text), and write the full text of their windows."""
    for part in chunked(texts):
        connection.execute(delete(passages).where(passages.c.section_id.in_(part)))
    if fresh:
        columns = ("section_id", "kind", "start", "end", "key")
        connection.execute(insert(passages), [{c: getattr(p, c) for c in columns} for p in fresh])
    for part in chunked(texts):
        windows = connection.execute(
            select(passages).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        )
        bodies = [(w.pk, texts[w.section_id][w.start : w.end]) for w in windows]
        full_text(connection).add("window_text", audience, bodies)


def _remove_windows(connection: Connection, audience: str, section_ids: Sequence[str]) -> None:
    for part in chunked(section_ids):
        query = select(passages.c.pk).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        full_text(connection).remove("window_text", audience, connection.scalars(query).all())


def stored_sections(connection: Connection, wanted: Sequence[Section]) -> dict[str, Row[Any]]:
    """Return section id -> row of the sections that are stored, live or not."""
    stored: dict[str, Row[Any]] = {}
    for part in chunked(section.id for section in wanted):
        rows = connection.execute(select(sections).where(sections.c.id.in_(part)))
        stored.update((row.id, row) for row in rows)
    return stored


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
    # The other columns of a stored section are what its id is the hash of.
    mutable = ("heading", "position", "raw", "offsets", "page")
    fresh, again = [], []
    for section in changed:
        if section.id in stored:
            values = {name: getattr(section, name) for name in mutable}
            again.append({"b_pk": stored[section.id].pk, "live": True, **values})
        else:
            values = {name: getattr(section, name) for name in _SECTION}
            fresh.append({"id": section.id, "live": True, "audience": audience, **values})
    if again:
        connection.execute(update(sections).where(sections.c.pk == bindparam("b_pk")), again)
    if fresh:
        connection.execute(insert(sections), fresh)
    rows: dict[str, int] = {}
    for part in chunked([section.id for section in changed]):
        found = connection.execute(select(sections.c.id, sections.c.pk).where(sections.c.id.in_(part)))
        rows.update((row.id, row.pk) for row in found)
    return rows


def retire_sections(connection: Connection, audience: str, live: Mapping[str, int]) -> None:
    """Make sections (id -> row number) no longer live, and delete them from the audience's full text."""
    _remove_windows(connection, audience, list(live))
    full_text(connection).remove("section_text", audience, live.values())
    for part in chunked(live):
        connection.execute(update(sections).where(sections.c.id.in_(part)).values(live=False))


def live_sections(catalog: Catalog) -> list[Section]:
    """Return every live section."""
    with catalog.reading() as connection:
        return [
            to_section(row) for row in connection.execute(select(sections).where(sections.c.live)).mappings()
        ]


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
    loaded: dict[str, bytes] = {}
    for part in chunked(keys):
        rows = connection.execute(select(vectors.c.key, vectors.c.vector).where(vectors.c.key.in_(part)))
        loaded.update((row.key, row.vector) for row in rows)
    return loaded


def known_keys(catalog: Catalog, keys: Iterable[str]) -> set[str]:
    """Return those of `keys` that have a vector."""
    return _with_keys(catalog, select(vectors.c.key), keys)


def indexed_keys(catalog: Catalog, keys: Iterable[str], retired: Collection[str]) -> set[str]:
    """Return those of `keys` that have a vector in a live segment, other than the `retired` ones."""
    query = select(vectors.c.key).join(segments, segments.c.name == vectors.c.segment)
    return _with_keys(catalog, query.where(segments.c.live, segments.c.name.not_in(retired)), keys)


def _with_keys(catalog: Catalog, query: Select[tuple[str]], keys: Iterable[str]) -> set[str]:
    found: set[str] = set()
    with catalog.reading() as connection:
        for part in chunked(keys):
            found.update(connection.scalars(query.where(vectors.c.key.in_(part))))
    return found


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
    name = f"{segment_prefix(connection)}{uuid.uuid4().hex}"
    connection.execute(insert(segments).values(name=name, size=0, live=False, retired_at=0.0))
    return name


def publish_segment(connection: Connection, segment: NewSegment) -> None:
    """Make an announced segment live, and record it as the place of its vectors."""
    row = update(segments).where(segments.c.name == segment.name)
    connection.execute(
        row.values(size=len(segment.keys), live=True, retired_at=None, audience=segment.audience)
    )
    for part in chunked(segment.keys):
        connection.execute(update(vectors).where(vectors.c.key.in_(part)).values(segment=segment.name))


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


# The labels of one section, by a model: a row for each of its dates.
LabelRows = Sequence[Mapping[str, Any]]


def save_labels(catalog: Catalog, key: str, section_id: str, rows: LabelRows) -> None:
    """Save the labels of a section at once, so that an interrupted ingest need not ask again."""
    row = {"key": key, "section_id": section_id, "labels": [dict(label) for label in rows]}
    with catalog.writing() as connection:
        connection.execute(insert_new(connection, labels), [row])


def known_labels(catalog: Catalog, keys: Iterable[str]) -> dict[str, LabelRows]:
    """Return key -> labels, for those of `keys` that have some."""
    known: dict[str, LabelRows] = {}
    with catalog.reading() as connection:
        for part in chunked(keys):
            rows = connection.execute(select(labels.c.key, labels.c.labels).where(labels.c.key.in_(part)))
            known.update((row.key, row.labels) for row in rows)
    return known


def delete_unused_labels(connection: Connection) -> None:
    """Delete the labels of sections that no version of a document has."""
    connection.execute(delete(labels).where(~exists().where(sections.c.id == labels.c.section_id)))
