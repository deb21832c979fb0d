"""What stands for a file's content: the same value through every version of the program, without copies of the file."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from ingest.files import InputFile, content_hash


@pytest.mark.parametrize(
    ("sidecar", "expected"),
    [
        (None, "badff46477aaee2148bace7fc831955b"),
        ('title = "A title"\n', "d6e2dcbd33efcd7fe86d8ff3e2d58f9d"),
    ],
)
def test_content_hash_is_the_same_as_in_existing_stores(
    tmp_path: Path, sidecar: str | None, expected: str
) -> None:
    if sidecar is not None:
        (tmp_path / "paper.txt.meta.toml").write_text(sidecar)

    assert content_hash(InputFile(tmp_path / "paper.txt", tmp_path), b"1.1\tThe text.\n") == expected


def test_large_file_is_not_copied_for_its_hash(tmp_path: Path) -> None:
    data = bytes(16_000_000)
    tracemalloc.start()
    try:
        content_hash(InputFile(tmp_path / "paper.pdf", tmp_path), data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < len(data)
