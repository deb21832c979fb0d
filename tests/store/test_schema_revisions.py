"""Migrations of the tables: they lead to what the program works with, and the database keeps rows together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, event, inspect, update
from sqlalchemy.exc import IntegrityError

from store.catalog.schema import SCHEMA as CATALOG
from store.engines import open_engine
from store.errors import SchemaMismatch
from store.jobs import Holder, QuestionStore, SlackMessage
from store.jobs.schema import SCHEMA as STATE
from store.migrations import configuration
from store.schema_revisions import Migration, Schema, migrate, prepare
from tests.servers import catalog_url, on_servers
from tests.small_store import SmallStore

Prepare = Callable[[Engine, Schema], object]
both_schemas = pytest.mark.parametrize("schema", [CATALOG, STATE], ids=lambda schema: schema.name)

# Two revisions of one table: the second has a column more.
FIRST = 'op.create_table("pets", Column("name", String, primary_key=True))'
SECOND = 'op.add_column("pets", Column("age", Integer))'
SCRIPT = """from alembic import op
from sqlalchemy import Column, Integer, String

revision, down_revision = {revision!r}, {former!r}


def upgrade():
    {what}
"""


def pets(folder: Path, revision: str) -> Schema:
    """A schema of one table, as two versions of a program have it."""
    folder.mkdir(exist_ok=True)
    metadata = MetaData()
    Table("pets", metadata, Column("name", String, primary_key=True))
    steps = {"1": (None, FIRST)}
    if revision == "2":
        metadata.tables["pets"].append_column(Column("age", Integer))
        steps["2"] = ("1", SECOND)
    for each, (former, what) in steps.items():
        (folder / f"r{each}.py").write_text(SCRIPT.format(revision=each, former=former, what=what))
    return Schema("pets", "the table of pets", revision, metadata, scripts=folder)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(catalog_url(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def newer(tmp_path: Path, engine: Engine) -> Schema:
    """The second revision of a schema; the database has the first, and a row."""
    prepare(engine, pets(tmp_path / "first", "1"))
    statements(engine, "INSERT INTO pets VALUES ('Rex')")
    return pets(tmp_path / "second", "2")


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
def test_tables_are_those_of_the_program(engine: Engine, schema: Schema) -> None:
    prepare(engine, schema)

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


def test_older_tables_are_migrated_once_and_keep_their_rows(engine: Engine, newer: Schema) -> None:
    assert [migrate(engine, newer).former for _ in range(2)] == ["1", "2"]

    with engine.connect() as connection:
        assert differences(connection, newer) == []
        assert connection.exec_driver_sql("SELECT * FROM pets").all() == [("Rex", None)]


def test_of_two_that_migrate_at_once_one_does(tmp_path: Path, engine: Engine, newer: Schema) -> None:
    other = open_engine(catalog_url(tmp_path))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda one: migrate(one, newer).former, [engine, other]))
    other.dispose()

    assert sorted(done, key=str) == ["1", "2"]


def test_older_tables_on_a_server_are_left_to_the_command(engine: Engine, newer: Schema) -> None:
    if on_servers():
        with pytest.raises(SchemaMismatch, match="an earlier version of the program; run `itubot migrate`"):
            prepare(engine, newer)
    else:
        assert prepare(engine, newer)


def test_failed_migration_changes_nothing(engine: Engine, newer: Schema) -> None:
    @event.listens_for(engine, "after_cursor_execute")
    def _fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("ALTER TABLE"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        migrate(engine, newer)
    event.remove(engine, "after_cursor_execute", _fail)

    assert [column["name"] for column in inspect(engine).get_columns("pets")] == ["name"]
    assert migrate(engine, newer).former == "1"


@both_schemas
@pytest.mark.parametrize("open_tables", [prepare, migrate])
def test_tables_of_a_newer_version_are_refused(engine: Engine, schema: Schema, open_tables: Prepare) -> None:
    prepare(engine, schema)
    with engine.begin() as connection:
        connection.execute(update(schema.versions).values(version_num="99"))

    with pytest.raises(SchemaMismatch, match="a newer version of the program; install that version"):
        open_tables(engine, schema)


@pytest.mark.parametrize(("revision", "says"), [("99", "a newer version"), ("0", "run `itubot migrate`")])
def test_search_refuses_a_catalog_of_another_version(store: SmallStore, revision: str, says: str) -> None:
    with store.catalog.writing() as connection:
        connection.execute(update(CATALOG.versions).values(version_num=revision))

    with pytest.raises(SchemaMismatch, match=says):
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
    columns = "id, version, source, title, date_inferred, language, content_hash, ingested_at, found, notes, root, live"
    values = f"'a', {number}, '', '', false, 'en', '', '2025-01-01', '{{}}', '[]', '', {str(live).lower()}"
    return f"INSERT INTO documents ({columns}) VALUES ({values})"  # noqa: S608


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
def test_the_database_refuses_rows_that_belong_to_nothing(engine: Engine, rows: list[str]) -> None:
    prepare(engine, CATALOG)

    with pytest.raises(IntegrityError):
        statements(engine, *rows)


def test_what_belongs_to_a_row_is_deleted_with_it(engine: Engine) -> None:
    prepare(engine, CATALOG)
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


def test_details_are_deleted_with_their_job(engine: Engine) -> None:
    prepare(engine, STATE)
    questions = QuestionStore(engine)
    assert questions.claim(SlackMessage("T", "C", "1.0", "1.0", "U", "When?"), Holder("me", 20.0))
    statements(engine, "DELETE FROM jobs")

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM questions").scalar() == 0


def test_details_without_a_job_are_refused(engine: Engine) -> None:
    prepare(engine, STATE)

    with pytest.raises(IntegrityError):
        statements(
            engine, "INSERT INTO digests (key, channel, day) VALUES ('C/2025-01-01', 'C', '2025-01-01')"
        )
