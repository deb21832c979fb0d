"""Backup and restore: one moment of the whole store, also into another kind of database; all of it or nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Connection, insert, select

from store.backup import new_archive, open_archive, write_backup
from store.errors import BackupRefused, FileGone, NoStore, StoreBusy
from store.jobs import Holder, MessageRef
from store.locks import writer_lock
from store.schema import jobs, metadata
from tests.servers import on_servers
from tests.small_store import open_store
from tests.store.places import QUESTIONS, SUBMISSION, Place, contents, fill, rewritten

_VALUES = {str: "x", int: 1, float: 1.5, bool: True, bytes: b"x", dict: {}, date: date(2024, 5, 3)}
_VALUES |= {datetime: datetime(2024, 5, 3, tzinfo=UTC)}


def fill_empty_tables(place: Place) -> None:
    """Put a row into each table that has none."""
    with place.state.begin() as connection:
        for table in metadata.sorted_tables:
            if not connection.execute(select(table)).first():
                row = {c.name: _value(connection, c) for c in table.c}
                connection.execute(insert(table).values(row))


def _value(connection: Connection, column: Column[Any]) -> object:
    """Return a value for a column; one that refers to another table has one of its values."""
    for key in column.foreign_keys:
        return connection.scalar(select(key.column).order_by(key.column).limit(1))
    return {} if isinstance(column.type, JSON) else _VALUES[column.type.python_type]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a full store, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    place = Place(folder / "full")
    fill(place, folder)
    fill_empty_tables(place)
    place.close()
    return folder / "full"


@pytest.fixture
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Place]]:
    """A full store and an empty one."""
    if not on_servers():
        shutil.copytree(request.getfixturevalue("filled"), tmp_path / "full")
    both = [Place(tmp_path / "full"), Place(tmp_path / "empty")]
    if on_servers():
        fill(both[0], tmp_path)
        fill_empty_tables(both[0])
    yield both
    for place in both:
        place.close()


@pytest.fixture
def archive(places: list[Place], tmp_path: Path) -> Path:
    """A backup of the full store."""
    path = tmp_path / "backup.zip"
    write_backup(places[0].whole, path)
    return path


def test_private_document_stays_private(places: list[Place], archive: Path) -> None:
    empty = places[1]
    empty.restore(archive)
    assert not any("jury" in text for text in empty.store.found("the secret jury"))


def test_restored_jobs_are_adopted_without_a_failure(places: list[Place], archive: Path) -> None:
    empty = places[1]
    empty.restore(archive)
    [job] = empty.jobs.adopt(Holder("another", 60.0))
    assert (job.work.submission, job.work.status, job.failures) == (SUBMISSION, MessageRef("D1", "2.2"), 0)


@pytest.mark.skipif(not on_servers(), reason="needs both kinds of databases: python -m tests.servers")
@pytest.mark.parametrize("from_files", [True, False])
def test_store_moves_between_files_and_servers(tmp_path: Path, from_files: bool) -> None:
    def in_files(folder: Path) -> Place:
        with pytest.MonkeyPatch.context() as environment:
            environment.delenv("TESTS_POSTGRES")
            environment.delenv("TESTS_CHROMA")
            return Place(folder)

    makers = (in_files, Place) if from_files else (Place, in_files)
    source, target = (make(tmp_path / name) for make, name in zip(makers, ("source", "target"), strict=True))
    fill(source, tmp_path)
    write_backup(source.whole, tmp_path / "backup")
    target.restore(tmp_path / "backup")
    assert contents(target.store) == contents(source.store)
    assert [target.store.found(q) for q in QUESTIONS] == [source.store.found(q) for q in QUESTIONS]
    for place in (source, target):
        place.close()


@pytest.mark.timeout(300)
def test_backup_during_writes_is_of_one_moment(tmp_path: Path) -> None:
    busy = Place(tmp_path / "busy")
    command = [sys.executable, "-m", "tests.store.busy_store", str(tmp_path / "busy")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rounds = []
        for number in range(3):
            process.stdout.readline()
            write_backup(busy.whole, tmp_path / "backup")
            rounds.append(process.stdout.readline())
            empty = Place(tmp_path / f"empty-{number}")
            empty.restore(tmp_path / "backup")
            with empty.store.catalog.snapshot() as view:
                texts = [s.text for one in view.documents() for s in view.sections_of(one.id)]
            numbers = [re.findall(r"\d+", text) for text in texts]
            assert len(numbers) == 2
            assert numbers[0] == numbers[1]
            with empty.state.connect() as connection:
                assert list(connection.scalars(select(jobs.c.key)))
            empty.close()
        process.kill()
    assert len(set(rounds)) == 3
    busy.close()


# Refusals


def test_store_that_is_not_empty_is_refused(places: list[Place], archive: Path) -> None:
    full = places[0]
    before = contents(full.store)

    with pytest.raises(BackupRefused, match="move these away first"):
        full.restore(archive)

    assert contents(full.store) == before


def changed_in_the_middle(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [lambda _: b"", lambda data: data[:20], lambda data: data[: len(data) * 9 // 10], changed_in_the_middle],
    ids=["empty", "head", "cut", "changed"],
)
def test_damaged_archive_is_refused(
    places: list[Place], archive: Path, damage: Callable[[bytes], bytes]
) -> None:
    archive.write_bytes(damage(archive.read_bytes()))
    with pytest.raises(BackupRefused, match="damaged"):
        places[1].restore(archive)


def test_archive_of_another_version_is_refused(places: list[Place], archive: Path) -> None:
    def other(data: bytes) -> bytes:
        values = json.loads(data)
        return json.dumps({**values, "revision": "99", "program": "9.0"}).encode()

    rewritten(archive, "manifest.json", other)
    with pytest.raises(BackupRefused, match=r"another version of the program, 9\.0"):
        places[1].restore(archive)


def everything(place: Place) -> dict[str, list[object]]:
    """Return table -> its rows, but what a restore sets: who holds a job, and where a vector is."""
    left_out = {jobs.name: "holder", "vectors": "segment"}
    with place.state.connect() as connection:
        return {
            table.name: sorted(
                connection.execute(select(*(c for c in table.c if c.name != left_out.get(table.name)))).all(),
                key=repr,
            )
            for table in metadata.sorted_tables
            if table.name not in ("meta", "segments")
        }


def test_every_table_is_restored(places: list[Place], archive: Path) -> None:
    full, empty = places

    empty.restore(archive)

    assert everything(empty) == everything(full)
    assert all(everything(full).values())


def test_failed_restore_changes_nothing_and_can_be_repeated(places: list[Place], archive: Path) -> None:
    empty = places[1]
    before, whole = everything(empty), archive.read_bytes()

    # A row that breaks off in the middle of the tables, in an archive that is whole.
    rewritten(archive, "tables/vectors.jsonl", lambda data: data + b"[1]\n")
    with pytest.raises(ValueError, match="zip"):
        empty.restore(archive)
    assert everything(empty) == before

    archive.write_bytes(whole)
    empty.restore(archive)
    assert [empty.store.found(q) for q in QUESTIONS] == [places[0].store.found(q) for q in QUESTIONS]


@pytest.mark.slow
def test_restore_waits_for_no_other_writer(places: list[Place], archive: Path, tmp_path: Path) -> None:
    empty = places[1]
    other = open_store(tmp_path / "empty")
    with writer_lock(other.catalog.engine, other.folder), pytest.raises(StoreBusy):
        empty.restore(archive)
    other.close()


def test_empty_store_has_no_backup(places: list[Place], tmp_path: Path) -> None:
    with pytest.raises(NoStore):
        write_backup(places[1].whole, tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_two_backups_to_one_target_are_both_whole(tmp_path: Path) -> None:
    target = tmp_path / "backup"
    with new_archive(target) as first:
        with new_archive(target) as second:
            first.writestr("files/first", b"1" * 100_000)
            second.writestr("files/second", b"2")
        assert open_archive(target).namelist() == ["files/second", "manifest.json"]
    assert open_archive(target).namelist() == ["files/first", "manifest.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


@pytest.mark.skipif(os.name != "posix", reason="files have no mode")
def test_only_its_user_can_read_a_backup(tmp_path: Path) -> None:
    with new_archive(tmp_path / "backup"):
        pass
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_part_of_a_killed_backup_is_deleted_a_day_later(tmp_path: Path) -> None:
    for name, age in ((".backup.old.part", 90_000), (".backup.fresh.part", 0), (".other.old.part", 90_000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with new_archive(tmp_path / "backup"):
        pass
    left = {".backup.fresh.part", ".other.old.part", "backup"}
    assert {path.name for path in tmp_path.iterdir()} == left


def test_backup_with_a_damaged_file_fails(places: list[Place], tmp_path: Path) -> None:
    [stored, *_] = (path for path in places[0].store.folder.rglob("*") if path.parent.name == "sha256")
    stored.chmod(0o600)
    stored.write_bytes(b"other")
    with pytest.raises(FileGone, match="damaged"):
        write_backup(places[0].whole, tmp_path / "damaged.zip")
