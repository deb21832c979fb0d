"""A disk that fails at any call of an ingest, a backup or a restore: the store then has whole documents, or none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.faulty_disk import preloaded

pytestmark = [pytest.mark.files, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
_GOOD = {"old", "part", "new", "verified"}


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=preloaded(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("mode", ["f", "e"])
def test_a_bot_goes_on_once_the_disk_has_room_again(tmp_path: Path, mode: str) -> None:
    assert int(run(tmp_path, "tests.store.claim_on_faulty_disk", mode, str(tmp_path))) > 10


def assert_whole(folder: Path, operation: str, modes: str, numbers: str) -> None:
    lines = run(folder, "tests.store.fail_at_write", operation, modes, str(folder / "work"), numbers)
    states = [line.split("\t")[2] for line in lines.splitlines() if line.count("\t") >= 2]
    assert states
    assert set(states) <= _GOOD, lines


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("operation", ["ingest", "first-ingest", "send", "restore", "backup"])
def test_a_disk_that_fails_at_any_call_leaves_whole_documents_or_none(tmp_path: Path, operation: str) -> None:
    # Every 29th call, each in another way than the one before. All of them: FAULTY_DISK_STEP=1
    step = os.environ.get("FAULTY_DISK_STEP", "29")
    assert_whole(tmp_path, operation, "kfeh", f"0::{step}")
