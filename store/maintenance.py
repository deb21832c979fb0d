"""Maintenance of the store after each write: deletes old data, merges small index segments, drops unused ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import delete, select

from store.catalog import Catalog, retention, segment_rows
from store.catalog.fulltext import full_text
from store.catalog.labels import delete_unused_labels
from store.catalog.meta import get_meta, next_generation, set_meta
from store.catalog.schema import segments
from store.catalog.segment_rows import NewSegment
from store.engines import chunked, rewrite, storage_errors
from store.vectors import Index

# More live segments than this make each query open more than it needs.
_MOST_SEGMENTS = 8
# A merge takes at least so many, and goes on while the next one is not much larger than those before.
_LEAST_MERGED = 5
# By then, readers that opened a segment before it was retired are done with it.
_GRACE_SECONDS = 600.0
# Key in the catalog's meta table: an interrupted ingest leaves the rewrite to the next one.
_REWRITE = "rewrite"


def maintain(catalog: Catalog, index: Index, clock: Callable[[], float] = time.time) -> None:
    """Delete old versions and removed documents, also from the database's file, and tidy up the index.

    Only the holder of the writer's lock may.
    """
    with catalog.writing() as connection:
        if retention.delete_old(connection):
            set_meta(connection, _REWRITE, "due")
    _rewrite(catalog)
    _merge(catalog, index)
    _drop(catalog, index, clock() - _GRACE_SECONDS)
    index.sweep()


def write_segment(
    catalog: Catalog,
    index: Index,
    audience: str,
    keys: Sequence[str],
    written: Callable[[int], None] | None = None,
) -> NewSegment:
    """Write the vectors of `keys`, all of one audience, into a new segment and return it; it is not live yet."""

    def batches() -> Iterator[Mapping[str, bytes]]:
        for part in chunked(keys):
            with catalog.reading() as connection:
                yield segment_rows.load_vectors(connection, part)

    name = index.new_name()
    segment_rows.announce_segment(catalog, name)
    index.write_segment(name, batches(), written)
    return NewSegment(name, audience, keys)


def _rewrite(catalog: Catalog) -> None:
    """Remove from the database's file, if that is due, what was deleted from its tables."""
    with catalog.reading() as connection:
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
    with catalog.reading() as connection:
        for row in connection.execute(select(segments).where(segments.c.live).order_by(segments.c.size)):
            sizes.setdefault(row.audience, {})[row.name] = row.size
        # The full text holds the windows of the live sections, and no others.
        used = {audience: full_text(connection).count("window_text", audience) for audience in sizes}
    for audience, own in sizes.items():
        chosen = to_merge(own, used[audience])
        if not chosen:
            continue
        keys = segment_rows.window_keys(catalog, chosen).get(audience)
        merged = write_segment(catalog, index, audience, keys) if keys else None
        with catalog.writing() as connection:
            segment_rows.retire_segments(connection, chosen)
            if merged is not None:
                segment_rows.enlist_segment(connection, merged)
            segment_rows.delete_unused_vectors(connection)
            delete_unused_labels(connection)
            next_generation(connection, audience)


def to_merge(sizes: Mapping[str, int], used: int) -> list[str]:
    """Return the segments to merge: all, where most vectors are unused; the smaller ones, where there are many."""
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
    """Drop the segments that were retired before a time, and those that the catalog does not know."""
    with catalog.reading() as connection:
        known = {row.name: row.retired_at for row in connection.execute(select(segments))}
    there = index.names()
    over = {name for name, retired in known.items() if retired is not None and retired < before}
    # On a shared server, unknown segments belong to another catalog; in our own folder, to one that is gone.
    strangers = set() if index.shared else there - set(known)
    index.drop(there & over | strangers)
    if over:
        with catalog.writing() as connection:
            connection.execute(delete(segments).where(segments.c.name.in_(over)))
