"""The state of a catalog's PostgreSQL server, for the check of the set-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from store.catalog.catalog import Catalog
from store.catalog.schema import SCHEMA
from store.locks import lock_holder
from store.schema_revisions import stored_revision


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
        revision = stored_revision(connection, SCHEMA)
        tables: Literal["none", "current", "other"] = "current" if revision == SCHEMA.revision else "other"
        return ServerState(version, tables if revision else "none", lock_holder(connection))
