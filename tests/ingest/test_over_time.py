"""Ingests of files that change, move and are copied: what is new, changed, unchanged, removed or failed."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cases import cases
from tests.small_store import SmallStore


def change_files(step: dict[str, Any]) -> None:
    """Move, copy, write and delete files below the working folder, in this order."""
    for former, name in step.get("move", {}).items():
        Path(former).rename(name)
    for name, to in step.get("link", {}).items():
        Path(name).symlink_to(to)
    for former, name in step.get("copy", {}).items():
        Path(name).parent.mkdir(exist_ok=True)
        shutil.copyfile(former, name)
    for name, text in step.get("write", {}).items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    for name, members in step.get("zip", {}).items():
        with zipfile.ZipFile(name, "w") as archive:
            for member in members:
                archive.writestr(member, f"1.1\tThe text of {member}.\n")
    for name in step.get("delete", ()):
        Path(name).unlink()


@pytest.mark.parametrize("steps", cases("ingests"))
def test_files_over_time(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch, steps: list[dict[str, Any]]
) -> None:
    monkeypatch.chdir(papers.parent)
    for step in steps:
        change_files(step)
        paths = [Path(name.replace("{root}", str(papers.parent))) for name in step["ingest"]]

        report = store.ingest(*paths, prune=step.get("prune", False))

        documents = store.catalog.documents() if store.catalog.has_documents() else []
        told = {
            "told": {row.source: row.status for row in report.documents},
            "errors": {row.source: row.error for row in report.documents if row.error},
            "held": {document.source: document.version for document in documents},
            "ids": [document.id for document in documents],
            "titles": [words for document in documents for words in (document.title, str(document.date))],
            "embedded": report.embedded,
        }
        expected = {name: step[name] for name in told if name in step}
        assert {name: told[name] for name in expected} == expected
        assert [words for words in step.get("said", ()) if words not in str(told["errors"].values())] == []
