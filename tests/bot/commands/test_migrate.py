"""`itubot migrate`: what it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from store.catalog.schema import SCHEMA as CATALOG
from store.jobs import open_database
from store.jobs.schema import SCHEMA as STATE
from tests.servers import server_settings, state_url
from tests.small_store import SmallStore

UP_TO_DATE = (
    f"The catalog is up to date, at revision {CATALOG.revision}.\n"
    f"The state database is up to date, at revision {STATE.revision}.\n"
)
NO_STATE = "The state database does not exist yet; it is created when it is first needed.\n"


@pytest.fixture
def data(store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one document."""
    store.ingest(papers)
    store.close()
    for name, value in (server_settings(store.folder) | {"ITUBOT_DATA_DIR": str(store.folder)}).items():
        monkeypatch.setenv(name, value)
    return store.folder


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    path = tmp_path / "paper.txt"
    path.write_text("1.1\tThe stone lies at the gate.\n")
    return path


def test_databases_of_this_version_stay_as_they_are(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_database(state_url(data)).dispose()

    assert (main(["migrate"]), capsys.readouterr().out) == (0, UP_TO_DATE)


def test_what_does_not_exist_yet_is_not_created(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = f"{UP_TO_DATE.splitlines()[0]}\n{NO_STATE}"
    assert (main(["migrate"]), capsys.readouterr().out) == (0, said)
    assert not (data / "state.sqlite").exists()


@pytest.mark.files
def test_catalog_of_a_newer_version_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(data / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE catalog_revision SET version_num = '99'")

    said = []
    for command in (["migrate"], ["documents"], ["ingest"], ["correct"]):
        assert main(command) == 1
        said.append(capsys.readouterr().err)
    assert set(said) == {
        "itubot: the catalog was made by a newer version of the program; install that version\n"
    }
