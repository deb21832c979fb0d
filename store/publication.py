"""Writing the catalog: vectors as they are made, then everything else in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select, update

from store import fulltext
from store.catalog import Catalog
from store.corrections import carry
from store.engines import parts, storage_errors
from store.event_rows import Origin, Remade, put_events, remake_events
from store.meta import next_generation, set_meta
from store.records import Document, Event, Section
from store.retention import forget_seals
from store.schema import acronyms, documents, holdings, passages, sections, segments, vectors


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a section's text that has a vector, under `key`."""

    section_id: str
    kind: Literal["window", "sentence"]
    start: int
    end: int
    key: str


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
class Publication:
    """One step from a state of the catalog to the next.

    `renewed` replaces the passages of live sections that are otherwise unchanged: another model's.
    `remade` replaces the events of live documents that are otherwise unchanged: other rules', another labeller's.
    `renamed` says which removed documents (their ids) go on under another id: what people corrected goes with them.
    """

    entries: Sequence[Entry] = ()
    removed: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    remade: Sequence[Remade] = ()
    renewed: Sequence[Passage] = ()
    segment: str | None = None
    segment_keys: Sequence[str] = ()
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
        for part in parts(list(keys)):
            found.update(connection.scalars(select(vectors.c.key).where(vectors.c.key.in_(part))))
        return found


def unindexed_keys(catalog: Catalog, keys: Iterable[str]) -> list[str]:
    """Return those of `keys` that no live segment holds, in their order."""
    ordered = list(dict.fromkeys(keys))
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        held: set[str] = set()
        for part in parts(ordered):
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
        kept = _kept_sections(connection, [section.id for section in wanted])
    return [s for s in wanted if s.id not in kept or _differs(kept[s.id], s)]


def load_vectors(connection: Connection, keys: Sequence[str]) -> dict[str, bytes]:
    """Return key -> vector (float32 bytes) of those that are known."""
    loaded: dict[str, bytes] = {}
    for part in parts(keys):
        rows = connection.execute(select(vectors.c.key, vectors.c.vector).where(vectors.c.key.in_(part)))
        loaded.update((row.key, row.vector) for row in rows)
    return loaded


def publish(catalog: Catalog, publication: Publication) -> int:
    """Make the next state the live one, wholly or not at all; return its generation."""
    with catalog.writing() as connection:
        generation = next_generation(connection)
        for document_id in publication.removed:
            _retire(connection, document_id)
        carry(connection, publication.renamed)
        _renew(connection, publication.renewed)
        for remade in publication.remade:
            remake_events(connection, remade)
        for entry in publication.entries:
            _put(connection, entry)
        retire_segments(connection, publication.retired_segments)
        if publication.segment is not None:
            enlist_segment(connection, publication.segment, publication.segment_keys)
        if publication.model is not None:
            set_meta(connection, "model", publication.model)
        return generation


def move(catalog: Catalog, places: Mapping[str, tuple[str, str]]) -> None:
    """Note where live documents come from now: id -> (folder, source name). Nothing else changes."""
    if places:
        rows = [{"b_id": key, "b_root": root, "b_source": name} for key, (root, name) in places.items()]
        live = update(documents).where(documents.c.id == bindparam("b_id"), documents.c.live)
        with catalog.writing() as connection:
            connection.execute(live.values(root=bindparam("b_root"), source=bindparam("b_source")), rows)
            next_generation(connection)


def announce_segment(catalog: Catalog, name: str) -> None:
    """Note that `name` is about to be written: if it is never published, the next ingest drops it."""
    with catalog.writing() as connection:
        connection.execute(insert(segments).values(name=name, size=0, live=False, retired_at=0.0))


def enlist_segment(connection: Connection, name: str, keys: Sequence[str]) -> None:
    """Make an announced segment, which holds `keys`, a live one."""
    row = update(segments).where(segments.c.name == name)
    connection.execute(row.values(size=len(keys), live=True, retired_at=None))
    assign_segment(connection, name, keys)


def assign_segment(connection: Connection, segment: str, keys: Sequence[str]) -> None:
    """Note that `segment` is where these vectors are indexed."""
    for part in parts(keys):
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
    document = entry.document
    last = connection.scalar(select(func.max(documents.c.version)).where(documents.c.id == document.id))
    version = int(last or 0) + 1
    forget_seals(connection, document.id)
    old = _live_sections(connection, document.id)
    new = {section.id: section for section in entry.sections}
    _take_out(connection, {section_id: pk for section_id, pk in old.items() if section_id not in new})
    connection.execute(update(documents).where(documents.c.id == document.id).values(live=False))
    row = asdict(replace(document, version=version, ingested_at=document.ingested_at or datetime.now(UTC)))
    connection.execute(insert(documents).values(**row, root=entry.root, live=True))
    _put_sections(connection, entry)
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


def _put_sections(connection: Connection, entry: Entry) -> None:
    """Write the sections that are new or differ: the cost follows the change, not the document."""
    kept = _kept_sections(connection, [section.id for section in entry.sections])
    changed = [s for s in entry.sections if s.id not in kept or _differs(kept[s.id], s)]
    moved = [
        {"b_pk": kept[s.id].pk, "b_position": s.position}
        for s in entry.sections
        if s.id in kept and kept[s.id].position != s.position
    ]
    if moved:
        place = update(sections).where(sections.c.pk == bindparam("b_pk"))
        connection.execute(place.values(position=bindparam("b_position")), moved)
    # A section that lives on under another heading has other passages.
    _take_out(connection, {s.id: kept[s.id].pk for s in changed if s.id in kept and kept[s.id].live})
    rows = _write_sections(connection, changed, kept)
    fulltext.add(connection, "section_text", [(rows[s.id], f"{s.heading}\n{s.text}") for s in changed])
    texts = {s.id: s.text for s in changed}
    _replace_passages(connection, texts, [p for p in entry.passages if p.section_id in rows])


def _renew(connection: Connection, renewed: Sequence[Passage]) -> None:
    texts: dict[str, str] = {}
    for part in parts(list({passage.section_id for passage in renewed})):
        found = connection.execute(select(sections.c.id, sections.c.text).where(sections.c.id.in_(part)))
        texts.update((row.id, row.text) for row in found)
    _remove_windows(connection, list(texts))
    _replace_passages(connection, texts, renewed)


def _replace_passages(connection: Connection, texts: Mapping[str, str], fresh: Sequence[Passage]) -> None:
    """Write the passages of the sections whose texts are given, with the full text of their windows."""
    for part in parts(list(texts)):
        connection.execute(delete(passages).where(passages.c.section_id.in_(part)))
    if fresh:
        connection.execute(insert(passages), [asdict(passage) for passage in fresh])
    for part in parts(list(texts)):
        windows = connection.execute(
            select(passages).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        )
        fulltext.add(
            connection, "window_text", [(w.pk, texts[w.section_id][w.start : w.end]) for w in windows]
        )


def _remove_windows(connection: Connection, section_ids: Sequence[str]) -> None:
    for part in parts(section_ids):
        query = select(passages.c.pk).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        fulltext.remove(connection, "window_text", connection.scalars(query).all())


def _kept_sections(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    kept: dict[str, Row[Any]] = {}
    for part in parts(ids):
        kept.update(
            (row.id, row) for row in connection.execute(select(sections).where(sections.c.id.in_(part)))
        )
    return kept


def _differs(row: Row[Any], section: Section) -> bool:
    """Whether the kept row is not live, or says other things of the section than its text."""
    return not row.live or (row.heading, row.raw, row.page) != (section.heading, section.raw, section.page)


def _write_sections(
    connection: Connection, changed: Sequence[Section], kept: Mapping[str, Row[Any]]
) -> dict[str, int]:
    """Write sections as live ones; return id -> row. All at once: one by one they took most of a publication."""
    identity = ("id", "document_id", "number", "ordinal", "text")
    mutable = ("heading", "position", "raw", "page")
    fresh, again = [], []
    for section in changed:
        values = {name: getattr(section, name) for name in mutable}
        values |= {"offsets": [list(pair) for pair in section.offsets], "live": True}
        if section.id in kept:
            again.append({"b_pk": kept[section.id].pk, **values})
        else:
            fresh.append({**{name: getattr(section, name) for name in identity}, **values})
    if again:
        connection.execute(update(sections).where(sections.c.pk == bindparam("b_pk")), again)
    if fresh:
        connection.execute(insert(sections), fresh)
    rows: dict[str, int] = {}
    for part in parts([section.id for section in changed]):
        found = connection.execute(select(sections.c.id, sections.c.pk).where(sections.c.id.in_(part)))
        rows.update((row.id, row.pk) for row in found)
    return rows


def _retire(connection: Connection, document_id: str) -> None:
    _take_out(connection, _live_sections(connection, document_id))
    connection.execute(delete(acronyms).where(acronyms.c.document_id == document_id))
    connection.execute(update(documents).where(documents.c.id == document_id).values(live=False))


def _take_out(connection: Connection, live: Mapping[str, int]) -> None:
    """Take sections (id -> row) out of what is live, and out of the full text."""
    _remove_windows(connection, list(live))
    fulltext.remove(connection, "section_text", live.values())
    for part in parts(list(live)):
        connection.execute(update(sections).where(sections.c.id.in_(part)).values(live=False))


def _live_sections(connection: Connection, document_id: str) -> dict[str, int]:
    rows = connection.execute(
        select(sections.c.id, sections.c.pk).where(sections.c.document_id == document_id, sections.c.live)
    )
    return {row.id: row.pk for row in rows}
