"""Labels of dates by a model, stored so that it is asked once for each section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, select

from store.catalog.catalog import Catalog
from store.catalog.schema import labels, sections
from store.engines import chunked, insert_new

Rows = Sequence[Mapping[str, Any]]


def save_labels(catalog: Catalog, key: str, section_id: str, rows: Rows) -> None:
    """Save the labels of a section at once, so that an interrupted ingest need not ask again."""
    row = {"key": key, "section_id": section_id, "labels": [dict(one) for one in rows]}
    with catalog.writing() as connection:
        connection.execute(insert_new(connection, labels), [row])


def known_labels(catalog: Catalog, keys: Iterable[str]) -> dict[str, Rows]:
    """Return key -> labels, for those of `keys` that have some."""
    known: dict[str, Rows] = {}
    with catalog.reading() as connection:
        for part in chunked(keys):
            rows = connection.execute(select(labels.c.key, labels.c.labels).where(labels.c.key.in_(part)))
            known.update((row.key, row.labels) for row in rows)
    return known


def delete_unused_labels(connection: Connection) -> None:
    """Delete the labels of sections that no version of a document has."""
    connection.execute(delete(labels).where(~exists().where(sections.c.id == labels.c.section_id)))
