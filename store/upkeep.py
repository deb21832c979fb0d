"""What keeps the store in shape, all under the writer's lock: mending, merging, dropping, sweeping."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import delete, select

from store.catalog import publication, retention
from store.catalog.fulltext import full_text
from store.catalog.labels import forget_unused_labels
from store.catalog.meta import get_meta, next_generation, set_meta
from store.catalog.publication import NewSegment
from store.catalog.reading import Catalog
from store.catalog.rows import to_section
from store.catalog.schema import documents, passages, sections, segments, vectors
from store.engines import chunked, rewrite, storage_errors
from store.errors import NoStore
from store.records import Section
from store.vectors.index import Index

# More live segments than this make each query open more than it needs.
_MOST_SEGMENTS = 8
# A merge takes at least so many, and goes on while the next one is not much larger than those before.
_LEAST_MERGED = 5
# Readers that opened a segment before it was retired are done with it after this.
_GRACE_SECONDS = 600.0
# What is kept of it: an ingest that is cut off leaves it to the next one.
_REWRITE = "rewrite"


def model_changed(catalog: Catalog, fingerprint: str) -> bool:
    """Whether what is kept was embedded by another model."""
    try:
        with catalog.unfiltered().snapshot() as view:
            return view.model != fingerprint
    except NoStore:
        return False


def live_sections(catalog: Catalog) -> list[Section]:
    """Return every live section."""
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        return [
            to_section(row) for row in connection.execute(select(sections).where(sections.c.live)).mappings()
        ]


def live_segments(catalog: Catalog) -> list[str]:
    """Return the names of the live segments; none before the first publication."""
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        return list(connection.scalars(select(segments.c.name).where(segments.c.live)))


def window_keys(catalog: Catalog, names: Sequence[str]) -> dict[str, list[str]]:
    """Return audience -> keys of the live windows that the named segments hold."""
    if not names:
        return {}
    query = (
        select(vectors.c.key, sections.c.audience)
        .join(passages, passages.c.key == vectors.c.key)
        .join(sections, sections.c.id == passages.c.section_id)
        .where(vectors.c.segment.in_(names), passages.c.kind == "window", sections.c.live)
        .distinct()
    )
    found: dict[str, list[str]] = {}
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        for row in connection.execute(query):
            found.setdefault(row.audience, []).append(row.key)
    return found


def document_audiences(catalog: Catalog) -> dict[str, str]:
    """Return document id -> its audience, of all documents that there ever were."""
    query = select(documents.c.id, documents.c.audience).distinct()
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        return {row.id: row.audience for row in connection.execute(query)}


def batches(catalog: Catalog, keys: Sequence[str]) -> Iterator[Mapping[str, bytes]]:
    """Give the vectors of `keys` in parts, for a new segment."""
    for part in chunked(keys):
        with storage_errors(catalog.name), catalog.engine.connect() as connection:
            yield publication.load_vectors(connection, part)


def write_segment(
    catalog: Catalog,
    index: Index,
    audience: str,
    keys: Sequence[str],
    written: Callable[[int], None] | None = None,
) -> NewSegment:
    """Write the vectors of `keys`, all of one audience, into a new segment and return it; it is not live yet."""
    name = index.new_name()
    publication.announce_segment(catalog, name)
    index.write_segment(name, batches(catalog, keys), written)
    return NewSegment(name, audience, keys)


def tidy(catalog: Catalog, index: Index, clock: Callable[[], float] = time.time) -> None:
    """Merge what is too many, drop what no reader uses any more, delete what a broken ingest left.

    Old versions go, and what can be read of documents that were taken out: from the tables, and then from the file.
    """
    with catalog.writing() as connection:
        if retention.forget_old(connection):
            set_meta(connection, _REWRITE, "due")
    _rewrite(catalog)
    _merge(catalog, index)
    _drop(catalog, index, clock() - _GRACE_SECONDS)
    index.sweep()


def _rewrite(catalog: Catalog) -> None:
    """Take from the database's file what was deleted from its tables, if it is due."""
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        if get_meta(connection, _REWRITE) != "due":
            return
    with catalog.writing() as connection:
        full_text(connection).optimize()
    with storage_errors(catalog.name):
        done = rewrite(catalog.engine)
    if done:
        with catalog.writing() as connection:
            set_meta(connection, _REWRITE, "done")


def _merge(catalog: Catalog, index: Index) -> None:
    sizes: dict[str, dict[str, int]] = {}
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        rows = connection.execute(select(segments).where(segments.c.live).order_by(segments.c.size)).all()
        for row in rows:
            sizes.setdefault(row.audience, {})[row.name] = row.size
        # The full text holds the windows of the live sections, and no others.
        used = {audience: full_text(connection).count("window_text", audience) for audience in sizes}
    for audience, own in sizes.items():
        if chosen := to_merge(own, used[audience]):
            _merge_segments(catalog, index, audience, chosen)


def _merge_segments(catalog: Catalog, index: Index, audience: str, chosen: Sequence[str]) -> None:
    keys = window_keys(catalog, chosen).get(audience)
    merged = write_segment(catalog, index, audience, keys) if keys else None
    with catalog.writing() as connection:
        publication.retire_segments(connection, chosen)
        if merged is not None:
            publication.enlist_segment(connection, merged)
        publication.forget_unused_vectors(connection)
        forget_unused_labels(connection)
        next_generation(connection, audience)


def to_merge(sizes: Mapping[str, int], used: int) -> list[str]:
    """Return which segments to merge: all, where most vectors are dead; the smaller ones, where they are many."""
    if sum(sizes.values()) > 2 * used:
        return list(sizes)
    if len(sizes) <= _MOST_SEGMENTS:
        return []
    chosen: list[str] = []
    total = 0
    for name, size in sorted(sizes.items(), key=lambda item: item[1]):
        if len(chosen) >= _LEAST_MERGED and size > 2 * total:
            break
        chosen.append(name)
        total += size
    return chosen


def _drop(catalog: Catalog, index: Index, before: float) -> None:
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        known = {row.name: row.retired_at for row in connection.execute(select(segments))}
    there = index.names()
    over = {name for name, retired in known.items() if retired is not None and retired < before}
    # What the catalog never heard of is another catalog's on a shared server; in our own folder, one's that is gone.
    strangers = set() if index.shared else there - set(known)
    index.drop(there & over | strangers)
    if over:
        with catalog.writing() as connection:
            connection.execute(delete(segments).where(segments.c.name.in_(over)))
