"""A new database, a clock for it, and its questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.jobs import QuestionStore
from tests.servers import database_url
from tests.store.jobs.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return database_url(tmp_path / "new folder")


@pytest.fixture
def state(url: str, clock: Clock) -> QuestionStore:
    return QuestionStore.open(url, clock.reading)
