"""A data folder of its own for each test, with the bundled report, and the settings of a bot over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.slack.processes.bot_process import clean, environment_of, run_command, settings_for
from tests.conftest import copy_data, lend
from tests.fake_slack.slack import FakeSlack
from tests.servers import on_servers


@pytest.fixture(scope="session")
def archive(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled report as `itubot backup` saves it."""
    path = tmp_path_factory.mktemp("backup") / "report.tar.gz"
    run_command(("backup", str(path)), clean(ITUBOT_DATA_DIR=str(ingested)))
    return path


@pytest.fixture
def folder(ingested: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    data = tmp_path / "data"
    if on_servers():
        # Much faster than an ingest.
        archive = request.getfixturevalue("archive")
        run_command(("restore", str(archive)), environment_of(data))
        lend(ingested / "encoder", data)
    else:
        copy_data(ingested, data)
    return data


@pytest.fixture
def environment(slack: FakeSlack, folder: Path) -> dict[str, str]:
    return settings_for(slack, folder)
