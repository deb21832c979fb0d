"""The folder of documents from Slack: names that lead nowhere else, and nothing that is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.library.storage import LibraryStorage, StagedFile, Superseded, put_in_place, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Annual report (2024).docx", "Annual report (2024).docx"),
        ("Résumé – ITU.pdf", "Résumé – ITU.pdf"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("C:\\reports\\r.txt", "C__reports_r.txt"),
        (".hidden.txt", "hidden.txt"),
        ("~$open.docx", "open.docx"),
        ("two\nlines\x00.txt", "two lines.txt"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("  ", "F1"),
        ("..", "F1"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name, "F1") == safe


def test_a_long_name_keeps_its_ending() -> None:
    safe = safe_name("й" * 300 + ".docx", "F1")
    assert safe.endswith("й.docx")
    assert len(safe.encode()) <= 180


@settings(max_examples=50)
@given(st.text(max_size=400))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    safe = safe_name(name, "F1")
    assert Path("/library", safe).resolve().parent == Path("/library")
    assert 0 < len(safe.encode()) <= 180
    assert safe_name(safe, "F1") == safe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


# Seconds since 1970, later than whatever lies in a folder of these tests: upload 1 came a second after it, and so on.
FIRST = 4_000_000_000


def arrived(
    folder: Path, data: bytes, upload: str = "1", name: str = "r.txt"
) -> tuple[LibraryStorage, StagedFile]:
    storage = LibraryStorage(folder)
    staged = storage.stage(upload, "F1", name, f"{FIRST + int(upload)}.000100")
    staged.new.write_bytes(data)
    return storage, staged


def put(folder: Path, data: bytes, upload: str = "1") -> None:
    storage, staged = arrived(folder, data, upload)
    storage.place(staged)
    storage.settle(staged)


def aside(folder: Path, where: str) -> list[bytes]:
    return [file.read_bytes() for file in sorted((folder / where).glob("*"))]


def test_replaced_version_is_set_aside(folder: Path) -> None:
    put(folder, b"one", "1")
    put(folder, b"two", "2")
    assert ((folder / "r.txt").read_bytes(), aside(folder, ".former")) == (b"two", [b"one"])


def test_identical_file_is_not_set_aside(folder: Path) -> None:
    put(folder, b"one", "1")
    put(folder, b"one", "2")
    assert ((folder / "r.txt").read_bytes(), aside(folder, ".former")) == (b"one", [])


@pytest.mark.parametrize("former", [[], [b"one"], [b"bad"]])
def test_take_back_restores_the_former_file(folder: Path, former: list[bytes]) -> None:
    for data in former:
        put(folder, data, "1")
    storage, staged = arrived(folder, b"bad", "2")
    storage.place(staged)
    storage.take_back(staged)
    assert [p.read_bytes() for p in folder.glob("*.txt")] == former
    assert aside(folder, ".refused") == [b"bad"]


def test_restart_between_steps_keeps_the_first_former_file(folder: Path) -> None:
    put(folder, b"one", "1")
    storage, staged = arrived(folder, b"two", "2")
    storage.place(staged)
    again = LibraryStorage(folder)
    staged = again.stage("2", "F1", "renamed meanwhile.txt", f"{FIRST + 2}.000100")
    again.place(staged)
    again.take_back(staged)
    assert [p.read_bytes() for p in folder.glob("*.txt")] == [b"one"]


def test_later_upload_is_not_replaced(folder: Path) -> None:
    storage, staged = arrived(folder, b"one", "1")
    put(folder, b"two", "2")
    with pytest.raises(Superseded):
        storage.place(staged)
    assert ((folder / "r.txt").read_bytes(), aside(folder, ".former")) == (b"two", [b"one"])


@pytest.mark.parametrize("end", [LibraryStorage.take_back, LibraryStorage.place])
def test_later_upload_stays_when_an_earlier_is_taken_back(
    folder: Path, end: Callable[[LibraryStorage, StagedFile], object]
) -> None:
    put(folder, b"zero", "0")
    storage, staged = arrived(folder, b"one", "1")
    storage.place(staged)
    put(folder, b"two", "2")
    with suppress(Superseded):
        end(storage, staged)
    assert (folder / "r.txt").read_bytes() == b"two"
    assert b"one" in aside(folder, ".former")


def test_take_back_restores_the_modification_time(folder: Path) -> None:
    put(folder, b"one", "1")
    storage, staged = arrived(folder, b"bad", "3")
    storage.place(staged)
    storage.take_back(staged)
    put(folder, b"two", "2")
    assert (folder / "r.txt").read_bytes() == b"two"


def test_placed_file_is_synced_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    sync = os.fsync

    def watched(handle: int) -> None:
        synced.append(os.fstat(handle).st_ino)
        sync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    partial = tmp_path / "new.part"
    partial.write_bytes(b"one")
    put_in_place(partial, tmp_path / "new")
    assert synced == [(tmp_path / "new").stat().st_ino, tmp_path.stat().st_ino]


def test_link_at_the_target_is_replaced_and_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "outside").write_bytes(b"mine")
    (folder / "r.txt").symlink_to(tmp_path / "outside")
    put(folder, b"one")
    assert ((tmp_path / "outside").read_bytes(), (folder / "r.txt").read_bytes()) == (b"mine", b"one")
