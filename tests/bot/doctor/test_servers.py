"""The doctor asks the servers; what it says has no secret in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.doctor.checks import check_chroma, check_database, check_files
from store.catalog import Catalog
from store.locks import writer_lock
from tests.servers import Chroma, database_url, free_port, on_servers
from tests.small_store import SmallStore, open_filled_store

SECRET = "hidden"  # noqa: S105
needs_postgres = pytest.mark.skipif(not on_servers(), reason="asks PostgreSQL: make test-servers")


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Chroma(tmp_path_factory.mktemp("chroma")) as server:
        yield server.url


def test_chroma_that_has_every_part_is_ok(tmp_path: Path, chroma: str) -> None:
    check = check_chroma(open_filled_store(tmp_path, chroma).catalog, chroma)

    assert check.verdict == "ok"
    assert (
        f"at {chroma}, database default_database of tenant default_tenant; all of its 1 parts" in check.found
    )


def test_missing_part_is_broken(tmp_path: Path, chroma: str) -> None:
    store = open_filled_store(tmp_path, chroma)
    with store.catalog.snapshot() as snapshot:
        store.index.drop(snapshot.segments())

    check = check_chroma(store.catalog, chroma)

    assert (check.verdict, check.remedy) == ("broken", "itubot reindex")
    assert "1 of its 1 parts missing" in check.found


def test_chroma_that_is_away_is_broken_and_its_password_not_shown(store: SmallStore) -> None:
    check = check_chroma(store.catalog, f"http://user:{SECRET}@127.0.0.1:{free_port()}")

    assert check.verdict == "broken"
    assert "ITUBOT_CHROMA_URL" in check.remedy
    assert SECRET not in f"{check}"


@needs_postgres
def test_database_without_tables_is_ok(tmp_path: Path) -> None:
    check = check_database(Catalog(database_url(tmp_path)))

    assert check.verdict == "ok"
    assert check.found.startswith("PostgreSQL ")
    assert "no tables yet" in check.found


@needs_postgres
def test_holder_of_the_writers_lock_is_named(store: SmallStore, tmp_path: Path) -> None:
    store.catalog.create()
    assert check_database(store.catalog).found.endswith("tables of this version; nobody is writing")

    with writer_lock(store.catalog.engine, tmp_path):
        assert check_database(store.catalog).found.endswith(" is writing")
        assert "; itubot on " in check_database(store.catalog).found


def test_database_that_is_away_is_broken_and_its_password_not_shown() -> None:
    pytest.importorskip("psycopg")
    check = check_database(Catalog(f"postgresql+psycopg://user:{SECRET}@127.0.0.1:{free_port()}/itubot"))

    assert check.verdict == "broken"
    assert "ITUBOT_DATABASE_URL" in check.remedy
    assert SECRET not in f"{check}"


@pytest.mark.parametrize("url", [f"gs://me:{SECRET}@bucket/x", f"nowhere://me:{SECRET}@host:port/x"])
def test_file_storage_without_driver_is_broken(url: str) -> None:
    check = check_files(url)
    assert (check.verdict, "ITUBOT_STORAGE_URL" in check.found) == ("broken", True)
    assert SECRET not in f"{check}"
