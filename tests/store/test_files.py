"""Stored files: each once and whole, in a folder or on a server; and which are deleted when."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from store.errors import FileGone, StoreError, StoreUnavailable
from store.files import FileStorage, StoredFile, local_copies

MONTH_LATER = datetime.now(UTC) + timedelta(days=31)


@pytest.fixture(params=["folder", "file://", "memory://"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> FileStorage:
    folder = tmp_path / "library"
    urls = {
        "folder": str(folder),
        "file://": folder.as_uri(),
        # One for all tests of a process.
        "memory://": f"memory://bucket/{uuid4().hex}",
    }
    return FileStorage(urls[request.param])


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_bytes(b"one")
    return path


def test_stored_file_is_found_by_its_digest(storage: FileStorage, report: Path, tmp_path: Path) -> None:
    digest = storage.put(report)
    storage.get(digest, tmp_path / "copy")
    assert ((tmp_path / "copy").read_bytes(), storage.has(digest)) == (b"one", True)


def test_stored_file_is_read_from_its_beginning(storage: FileStorage, report: Path) -> None:
    with storage.open(storage.put(report)) as content:
        assert content.read() == report.read_bytes()


def test_damaged_file_is_refused(tmp_path: Path, report: Path) -> None:
    storage = FileStorage(str(tmp_path / "library"))
    digest = storage.put(report)
    (tmp_path / "library" / "sha256" / digest).write_bytes(b"on")
    with pytest.raises(FileGone, match="damaged"):
        storage.get(digest, tmp_path / "copy")
    with pytest.raises(FileGone, match="damaged"):
        storage.open(digest)


def test_file_and_its_name_are_synced_to_disk(
    tmp_path: Path, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync

    def watched(handle: int) -> None:
        synced.append(os.fstat(handle).st_ino)
        sync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    digest = FileStorage(str(tmp_path)).put(report)
    assert synced == [(tmp_path / "sha256" / digest).stat().st_ino, (tmp_path / "sha256").stat().st_ino]


def test_unused_file_is_deleted_after_thirty_days(storage: FileStorage, report: Path) -> None:
    used = storage.put(report)
    report.write_bytes(b"two")
    unused = storage.put(report)
    storage.delete_unused({used})
    assert storage.digests() == {used, unused}
    storage.delete_unused({used}, MONTH_LATER)
    assert storage.digests() == {used}


def test_file_that_is_stored_again_is_kept_as_a_new_one(tmp_path: Path, report: Path) -> None:
    storage = FileStorage(str(tmp_path / "library"))
    digest = storage.put(report)
    os.utime(tmp_path / "library" / "sha256" / digest, (0, 0))
    storage.put(report)
    storage.delete_unused(set())
    assert storage.digests() == {digest}


def test_half_file_of_a_writer_that_died_is_no_stored_file_and_is_deleted(tmp_path: Path) -> None:
    storage, half = FileStorage(str(tmp_path)), tmp_path / "partial" / "abc"
    half.parent.mkdir()
    half.write_bytes(b"on")
    storage.delete_unused(set())
    assert (storage.digests(), half.exists()) == (set(), True)
    storage.delete_unused(set(), MONTH_LATER)
    assert not half.exists()


def test_copies_are_deleted_after_use(storage: FileStorage, report: Path) -> None:
    file = StoredFile("report.txt", storage.put(report), 1.0)
    with local_copies(storage, [file]) as copies:
        [copy] = copies
        assert (copy.name, copy.read_bytes()) == ("report.txt", b"one")
    assert not copy.parent.exists()


@pytest.mark.parametrize(("url", "why"), [("gs://bucket/files", "gcsfs"), ("nowhere://x", "nowhere")])
def test_url_without_a_driver_is_explained(url: str, why: str) -> None:
    with pytest.raises(StoreError, match=f"ITUBOT_STORAGE_URL.*{why}"):
        FileStorage(url).digests()


def test_storage_that_cannot_be_written_is_an_error_of_the_store(tmp_path: Path, report: Path) -> None:
    (tmp_path / "library").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable, match="ITUBOT_STORAGE_URL"):
        FileStorage(str(tmp_path / "library")).put(report)
