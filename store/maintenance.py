"""Maintenance of the store after each write: deletes old data and files; merges and drops index segments."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import delete, select

from store.catalog import Catalog, retention, tables
from store.catalog.fulltext import full_text
from store.catalog.labels import delete_unused_labels
from store.catalog.meta import get_meta, next_generation, segment_prefix, set_meta
from store.catalog.schema import documents, segments
from store.catalog.tables import NewSegment
from store.engines import chunked, rewrite, storage_errors
from store.errors import StoreError
from store.files import FileStorage
from store.vectors import Index

_LOG = logging.getLogger(__name__)

# Live segments of an audience; more of them slow down each query.
_MOST_SEGMENTS = 8
# A merge takes at least so many segments, and further ones that are not much larger than those before.
_LEAST_MERGED = 5
# Seconds after which no reader uses a retired segment any more.
_GRACE_SECONDS = 600.0
# Key in the catalog's meta table: if an ingest is interrupted, the next one rewrites the file.
_REWRITE = "rewrite"


def maintain(
    catalog: Catalog,
    index: Index,
    term: str,
    storage: FileStorage | None = None,
    clock: Callable[[], float] = time.time,
    *,
    has_leftovers: bool = False,
) -> None:
    """Delete old versions and removed documents, also from the database's file; merge and drop index segments.

    Deletes stored files from which no version of a document comes, 30 days after they were stored last; and the vectors
    that earlier writes left, if they did not end.

    The caller holds the writer's lock. Raises StoreBusy if its `term` is over.
    """
    with catalog.writing(term) as connection:
        if retention.delete_old(connection):
            set_meta(connection, _REWRITE, "due")
        if has_leftovers:
            tables.delete_unused_vectors(connection)
        tables.end_saving(connection)
    _rewrite(catalog)
    _merge(catalog, index, term)
    _drop(catalog, index, clock() - _GRACE_SECONDS, term)
    index.sweep()
    if storage is not None:
        _delete_files(catalog, storage)


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
                yield tables.load_vectors(connection, part)

    with catalog.writing() as connection:
        name = tables.announce_segment(connection)
    index.write_segment(name, batches(), written)
    return NewSegment(name, audience, keys)


def _rewrite(catalog: Catalog) -> None:
    """Rewrite the database's file, if that is due, without the rows that were deleted."""
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


def _merge(catalog: Catalog, index: Index, term: str) -> None:
    """Merge the segments of each audience that are too many or mostly unused."""
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
        with catalog.reading() as connection:
            keys = tables.window_keys(connection, chosen).get(audience)
        merged = write_segment(catalog, index, audience, keys) if keys else None
        with catalog.writing(term) as connection:
            tables.retire_segments(connection, chosen)
            if merged is not None:
                tables.publish_segment(connection, merged)
            tables.delete_unused_vectors(connection)
            delete_unused_labels(connection)
            next_generation(connection, audience)


def _delete_files(catalog: Catalog, storage: FileStorage) -> None:
    with catalog.reading() as connection:
        used = connection.scalars(select(documents.c.original).where(documents.c.original.is_not(None))).all()
    try:
        storage.delete_unused(used)
    except StoreError as error:
        # The documents are published: the next maintenance deletes the files.
        _LOG.warning("unused files could not be deleted: %s", error)


def to_merge(sizes: Mapping[str, int], used: int) -> list[str]:
    """Return the segments to merge: all if most vectors are unused, the smaller ones if there are many."""
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


def _drop(catalog: Catalog, index: Index, before: float, term: str) -> None:
    """Drop the segments that were retired before a time, and those that the catalog does not know."""
    # Before the term is checked: a writer that has lost its lock must not see what the next one writes.
    existing = index.names()
    with catalog.writing(term) as connection:
        known = {row.name: row.retired_at for row in connection.execute(select(segments))}
        own = segment_prefix(connection)
    retired = {name for name, at in known.items() if at is not None and at < before}
    # A shared server also has the segments of other catalogs. In our own folder, what is unknown was written for a
    # catalog that was deleted.
    unknown = {name for name in existing - set(known) if not index.shared or name.startswith(own)}
    if gone := existing & retired | unknown:
        index.drop(gone)
    if retired:
        with catalog.writing() as connection:
            connection.execute(delete(segments).where(segments.c.name.in_(retired)))
