"""NUL characters in documents, which PostgreSQL does not store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_store import SmallStore, stored_sections


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_nul_in_a_text_is_left_out(store: SmallStore, tmp_path: Path, encoding: str) -> None:
    paper = tmp_path / "paper.txt"
    # In UTF-8, a file with NUL near its beginning counts as binary.
    long = "The river runs to the sea. " * 200
    paper.write_text(f"1.1\t{long}\n1.2\tThe st\0one lies at the gate.\n", encoding)

    assert store.ingest(paper).documents[0].status == "new"
    (document,) = store.catalog.documents()
    assert stored_sections(store.catalog, document.id)[-1].raw == "The stone lies at the gate."


def test_nul_in_a_sidecar_is_left_out(store: SmallStore, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("1.1\tThe stone lies at the gate.\n")
    (tmp_path / "paper.txt.meta.toml").write_text('title = "St\\u0000ones"\n')

    assert store.ingest(paper).documents[0].status == "new"
    (document,) = store.catalog.documents()
    assert document.title == "Stones"
