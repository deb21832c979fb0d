"""A folder with one report."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_store import REPORT


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "report.txt").write_text(REPORT)
    return folder
