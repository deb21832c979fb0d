"""The command line as its own process: what it imports, pipes that close, signals, a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from functools import partial
from pathlib import Path

import pytest

from tests import loaded
from tests.conftest import copy_data

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]

HEAVY = (
    "torch",
    "chromadb",
    "sentence_transformers",
    "transformers",
    "slack_bolt",
    "langchain",
    "structlog",
    "prometheus_client",
)
# A fresh process imports the language model's library; on a busy machine that takes its time.
PATIENCE = 240


def environment() -> dict[str, str]:
    """Nothing that makes the program or its libraries do anything but the usual."""
    ours = ("ITUBOT_", "SLACK_", "HF_HUB_", "TRANSFORMERS_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return own | {"PYTHONPATH": str(Path(__file__).parents[2])}


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def itubot(
    folder: Path, *arguments: str, module: str = "bot", **settings: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment() | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, ingested: Path) -> Path:
    """A folder whose store holds the bundled report."""
    folder = tmp_path_factory.mktemp("filled")
    copy_data(ingested, folder / "data")
    return folder


@pytest.mark.parametrize("arguments", [["--help"], ["documents"], ["deadlines"], ["digest"]])
def test_commands_without_vectors_load_no_model(filled: Path, arguments: list[str]) -> None:
    run = python(
        filled,
        f"import sys; from bot.cli import main; code = main({arguments!r}); "
        f"print(*sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr); sys.exit(code)",
    )

    assert (run.returncode, run.stderr) == (0, "\n")


def test_error_is_one_json_object_where_logs_are(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bot", "documents"],
        cwd=tmp_path,
        env=environment() | {"ITUBOT_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, json.loads(run.stderr)["level"]) == (1, "error")
    assert "itubot ingest" in json.loads(run.stderr)["event"]


def test_closed_pipe_is_no_error(filled: Path) -> None:
    command = f"'{sys.executable}' -m bot documents --json | true"
    run = subprocess.run(
        ["sh", "-c", command], cwd=filled, env=environment(), capture_output=True, text=True, check=False
    )

    assert run.stderr == ""


def test_without_a_store_every_question_says_to_ingest(tmp_path: Path) -> None:
    run = itubot(tmp_path, "ask", "When is the Summit of the Future?")

    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert "itubot ingest" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_answer_needs_no_torch_once_the_ingest_has_exported_the_model(filled: Path) -> None:
    run = itubot(filled, "ask", "When is the Summit of the Future?", module="tests.loaded")

    assert run.stderr == f"{loaded.NONE}\n"
    assert "September 2024" in run.stdout


def test_the_answer_in_the_readme_is_the_programs_and_libraries_are_silent(filled: Path) -> None:
    """`make pictures` writes it anew."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = re.search(
        r"<!-- answer -->\n```\n\$ itubot ask \"(.*?)\" --as-of (\S+)\n(.*?)As of", readme, re.DOTALL
    )
    assert block is not None
    question, as_of, shown = block.groups()

    run = itubot(filled, "ask", question, "--as-of", as_of)

    assert run.stderr == ""
    assert run.stdout.partition("As of")[0].split() == shown.split()


class Terminal:
    """A process on a terminal of its own, 80 columns wide."""

    def __init__(self, folder: Path, *arguments: str, module: str = "bot") -> None:
        self.screen, inner = pty.openpty()
        termios.tcsetwinsize(inner, (40, 80))
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env=environment() | {"TERM": "xterm-256color"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            # A shell that starts the tests in the background lets them ignore Ctrl-C, which processes inherit.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        os.close(inner)
        self.seen = ""

    def type(self, keys: str) -> None:
        os.write(self.screen, keys.encode())

    def wait_for(self, words: str) -> None:
        """Read until `words` have been shown since the last call, styles left out."""
        deadline = time.monotonic() + PATIENCE
        # Not `select`: it takes no file number above 1023, and a long run of tests has such.
        screen = select.poll()
        screen.register(self.screen, select.POLLIN)
        while words not in self.seen:
            ready = screen.poll(1000 * max(0.0, deadline - time.monotonic()))
            assert ready, f"{words!r} never came; the screen: {self.seen[-2000:]!r}"
            shown = os.read(self.screen, 65536).decode(errors="replace")
            self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
        self.seen = self.seen.partition(words)[2]

    def close(self) -> int:
        """Return the exit code."""
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            os.close(self.screen)


def test_a_conversation_with_a_source_and_ctrl_d_needs_no_torch(filled: Path) -> None:
    terminal = Terminal(filled, "chat", module="tests.loaded")
    terminal.wait_for("›")
    terminal.type("On which days is the Summit of the Future?\r")
    terminal.wait_for("Sources")
    terminal.wait_for("›")
    terminal.type("/source 1\r")
    terminal.wait_for("Preparations for the Summit of the Future")
    terminal.wait_for("›")
    terminal.type("\x04")

    terminal.wait_for(loaded.NONE)
    assert terminal.close() == 0


def test_ctrl_c_ends_with_130_and_without_a_traceback(filled: Path) -> None:
    terminal = Terminal(filled, "run", "When is the Summit of the Future?")
    terminal.wait_for("Reading the documents")
    terminal.process.send_signal(signal.SIGINT)

    assert terminal.close() == 130


def modes(folder: Path) -> set[tuple[bool, str]]:
    """Return the modes of all that is below a folder, with whether they are those of folders."""
    return {(path.is_dir(), oct(path.stat().st_mode & 0o777)) for path in (folder, *folder.rglob("*"))}


def test_files_of_the_program_are_private(ingested: Path) -> None:
    assert modes(ingested) == {(True, "0o700"), (False, "0o600")}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process close its memory")
def test_environment_and_memory_are_closed_to_other_processes(tmp_path: Path) -> None:
    run = python(
        tmp_path,
        "from bot.cli import main; from tests.bot.subprocess_functions import is_open_to_inspection as is_open; "
        "print(is_open(print)); main(['--version']); print(is_open(print))",
    )

    assert (run.stdout.splitlines()[0], run.stdout.splitlines()[-1]) == ("True", "False")
