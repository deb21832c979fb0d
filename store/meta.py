"""The catalog's own values, which stand beside its tables: schema, generation, model."""

from __future__ import annotations

from sqlalchemy import Connection, Integer, String, cast, insert, select, update

from store.schema import meta


def get_meta(connection: Connection, key: str) -> str | None:
    value = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    return None if value is None else str(value)


def set_meta(connection: Connection, key: str, value: str) -> None:
    if connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value=value))


def next_generation(connection: Connection) -> int:
    """Raise the generation by one and return it."""
    grown = cast(cast(meta.c.value, Integer) + 1, String)
    if connection.execute(update(meta).where(meta.c.key == "generation").values(value=grown)).rowcount == 0:
        connection.execute(insert(meta).values(key="generation", value="1"))
    return int(get_meta(connection, "generation") or 0)
