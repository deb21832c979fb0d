"""Revisions of the tables: finds which one a database has, and brings it to that of this program.

An empty database gets today's tables at once. Older tables are migrated by the scripts of `store.migrations`: those of
an SQLite file when it is next written, those of a server only by `itubot migrate`, since other bots use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

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

from store.engines import database_exists, schema_transaction, storage_errors
from store.errors import SchemaMismatch

# Foreign keys are named as PostgreSQL names them, so that migrations can name them on SQLite too.
NAMES = {"fk": "%(table_name)s_%(column_0_N_name)s_fkey", "ix": "ix_%(column_0_label)s"}


@dataclass(frozen=True)
class Schema:
    """The tables of one database.

    `name`: that of its table of versions. `title`: its name in messages. `revision`: that of the newest script, a whole
    number. `metadata`: its tables, and `of_dialect` those that only one kind of database has. `scripts`: the folder of
    its scripts, by default the one of its name in `store/migrations`.
    """

    name: str
    title: str
    revision: str
    metadata: MetaData
    of_dialect: Mapping[str, MetaData] = field(default_factory=dict)
    scripts: Path | None = None

    @cached_property
    def versions(self) -> Table:
        """The table of Alembic that has the revision."""
        name = f"{self.name}_revision"
        primary_key = PrimaryKeyConstraint("version_num", name=f"{name}_pkc")
        return Table(name, MetaData(), Column("version_num", String(32), nullable=False), primary_key)

    def all_metadata(self, dialect: str) -> list[MetaData]:
        """Return the tables for a kind of database."""
        return [self.metadata, *([self.of_dialect[dialect]] if dialect in self.of_dialect else [])]

    def is_older(self, revision: str) -> bool:
        """Whether a revision is an earlier one than today's; an unknown one is taken for a later one."""
        with suppress(ValueError):
            return int(revision) < int(self.revision)
        return False

    def is_newer(self, revision: str) -> bool:
        """Whether a revision is neither today's nor an earlier one."""
        return revision != self.revision and not self.is_older(revision)

    def check(self, revision: str) -> None:
        """Raise SchemaMismatch unless `revision` is today's."""
        if self.is_older(revision):
            raise SchemaMismatch(
                f"{self.title} was made by an earlier version of the program; run `itubot migrate` to adapt it"
            )
        if self.is_newer(revision):
            raise SchemaMismatch(
                f"{self.title} was made by a newer version of the program; install that version"
            )


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of a database: the revision that it had, None if it has no tables, and the one that it has now."""

    title: str
    former: str | None
    revision: str


def stored_revision(connection: Connection, schema: Schema) -> str | None:
    """Return the revision of a database; None if it has no tables."""
    return (
        connection.scalar(select(schema.versions.c.version_num)) if has_tables(connection, schema) else None
    )


def has_tables(connection: Connection, schema: Schema) -> bool:
    """Whether a database has the tables; a connection to one that has them does not look again."""
    name = schema.versions.name
    if name not in connection.info and connection.dialect.has_table(connection, name):
        connection.info[name] = True
    return name in connection.info


def prepare(engine: Engine, schema: Schema) -> bool:
    """Create the tables in an empty database, and migrate an older SQLite file; return whether it was older.

    Safe between processes. Raises SchemaMismatch, and other StoreErrors.
    """
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with storage_errors(schema.title):
        with engine.connect() as connection:
            if stored_revision(connection, schema) == schema.revision:
                return False
        with schema_transaction(engine) as connection:
            # Another process may have been here since.
            found = stored_revision(connection, schema)
            if found is None:
                for metadata in schema.all_metadata(connection.dialect.name):
                    metadata.create_all(connection)
                schema.versions.create(connection)
                connection.execute(insert(schema.versions).values(version_num=schema.revision))
            elif connection.dialect.name == "sqlite":
                _upgrade(connection, schema, found)
            else:
                schema.check(found)
    return found is not None and schema.is_older(found)


def migrate(engine: Engine, schema: Schema) -> Migration:
    """Migrate the tables of a database to today's; nothing is created. Raises SchemaMismatch, and other StoreErrors."""
    if not database_exists(engine):
        return Migration(schema.title, None, schema.revision)
    with storage_errors(schema.title), schema_transaction(engine) as connection:
        found = stored_revision(connection, schema)
        if found is not None:
            _upgrade(connection, schema, found)
    return Migration(schema.title, found, schema.revision)


def _upgrade(connection: Connection, schema: Schema, found: str) -> None:
    if not schema.is_older(found):
        schema.check(found)
        return
    # Alembic takes a third of a second to import.
    from store.migrations import upgrade

    upgrade(connection, schema)
