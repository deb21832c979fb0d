"""The program where a container lets it run: a root that cannot be written, no network, another user."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT, run

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

# As the containers: all namespaces of their own, so no network but loopback; /tmp is empty.
_SANDBOX = (
    *("bwrap", "--unshare-all", "--uid", "10001", "--gid", "10001", "--die-with-parent"),
    *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"),  # noqa: S108
)


@pytest.fixture
def sandbox() -> list[str]:
    """The beginning of a command in a sandbox; without one the test is skipped, and fails under CI."""
    if shutil.which("bwrap") and subprocess.run([*_SANDBOX, "true"], check=False).returncode == 0:
        return [*_SANDBOX]
    if os.environ.get("CI"):
        pytest.fail("bubblewrap is missing or makes no sandbox, and CI has to have it")
    pytest.skip("bubblewrap is not installed, or makes no sandbox")


def test_only_the_data_folder_and_tmp_are_written_and_nothing_is_fetched(
    sandbox: list[str], delivery: Path, exported: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (check,) = re.findall(
        r"^HEALTHCHECK .* CMD (\[(?s:.*?)\])$", (ROOT / "Dockerfile").read_text("utf-8"), re.M
    )
    program = delivery / "venv" / "bin" / "itubot"

    done = run(
        *sandbox,
        *(part for folder in (ROOT, delivery, exported) for part in ("--ro-bind", folder, folder)),
        *("--bind", data, data, "--chdir", ROOT),
        *(sys.executable, "-m", "tests.deploy.confined", program, check.replace("\\\n", "")),
        cwd=ROOT,
        HOME="/tmp",  # noqa: S108  as in the image
        ITUBOT_DATA_DIR=str(data),
        ITUBOT_ENCODER_DIR=str(exported),
        ITUBOT_STATUS_PORT="9090",
    )

    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert (seen["ingest"], seen["healthcheck"], seen["serve"]) == (0, 0, 0)
    assert "September 2024" in seen["answer"]
