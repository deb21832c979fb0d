"""A store without a model, and a folder with one report."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_store import SmallStore, open_store

REPORT = """1. Forum
1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.
1.2\tRegistration for the Forum closes on 16 June 2025.
2. Alliance
2.1\tThe Schools Alliance has eighty-four partners.
2.2\tIts secretary is appointed by the Council.
"""


@pytest.fixture
def store(tmp_path: Path) -> SmallStore:
    return open_store(tmp_path / "data")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "report.txt").write_text(REPORT)
    return folder
