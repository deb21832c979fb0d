"""A store without a model, and a folder with one report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_store import REPORT, SmallStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SmallStore]:
    store = open_store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "report.txt").write_text(REPORT)
    return folder
