"""`itubot changes` on a store: whole versions in, what is shown out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.cli import main
from bot.settings import Settings
from tests.small_store import REPORT, SmallStore

CHANGED = (
    REPORT.replace("7 to 11 July", "14 to 18 July")
    .replace("eighty-four", "ninety")
    .replace("2.2\tIts secretary is appointed by the Council.\n", "")
)

Changes = Callable[..., tuple[int, str, str]]


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    return folder


@pytest.fixture
def changes(
    store: SmallStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Changes:
    """Run the command on the store; returns the exit code, stdout and stderr."""
    monkeypatch.chdir(store.folder.parent)

    def run(*arguments: str) -> tuple[int, str, str]:
        def make(_: Settings) -> SimpleNamespace:
            return SimpleNamespace(catalog=store.catalog, shared=store)

        code = main(["changes", *arguments], make)  # type: ignore[arg-type]
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def ingest_versions(store: SmallStore, papers: Path, *versions: str, name: str = "report.txt") -> None:
    for text in versions:
        (papers / name).write_text(text)
        store.ingest(papers)


def test_reworded_paragraph_is_shown_word_by_word(store: SmallStore, papers: Path, changes: Changes) -> None:
    ingest_versions(store, papers, REPORT, CHANGED)
    assert "The Schools Alliance has [-eighty-four-] {+ninety+} partners." in changes("report.txt")[1]


def test_called_off_date_is_listed(store: SmallStore, papers: Path, changes: Changes) -> None:
    off = REPORT.replace(
        "will be held in Geneva from 7 to 11 July 2025.", "of 7 to 11 July 2025 in Geneva has been cancelled."
    )
    ingest_versions(store, papers, REPORT, off)
    dates = json.loads(changes("report.txt", "--json")[1])["dates"]
    assert "cancelled" in {d["kind"] for d in dates}


def test_without_a_source_it_is_the_document_that_changed_last(
    store: SmallStore, papers: Path, changes: Changes
) -> None:
    ingest_versions(store, papers, REPORT, CHANGED)
    ingest_versions(store, papers, "1.1\tA note on spectrum.\n", name="note.txt")
    assert json.loads(changes("--json")[1])["source"] == "report.txt"


def test_single_version_is_one_line(store: SmallStore, papers: Path, changes: Changes) -> None:
    ingest_versions(store, papers, REPORT)
    code, shown, _ = changes("report.txt")
    assert (code, shown.count("\n")) == (0, 1)
    assert "only one version of report.txt" in shown


def test_unknown_source_is_the_same_error_as_for_remove(
    store: SmallStore, papers: Path, changes: Changes
) -> None:
    ingest_versions(store, papers, REPORT)
    code, shown, error = changes("other.txt")
    assert (code, shown) == (1, "")
    assert error == "itubot: no document 'other.txt'; `itubot documents` lists them\n"


def test_without_documents_it_says_to_ingest(changes: Changes) -> None:
    code, _, error = changes()
    assert code == 1
    assert "itubot ingest" in error
