"""The state of a catalog's PostgreSQL server, for the check of the set-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from store.catalog.catalog import Catalog
from store.catalog.meta import get_meta
from store.catalog.schema import SCHEMA_VERSION
from store.locks import lock_holder


@dataclass(frozen=True, slots=True)
class ServerState:
    """The server's `version`, the version of the `tables`, and the name of the `writer` that holds the lock."""

    version: str
    tables: Literal["none", "current", "other"]
    writer: str | None


def server_state(catalog: Catalog) -> ServerState:
    """Ask the PostgreSQL server of a catalog for its state. Raises StoreError."""
    with catalog.reading() as connection:
        version = str(connection.scalar(text("SHOW server_version")))
        has_tables = catalog.engine.dialect.has_table(connection, "meta")
        schema = get_meta(connection, "schema") if has_tables else None
        tables: Literal["none", "current", "other"] = "current" if schema == SCHEMA_VERSION else "other"
        return ServerState(version, tables if schema else "none", lock_holder(connection))
