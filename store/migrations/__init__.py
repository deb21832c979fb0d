"""The revision of the tables, and their migrations by Alembic, whose scripts are in `versions/`.

An empty database gets today's tables at once. Older tables are migrated by the scripts: those of an SQLite file when it
is next opened, those of a server only by `itubot migrate`, since other bots use them. A script is never changed once it
is released; it names tables and columns itself and imports nothing of the program.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    select,
)

from store.engines import NAME, connected, database_exists, open_engine, schema_transaction
from store.errors import SchemaMismatch
from store.fulltext import metadata as full_text
from store.locks import writer_lock
from store.schema import metadata

# The revision of today's tables, that of the newest script: a whole number.
REVISION = "1"
# Alembic's own table, which has the revision.
revisions = Table(
    "revision",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="revision_pkc"),
)
# A table that a server has of an earlier layout, which nothing reads.
_EARLIER = "catalog_revision"
# Seconds to wait for another writer, such as another migration, before StoreBusy names it.
_WAIT_SECONDS = 30.0
# Alembic's scripts reach the connection through variables of its modules.
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of a database: the revision that it had, None if it has no tables, and the one that it has now."""

    former: str | None
    revision: str = REVISION


def open_database(url: str) -> Engine:
    """Open the database of an SQLAlchemy URL; tables and an SQLite file are created. Raises StoreError."""
    engine = open_engine(url)
    prepare(engine)
    return engine


def has_tables(connection: Connection) -> bool:
    """Whether a database has tables; a connection to one that has them does not look again."""
    name = revisions.name
    if name not in connection.info and connection.dialect.has_table(connection, name):
        connection.info[name] = True
    return name in connection.info


def stored_revision(connection: Connection) -> str | None:
    """Return the revision of a database; None if it has no tables."""
    return connection.scalar(select(revisions.c.version_num)) if has_tables(connection) else None


def check(revision: str) -> None:
    """Raise SchemaMismatch unless `revision` is today's."""
    if _is_older(revision):
        raise SchemaMismatch(
            f"{NAME} was made by an earlier version of the program; run `itubot migrate` to adapt it"
        )
    if revision != REVISION:
        raise SchemaMismatch(f"{NAME} was made by a newer version of the program; install that version")


def prepare(engine: Engine) -> bool:
    """Create the tables in an empty database, and migrate an older SQLite file; return whether it was older.

    Safe between processes. Raises SchemaMismatch, and other StoreErrors.
    """
    if database_exists(engine):
        with connected(engine) as connection:
            if stored_revision(connection) == REVISION:
                return False
    elif engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with schema_transaction(engine) as connection:
        # Another process may have been here since.
        found = stored_revision(connection)
        if found is None:
            _create(connection)
        elif connection.dialect.name == "sqlite":
            _upgrade(connection, found)
        else:
            check(found)
    return found is not None and _is_older(found)


def migrate(engine: Engine, folder: Path) -> Migration:
    """Migrate the tables of a database to today's, under the writer's lock; nothing is created.

    Raises SchemaMismatch for a database of a newer version, StoreBusy, and other StoreErrors.
    """
    if not database_exists(engine):
        return Migration(None)
    with writer_lock(engine, folder, _WAIT_SECONDS), schema_transaction(engine) as connection:
        found = stored_revision(connection)
        if found is not None:
            _upgrade(connection, found)
    return Migration(found)


def _create(connection: Connection) -> None:
    if connection.dialect.has_table(connection, _EARLIER):
        raise SchemaMismatch(
            f"{NAME} has tables of an earlier version, which this one does not read; name an empty one in "
            "ITUBOT_DATABASE_URL and run `itubot ingest PATH ...` again"
        )
    metadata.create_all(connection)
    full_text.create_all(connection)
    revisions.create(connection)
    connection.execute(insert(revisions).values(version_num=REVISION))


def _is_older(revision: str) -> bool:
    """Whether a revision is an earlier one than today's; an unknown one is taken for a later one."""
    with suppress(ValueError):
        return int(revision) < int(REVISION)
    return False


def _upgrade(connection: Connection, found: str) -> None:
    """Run the scripts after the tables' revision, in the connection's transaction."""
    if not _is_older(found):
        return check(found)
    # Alembic takes a third of a second to import.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": revisions.name})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with _one_at_a_time:
        command.upgrade(config, "head")
    return None
