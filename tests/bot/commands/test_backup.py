"""`itubot backup` and `itubot restore`, with a store whose embedder costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main
from bot.wiring import build
from tests.servers import settings_of
from tests.small_store import REPORT, HashingEmbedder, open_store


def run(folder: Path, *command: str) -> int:
    return main([*command], lambda _: build(settings_of(folder), HashingEmbedder()))


@pytest.fixture
def archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "report.txt").write_text(REPORT, "utf-8")
    open_store(tmp_path / "data").ingest(tmp_path / "report.txt")
    path = tmp_path / "itubot.zip"
    assert run(tmp_path / "data", "backup", str(path)) == 0
    assert capsys.readouterr().out == f"Saved in {path}: 1 document, 0 unfinished jobs, 0 stored files.\n"
    return path


def test_restored_folder_has_the_documents(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "new", "restore", str(archive)) == 0
    assert capsys.readouterr().out.startswith(f"Restored from {archive}: 1 document, ")
    assert [d.source for d in open_store(tmp_path / "new").catalog.documents()] == ["report.txt"]


def test_full_folder_is_refused_with_the_way_out(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "data", "restore", str(archive)) == 1
    assert "move these away first" in capsys.readouterr().err


def test_file_that_is_no_archive_is_one_line(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "new", "restore", str(tmp_path / "report.txt")) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
