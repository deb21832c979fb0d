"""The program as it is delivered: built from a copy of the source, and installed in a folder that is not its source."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
# Not part of what is built: what the build and the tools write, and the data of tests.
_IGNORED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "data", "dist", "docs")


def run(*command: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command without settings of the bot but those given, and without the source on Python's path."""
    ours = ("ITUBOT_", "SLACK_", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=environment | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `dist`, the sdist and the wheel built from it, and `venv`, where the wheel is installed.

    The environment of the tests lends the dependencies: to install them takes minutes. All workers share it.
    """
    here = tmp_path_factory.getbasetemp()
    folder = (here.parent if "PYTEST_XDIST_WORKER" in os.environ else here) / "delivery"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _build(folder)
            _install(folder)
    return folder


def _build(folder: Path) -> None:
    shutil.copytree(ROOT, folder / "source", ignore=_IGNORED)
    _succeed(
        run(sys.executable, "-m", "build", "--no-isolation", "-o", folder / "dist", cwd=folder / "source")
    )
    shutil.rmtree(folder / "source")


def _install(folder: Path) -> None:
    _succeed(run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder))
    python = folder / "venv" / "bin" / "python"
    packages = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    ).stdout.strip()
    # The path files in a folder that a path file names are not read, so our source does not come with it.
    Path(packages, "lent.pth").write_text("\n".join(site.getsitepackages()))
    (wheel,) = (folder / "dist").glob("*.whl")
    _succeed(run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel, cwd=folder))


def _succeed(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
