"""A new state database, and a clock for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import state_url
from tests.store.jobs.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return state_url(tmp_path / "new folder")
