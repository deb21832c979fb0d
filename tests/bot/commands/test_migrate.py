"""`itubot migrate`: what it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from store.engines import DATABASE
from store.migrations import REVISION
from tests.servers import server_settings
from tests.small_store import SmallStore

UP_TO_DATE = f"The database is up to date, at revision {REVISION}.\n"


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


def test_database_of_this_version_stays_as_it_is(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["migrate"]), capsys.readouterr().out) == (0, UP_TO_DATE)


@pytest.mark.files
def test_database_that_does_not_exist_is_not_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ITUBOT_DATA_DIR", str(tmp_path))

    assert main(["migrate"]) == 0

    assert "does not exist yet" in capsys.readouterr().out
    assert not (tmp_path / DATABASE).exists()


@pytest.mark.files
def test_database_of_a_newer_version_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(data / DATABASE)) as connection, connection:
        connection.execute("UPDATE revision SET version_num = '99'")

    said = []
    for command in (["migrate"], ["documents"], ["ingest"], ["correct"], ["gaps"]):
        assert main(command) == 1
        said.append(capsys.readouterr().err)
    assert set(said) == {
        "itubot: the database was made by a newer version of the program; install that version\n"
    }
