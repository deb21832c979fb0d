"""The files of an index have nothing of what the process had in memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from store.vectors import Index

WORDS = b"a removed document's words "


def hold_words(_: int) -> None:
    """Have the words in memory of about the size that the index takes for a small segment, and free it."""
    held = [WORDS * (size // len(WORDS)) for size in range(50_000, 70_000, 500)]
    del held


@pytest.mark.files
def test_files_of_a_segment_have_nothing_of_what_was_in_memory(tmp_path: Path) -> None:
    index, vectors = Index(tmp_path), np.random.default_rng(1).normal(size=(5, 96)).astype(np.float32)
    for number in range(5):
        with ThreadPoolExecutor(16) as threads:
            list(threads.map(hold_words, range(160)))
        index.write_segment(f"segment-{number}", [{str(i): row.tobytes() for i, row in enumerate(vectors)}])
    index.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if WORDS in path.read_bytes()] == []
