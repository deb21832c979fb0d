"""Migrations of the tables: they lead to what the program works with, and the database keeps rows together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect, update
from sqlalchemy.exc import IntegrityError

from store.catalog.schema import SCHEMA as CATALOG
from store.engines import open_engine, schema_transaction
from store.errors import SchemaMismatch
from store.jobs import Holder, QuestionStore, SlackMessage
from store.jobs.schema import SCHEMA as STATE
from store.migrations import configuration, upgrade
from store.schema_revisions import Migration, Schema, migrate, prepare
from tests.servers import catalog_url, on_servers
from tests.small_store import SmallStore

Prepare = Callable[[Engine, Schema], object]
both_schemas = pytest.mark.parametrize("schema", [CATALOG, STATE], ids=lambda schema: schema.name)


def run_scripts(engine: Engine, schema: Schema, revision: str = "head") -> None:
    """Run the scripts from the first one on, as a store of the first version would see them."""
    with schema_transaction(engine) as connection:
        upgrade(connection, schema, revision)


both_ways = pytest.mark.parametrize("made", [prepare, run_scripts], ids=["created", "migrated"])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(catalog_url(tmp_path))
    yield engine
    engine.dispose()


def differences(connection: Connection, schema: Schema) -> list[Any]:
    """Return how the tables of a database differ from those that the program works with."""
    options = {"version_table": schema.versions.name, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    metadata: Any = schema.all_metadata(connection.dialect.name)
    return list(compare_metadata(context, metadata))


def test_the_newest_script_is_the_revision_that_readers_compare() -> None:
    scripts = [ScriptDirectory.from_config(configuration(schema)) for schema in (CATALOG, STATE)]

    assert [script.get_heads() for script in scripts] == [[CATALOG.revision], [STATE.revision]]


@both_schemas
@both_ways
def test_tables_are_those_of_the_program(engine: Engine, schema: Schema, made: Prepare) -> None:
    made(engine, schema)

    with engine.connect() as connection:
        assert differences(connection, schema) == []


def test_one_database_takes_both_schemas(engine: Engine) -> None:
    for schema in (CATALOG, STATE):
        prepare(engine, schema)
    again = [migrate(engine, schema) for schema in (CATALOG, STATE)]

    assert again == [Migration(schema.title, schema.revision, schema.revision) for schema in (CATALOG, STATE)]


@both_schemas
def test_an_empty_database_stays_empty(engine: Engine, schema: Schema) -> None:
    with engine.connect():
        pass  # creates an SQLite file

    assert migrate(engine, schema) == Migration(schema.title, None, schema.revision)
    assert inspect(engine).get_table_names() == []


@both_schemas
def test_older_tables_are_migrated_once(engine: Engine, schema: Schema) -> None:
    run_scripts(engine, schema, "2")

    assert [migrate(engine, schema).former for _ in range(2)] == ["2", schema.revision]


@both_schemas
def test_older_tables_on_a_server_are_left_to_the_command(engine: Engine, schema: Schema) -> None:
    run_scripts(engine, schema, "2")

    if on_servers():
        with pytest.raises(SchemaMismatch, match="an earlier version of the program; run `itubot migrate`"):
            prepare(engine, schema)
    else:
        assert prepare(engine, schema)


@both_schemas
@pytest.mark.parametrize("open_tables", [prepare, migrate])
def test_tables_of_a_newer_version_are_refused(engine: Engine, schema: Schema, open_tables: Prepare) -> None:
    prepare(engine, schema)
    with engine.begin() as connection:
        connection.execute(update(schema.versions).values(version_num="99"))

    with pytest.raises(SchemaMismatch, match="a newer version of the program; install that version"):
        open_tables(engine, schema)


def test_search_refuses_a_catalog_of_a_newer_version(store: SmallStore) -> None:
    with store.catalog.writing() as connection:
        connection.execute(update(CATALOG.versions).values(version_num="99"))

    with pytest.raises(SchemaMismatch, match="the catalog was made by a newer version"):
        store.found("stone")


def statements(engine: Engine, *each: str) -> None:
    with engine.begin() as connection:
        for statement in each:
            connection.exec_driver_sql(statement)


ID = "INSERT INTO document_ids VALUES ('a')"
SECTION = (
    'INSERT INTO sections (pk, id, document_id, number, ordinal, position, heading, "text", raw, offsets, live) '
    "VALUES (1, 's', 'a', '1', 0, 0, '', '', '', '[]', true)"
)


def version(number: int, *, live: bool) -> str:
    columns = "id, version, source, title, date_inferred, language, content_hash, ingested_at, root, live"
    values = f"'a', {number}, '', '', false, 'en', '', '2025-01-01', '', {str(live).lower()}"
    return f"INSERT INTO documents ({columns}) VALUES ({values})"  # noqa: S608


def test_rows_that_belong_to_nothing_are_mended_before_the_database_checks_them(engine: Engine) -> None:
    run_scripts(engine, CATALOG, "5")
    statements(
        engine,
        version(1, live=True),
        version(2, live=True),
        SECTION,
        "INSERT INTO holdings VALUES ('a', 2, 's', 0), ('a', 2, 'missing', 1), ('gone', 1, 's', 0)",
        "INSERT INTO vectors VALUES ('v', '', 'dropped segment')",
        "INSERT INTO passages VALUES (1, 's', 'window', 0, 1, 'v'), (2, 'missing', 'window', 0, 1, 'v')",
    )

    migrate(engine, CATALOG)

    with engine.connect() as connection:
        left = {
            table: connection.exec_driver_sql(f"SELECT {columns} FROM {table}").all()  # noqa: S608
            for table, columns in {
                "documents": "version, live",
                "holdings": "document_id, version, section_id",
                "passages": "pk",
                "vectors": "key, segment",
            }.items()
        }
    assert sorted(map(tuple, left["documents"])) == [(1, False), (2, True)]
    assert left["holdings"] == [("a", 2, "s")]
    assert (left["passages"], left["vectors"]) == ([(1,)], [("v", None)])


def test_failed_migration_changes_nothing(engine: Engine) -> None:
    run_scripts(engine, CATALOG, "5")

    @event.listens_for(engine, "before_cursor_execute")
    def _fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("CREATE UNIQUE INDEX documents_live"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        migrate(engine, CATALOG)
    event.remove(engine, "before_cursor_execute", _fail)

    assert "document_ids" not in inspect(engine).get_table_names()
    assert migrate(engine, CATALOG).former == "5"


@both_ways
@pytest.mark.parametrize(
    "rows",
    [
        [version(1, live=True)],
        [ID, version(1, live=True), version(2, live=True)],
        [SECTION],
        [ID, SECTION, "INSERT INTO holdings VALUES ('a', 1, 's', 0)"],
        [ID, version(1, live=True), "INSERT INTO holdings VALUES ('a', 1, 's', 0)"],
        [
            "INSERT INTO vectors VALUES ('v', '', NULL)",
            "INSERT INTO passages VALUES (1, 's', 'window', 0, 1, 'v')",
        ],
        [ID, SECTION, "INSERT INTO passages VALUES (1, 's', 'window', 0, 1, 'v')"],
        ["INSERT INTO vectors VALUES ('v', '', 'missing')"],
        ["INSERT INTO acronyms VALUES ('a', 'itu', 'union')"],
        ["INSERT INTO event_origins VALUES ('a', '1', NULL, 0)"],
    ],
    ids=[
        "document without id",
        "two live versions",
        "section without document",
        "section of a missing version",
        "version with a missing section",
        "passage without section",
        "passage without vector",
        "vector in a missing segment",
        "acronym without document",
        "events' origin without document",
    ],
)
def test_the_database_refuses_rows_that_belong_to_nothing(
    engine: Engine, made: Prepare, rows: list[str]
) -> None:
    made(engine, CATALOG)

    with pytest.raises(IntegrityError):
        statements(engine, *rows)


@both_ways
def test_what_belongs_to_a_row_is_deleted_with_it(engine: Engine, made: Prepare) -> None:
    made(engine, CATALOG)
    statements(
        engine,
        ID,
        version(1, live=False),
        version(2, live=True),
        SECTION,
        "INSERT INTO holdings VALUES ('a', 1, 's', 0)",
        "INSERT INTO segments (name, size, live) VALUES ('g', 1, true)",
        "INSERT INTO vectors VALUES ('v', '', 'g')",
        "INSERT INTO passages VALUES (1, 's', 'window', 0, 1, 'v')",
        "DELETE FROM documents WHERE version = 1",
        "DELETE FROM sections",
        "DELETE FROM segments",
    )

    with engine.connect() as connection:
        left = [
            connection.exec_driver_sql(f"SELECT count({column}) FROM {table}").scalar()  # noqa: S608
            for table, column in (("holdings", "version"), ("passages", "pk"), ("vectors", "segment"))
        ]
    assert left == [0, 0, 0]


@both_ways
def test_details_are_deleted_with_their_job(engine: Engine, made: Prepare) -> None:
    made(engine, STATE)
    prepare(engine, STATE)
    questions = QuestionStore(engine)
    assert questions.claim(SlackMessage("T", "C", "1.0", "1.0", "U", "When?"), Holder("me", 20.0))
    statements(engine, "DELETE FROM jobs")

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM questions").scalar() == 0


@both_ways
def test_details_without_a_job_are_refused(engine: Engine, made: Prepare) -> None:
    made(engine, STATE)

    with pytest.raises(IntegrityError):
        statements(
            engine, "INSERT INTO digests (key, channel, day) VALUES ('C/2025-01-01', 'C', '2025-01-01')"
        )
