"""What all tests share: the mark of those that need programs of the system, and how they ask for one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings as hypothesis_settings

from bot.settings import Settings
from bot.wiring import Services, build

REPORT = Path(__file__).parent.parent / "ingest" / "samples" / "itu-un-digital-engagement-2024.txt"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "system: needs a program that pip cannot install (make test-all)")
    # How long an example takes depends on what else the machine does.
    hypothesis_settings.register_profile("untimed", deadline=None)
    hypothesis_settings.load_profile("untimed")
    config.addinivalue_line("markers", "soak: goes on for minutes (make soak)")


@pytest.fixture
def chromium() -> str:
    """The browser's path; without one the test is skipped, and fails under CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing, and CI has to have it")
        pytest.skip("chromium is not installed")
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.rglob("*"):
            path.chmod(0o755)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `encoder` of a data folder, made by one real ingest for all workers; `lend` gives it to others."""
    here = tmp_path_factory.getbasetemp()
    # Of all workers of this run.
    folder = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    data, paper = folder / "exported", folder / "exported.txt"
    with FileLock(folder / "exported.lock"):
        if not data.exists():
            paper.write_text("1.1\tThe stone lies at the gate.\n", "utf-8")
            own = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("ITUBOT_", "SLACK_"))
            }
            ingest = [sys.executable, "-m", "bot", "ingest", str(paper)]
            subprocess.run(ingest, env=own | {"ITUBOT_DATA_DIR": str(data)}, check=True, capture_output=True)
    return data / "encoder"


def lend(exported: Path, data: Path) -> None:
    """Give a data folder the export of the bundled model: making another one takes seconds."""
    shutil.copytree(
        exported, data / "encoder", copy_function=os.link, ignore=shutil.ignore_patterns("*.lock")
    )
    # As the program makes them.
    for folder in (data, *data.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o700)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, exported: Path) -> Services:
    """The real services over the bundled report, with the real model: made once, only ever read."""
    services = build(Settings(data_dir=tmp_path_factory.mktemp("report"), _env_file=None))
    lend(exported, services.settings.data_dir)
    services.ingest([REPORT])
    return services
