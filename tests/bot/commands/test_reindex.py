"""`itubot reindex`, with a store and an embedder that costs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main
from bot.wiring import build
from tests.servers import settings_of
from tests.small_store import REPORT, HashingEmbedder, open_store


def reindex(folder: Path, *options: str) -> int:
    return main(["reindex", *options], lambda _: build(settings_of(folder), HashingEmbedder("another")))


def test_reindex_says_what_it_indexed_and_with_which_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.txt").write_text(REPORT, "utf-8")
    open_store(tmp_path / "data").ingest(tmp_path / "report.txt")

    assert reindex(tmp_path / "data") == 0
    assert capsys.readouterr().out.startswith("4 sections indexed with another; ")
    assert reindex(tmp_path / "data", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["sections"], report["embedded"], report["model"]) == (4, 0, "another")


def test_reindex_without_documents_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reindex(tmp_path / "data") == 1
    assert "run `itubot ingest`" in capsys.readouterr().err
