"""Single values of the catalog: generations, embedding model, term of its writer."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, Integer, String, cast, insert, select, update

from store.errors import StoreBusy
from store.records import EVERYBODY
from store.schema import meta


def get_meta(connection: Connection, key: str) -> str | None:
    """Return a value; None if it was never set."""
    value = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    return None if value is None else str(value)


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Set a value."""
    if connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value=value))


def next_term(connection: Connection) -> str:
    """Begin the term of a writer, which ends that of the writer before, and return its name."""
    term = secrets.token_hex(8)
    set_meta(connection, "writer", term)
    return term


def check_term(connection: Connection, term: str) -> None:
    """Raise StoreBusy if the term of a writer is over: its lock is lost, and another process has it or had it.

    Until the transaction ends, no other term begins.
    """
    own = select(meta.c.value).where(meta.c.key == "writer").with_for_update()
    if connection.scalar(own) != term:
        raise StoreBusy("another process has written in the meantime; try again")


def next_generation(connection: Connection, audience: str) -> None:
    """Raise the generation of an audience by one."""
    key = _generation(audience)
    grown = cast(cast(meta.c.value, Integer) + 1, String)
    if connection.execute(update(meta).where(meta.c.key == key).values(value=grown)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value="1"))


def all_meta(connection: Connection) -> dict[str, str]:
    """Return all values by their keys."""
    return {row.key: row.value for row in connection.execute(select(meta))}


def generation(values: Mapping[str, str], audiences: Collection[str] | None) -> int:
    """Return the sum of the generations of some audiences, or of all if None; it grows with each one's publications."""
    if audiences is None:
        return sum(int(value) for key, value in values.items() if key.startswith("generation"))
    return sum(int(values.get(_generation(audience), 0)) for audience in audiences)


def _generation(audience: str) -> str:
    return "generation" if audience == EVERYBODY else f"generation {audience}"


# Its value is "damaged" once somebody has noticed that, until the index is built anew.
_INDEX = "index"


def is_index_damaged(values: Mapping[str, str]) -> bool:
    """Whether the index is known to be damaged, or was not built since the catalog was restored; of all values."""
    return values.get(_INDEX) == "damaged"


def set_index_damaged(connection: Connection, is_damaged: bool) -> None:
    """Record whether the index has to be built anew."""
    set_meta(connection, _INDEX, "damaged" if is_damaged else "whole")
