"""What a model said of the dates of sections, kept so that nothing is asked twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select

from store.catalog.reading import Catalog
from store.catalog.schema import labels, sections
from store.engines import chunked, storage_errors

Rows = Sequence[Mapping[str, Any]]


def save_labels(catalog: Catalog, key: str, section_id: str, said: Rows) -> None:
    """Keep what was said at once: an ingest that is cut off need not ask it again."""
    row = {"key": key, "section_id": section_id, "labels": [dict(one) for one in said]}
    with catalog.writing() as connection:
        connection.execute(insert(labels).prefix_with("OR IGNORE", dialect="sqlite"), [row])


def known_labels(catalog: Catalog, keys: Iterable[str]) -> dict[str, Rows]:
    """Return key -> what was said, for those of `keys` that are kept."""
    known: dict[str, Rows] = {}
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        for part in chunked(list(keys)):
            rows = connection.execute(select(labels.c.key, labels.c.labels).where(labels.c.key.in_(part)))
            known.update((row.key, row.labels) for row in rows)
    return known


def forget_unused_labels(connection: Connection) -> int:
    """Delete what was said of sections that no version of a document has; return how many."""
    unused = delete(labels).where(~exists().where(sections.c.id == labels.c.section_id))
    return int(connection.execute(unused).rowcount)
