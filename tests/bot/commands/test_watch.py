"""`itubot ingest --watch`: what makes it ingest, what it survives, and the real process."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.cli import main
from bot.commands.ingest import changed, ingest_line, keep_current
from ingest.errors import NothingToIngest
from ingest.report import FileOutcome, IngestReport
from store.errors import StoreBusy
from tests.bot.test_cli_process import PATIENCE, environment, itubot
from tests.conftest import lend

pytestmark = pytest.mark.timeout(300)

DONE = IngestReport((FileOutcome("a.txt", "changed", 3, 1), FileOutcome("b.txt", "unchanged", 2)), 1, 0.4)


def keep(changes: list[bool], *outcomes: IngestReport | Exception) -> int:
    """Run `keep_current` over `changes`; ingests give `outcomes` in order. Returns how many are left."""
    left = list(outcomes)

    def ingest() -> IngestReport:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    keep_current(iter(changes), ingest)
    return len(left)


def test_watch_ingests_at_the_start_and_after_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert keep([False, False, True, False, True], DONE, DONE, DONE) == 0
    assert capsys.readouterr().out.count("a.txt changed: 1 changed, 1 unchanged; 1 text embedded") == 3


def test_watch_retries_while_another_process_writes_and_says_so_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    busy = StoreBusy("another ingest is under way")
    assert keep([False, False, False, False], busy, busy, DONE) == 0
    assert capsys.readouterr().err.count("another ingest is under way") == 1


def test_a_folder_without_documents_waits_for_its_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert keep([False, False, True], NothingToIngest("no document found"), DONE) == 0
    assert "no document found" in capsys.readouterr().err


def test_failed_file_is_named_with_its_reason() -> None:
    report = IngestReport((FileOutcome("scan.pdf", "failed", error="it has no text"),), 0, 0.1)
    assert ingest_line(report) == "scan.pdf failed (it has no text): 1 failed; 0 texts embedded in 0.1 s"


def start_watch(path: Path, data_dir: Path) -> Iterator[bool]:
    watching = changed([path], data_dir)
    assert next(watching) is False  # the watch is active
    return watching


def test_a_new_file_is_a_change(tmp_path: Path) -> None:
    watching = start_watch(tmp_path, tmp_path / "data")
    (tmp_path / "report.txt").write_text("1.1\tNew.")
    assert any(next(watching) for _ in range(20))


def test_other_files_are_no_change(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    watching = start_watch(tmp_path, tmp_path / "data")
    for name in (".hidden.txt", "~$report.docx", "data/catalog.sqlite"):
        (tmp_path / name).write_text("x")
    assert not any(next(watching) for _ in range(3))


def test_replaced_file_is_a_change(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text("1.1\tOld.")
    (tmp_path / "new").write_text("1.1\tNew.")
    watching = start_watch(report, tmp_path / "data")
    (tmp_path / "new").replace(report)
    assert any(next(watching) for _ in range(20))


@pytest.mark.parametrize("arguments", [["ingest", "--watch"], ["ingest", "papers", "--watch", "--json"]])
def test_watch_without_a_path_or_with_json_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers").mkdir()
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--watch" in err


def test_missing_folder_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["ingest", "papers", "--watch"]) == 1
    assert capsys.readouterr().err == "itubot: papers: there is no such file or folder\n"


class Watcher:
    """The real process, watching the folder `papers`."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "ingest", "papers", "--watch", "--prune"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
            # Tests that run in the background ignore the signal, and so would their processes.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, words: str) -> None:
        """Wait for a line that has `words`; one that does not come fails the test."""
        while words not in self._lines.get(timeout=PATIENCE):
            pass

    def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def watcher(tmp_path: Path, exported: Path) -> Iterator[Watcher]:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "report.txt").write_text("1.1\tThe Forum is in Geneva on 7 July 2025.\n")
    lend(exported, tmp_path / "data")
    watching = Watcher(tmp_path)
    yield watching
    watching.process.kill()
    watching.process.wait(PATIENCE)


def documents(folder: Path) -> list[tuple[str, int]]:
    listed = json.loads(itubot(folder, "documents", "--json").stdout)
    return [(document["source"], document["version"]) for document in listed]


@pytest.mark.slow
def test_watch_process_sees_changed_and_renamed_files_and_ends_at_ctrl_c(
    watcher: Watcher, tmp_path: Path
) -> None:
    watcher.until("report.txt new")
    (tmp_path / "papers" / "report.txt").write_text("1.1\tThe Forum is in Geneva on 14 July 2025.\n")
    watcher.until("report.txt changed")
    assert documents(tmp_path) == [("report.txt", 2)]
    (tmp_path / "papers" / "report.txt").rename(tmp_path / "papers" / "other.txt")
    watcher.until("report.txt removed")
    assert [source for source, _ in documents(tmp_path)] == ["other.txt"]
    assert watcher.interrupt() == 130
