"""Single values of the catalog: schema version, generations, embedding model."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Integer, String, cast, func, insert, select, update

from store.catalog.schema import meta
from store.records import EVERYBODY


def get_meta(connection: Connection, key: str) -> str | None:
    """Return a value; None if it was never set."""
    value = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    return None if value is None else str(value)


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Set a value."""
    if connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value=value))


def next_generation(connection: Connection, audience: str) -> None:
    """Raise the generation of an audience by one."""
    key = _generation(audience)
    grown = cast(cast(meta.c.value, Integer) + 1, String)
    if connection.execute(update(meta).where(meta.c.key == key).values(value=grown)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value="1"))


def generation(connection: Connection, audiences: Collection[str] | None) -> int:
    """Return the sum of the generations of some audiences, or of all if None; it grows with each one's publications."""
    query = select(func.coalesce(func.sum(cast(meta.c.value, Integer)), 0))
    if audiences is None:
        query = query.where(meta.c.key.startswith("generation"))
    else:
        query = query.where(meta.c.key.in_([_generation(audience) for audience in audiences]))
    return int(connection.scalar(query) or 0)


def _generation(audience: str) -> str:
    return "generation" if audience == EVERYBODY else f"generation {audience}"
