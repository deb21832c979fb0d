"""Migrations of the tables by Alembic: the scripts of the catalog in `catalog/`, of the state database in `state/`.

A script is never changed once it is released; it names tables and columns itself and imports nothing of the program.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from store.catalog.schema import SCHEMA as CATALOG
from store.engines import damaged
from store.jobs.schema import SCHEMA as STATE
from store.locks import writer_lock
from store.schema_revisions import Migration, Schema, migrate

# Seconds to wait for another writer, such as another migration, before StoreBusy names it.
_WAIT_SECONDS = 30.0
# Alembic's scripts reach the connection through variables of its modules.
_one_at_a_time = Lock()


def migrate_databases(catalog: Engine, state: Engine, folder: Path) -> list[Migration]:
    """Migrate the catalog and the state database, under the writer's lock of the data folder; nothing is created.

    Raises SchemaMismatch for a database of a newer version, StoreBusy, and other StoreErrors.
    """
    with writer_lock(catalog, folder, _WAIT_SECONDS):
        return [migrate(catalog, CATALOG), migrate(state, STATE)]


def configuration(schema: Schema, connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for the scripts of a schema."""
    folder = Path(__file__).parent
    config = Config(attributes={"connection": connection, "schema": schema})
    scripts = schema.scripts or folder / schema.name
    for option, value in {"script_location": folder, "version_locations": scripts}.items():
        config.set_main_option(option, str(value).replace("%", "%%"))
    # A path may have a space, a comma or a colon in it, but no line break.
    config.set_main_option("path_separator", "newline")
    return config


def upgrade(connection: Connection, schema: Schema) -> None:
    """Run the scripts after the tables' revision, in the connection's transaction. Raises StoreDamaged."""
    with _one_at_a_time:
        command.upgrade(configuration(schema, connection), "head")
    # While tables are replaced, SQLite does not check.
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise damaged(schema.title, "has rows that refer to missing ones")
