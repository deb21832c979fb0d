"""A data folder of its own for each test, with the bundled report, and the settings of a bot over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.slack.fakes.slack import FakeSlack
from tests.bot.slack.processes.bot_process import ingest_report, settings_for
from tests.conftest import copy_data
from tests.servers import on_servers


@pytest.fixture
def folder(ingested: Path, tmp_path: Path) -> Path:
    if on_servers():
        ingest_report(tmp_path / "data")
    else:
        copy_data(ingested, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def environment(slack: FakeSlack, folder: Path) -> dict[str, str]:
    return settings_for(slack, folder)
