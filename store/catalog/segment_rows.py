"""Vectors, and the index segments that hold them, as rows."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, exists, insert, select, update

from store.catalog.catalog import Catalog
from store.catalog.meta import get_meta, segment_prefix, set_meta
from store.catalog.schema import passages, sections, segments, vectors
from store.engines import chunked, insert_new

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
    """Return whether a write that has saved vectors did not end: some may be unused."""
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
    one = vectors.alias()
    unused = select(one.c.key).where(~exists().where(passages.c.key == one.c.key))
    connection.execute(delete(vectors).where(vectors.c.key.in_(unused)))
