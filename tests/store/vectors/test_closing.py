"""Files that are open: none once a store is closed, and not more with every publication in a process that answers."""

from __future__ import annotations

import gc
import os
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from store.vectors.index import Index
from tests.small_store import SmallStore

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs a system with /proc")


def open_files(folder: Path) -> list[str]:
    """Return the paths of the files below a folder that this process has open."""
    # Chroma's are closed with the last object that refers to them.
    gc.collect()
    paths: list[str] = []
    for descriptor in Path("/proc/self/fd").iterdir():
        # Another thread may close one in the meantime.
        with suppress(FileNotFoundError):
            paths.append(os.readlink(descriptor))
    return [path for path in paths if path.startswith(str(folder))]


def test_a_closed_store_has_no_file_open(store: SmallStore) -> None:
    store.found("Which hand holds the stone?")

    store.close()

    # Chroma's own threads close the database a moment later, and tell nobody.
    deadline = time.monotonic() + 60
    while open_files(store.folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert open_files(store.folder) == []


def test_reader_closes_retired_segments(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    vector = np.eye(1, 8, dtype=np.float32)[0]
    for number in range(34):
        name = f"itubot-{number}"
        index.write_segment(name, [{"key": vector.tobytes()}])
        index.close_retired(1)
        assert index.query([name], vector, 1) == [{"key": pytest.approx(1.0)}]

    # Each segment has four.
    assert len(open_files(tmp_path)) < 4 * 34
