"""The last step of a restore into two files: wherever it is killed, both are the old ones or both the new ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from store import restoring
from store.backup import write_backup
from store.catalog import Catalog
from store.catalog.meta import set_meta
from store.errors import StoreBusy
from store.jobs import Holder, SubmissionStore, open_database
from store.jobs.schema import jobs
from store.locks import folder_lock
from tests.servers import catalog_url, state_url
from tests.store.places import SUBMISSION, Place

pytestmark = pytest.mark.files


def claim(url: str, key: str) -> None:
    store = SubmissionStore.open(url)
    store.claim(replace(SUBMISSION, key=key), Holder("a bot", 60.0))
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder, whose state database has the job "old"; a new one beside it, "new", has the job "new"."""
    folder = tmp_path / "data"
    Catalog(catalog_url(folder)).create()
    claim(state_url(folder), "old")
    claim(state_url(tmp_path / "new"), "new")
    return folder


@pytest.fixture
def bot(folder: Path) -> Iterator[Engine]:
    """The state database, as a bot has it open since before the restore."""
    engine = open_database(state_url(folder))
    yield engine
    engine.dispose()


def restored(folder: Path, *, commit: bool) -> None:
    """Restore the new state database; killed before the catalog's commit, or right after it."""
    number = restoring.announce(folder, folder.with_name("new") / "state.sqlite")
    if commit:
        with Catalog(catalog_url(folder)).writing() as connection:
            set_meta(connection, restoring.NUMBER, number)


def keys(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(jobs.c.key)))


@pytest.mark.parametrize("commit", [False, True])
def test_a_running_bot_finishes_or_undoes_it(folder: Path, bot: Engine, commit: bool) -> None:
    restored(folder, commit=commit)
    assert keys(bot) == ({"new"} if commit else {"old"})
    assert not restoring.is_unfinished(folder)


@pytest.mark.parametrize("commit", [False, True])
def test_the_next_writer_finishes_or_undoes_it(folder: Path, commit: bool) -> None:
    restored(folder, commit=commit)
    with folder_lock(folder):
        assert not restoring.is_unfinished(folder)
    assert keys(open_database(state_url(folder))) == ({"new"} if commit else {"old"})


@pytest.mark.parametrize("size", [0, 30, 5_000])
def test_a_part_of_the_new_database_is_deleted(folder: Path, bot: Engine, size: int) -> None:
    restored(folder, commit=False)
    part = folder / "state.sqlite.restored"
    part.write_bytes(part.read_bytes()[:size])
    assert keys(bot) == {"old"}
    assert not part.exists()


def test_what_a_bot_wrote_since_is_kept_if_it_is_finished_again(
    folder: Path, bot: Engine, tmp_path: Path
) -> None:
    restored(folder, commit=True)
    # As if the process had been killed before the file was deleted.
    shutil.copy(folder / "state.sqlite.restored", tmp_path / "kept")
    assert keys(bot) == {"new"}
    claim(state_url(folder), "later")
    shutil.copy(tmp_path / "kept", folder / "state.sqlite.restored")
    assert keys(bot) == {"new", "later"}


def test_a_bot_waits_while_the_last_step_goes_on(
    folder: Path, bot: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.jobs.database._RESTORE_SECONDS", 0.0)
    with folder_lock(folder):
        restored(folder, commit=True)
        with pytest.raises(StoreBusy):
            keys(bot)
    assert keys(bot) == {"new"}


def test_a_backup_is_not_of_the_jobs_before_a_restore_and_the_documents_after_it(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "paper.txt").write_text("1.1\tThe stone lies at the gate.\n")
    place = Place(folder)
    place.store.ingest(tmp_path / "paper.txt")
    begun = []

    @event.listens_for(place.state, "after_cursor_execute")
    def _restored(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT") and not begun:
            begun.append(statement)
            restored(folder, commit=True)

    with pytest.raises(StoreBusy, match="restored a backup in the meantime"):
        write_backup(place.whole, tmp_path / "backup")
    assert keys(place.state) == {"new"}
    place.close()
