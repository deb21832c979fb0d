"""What a reader that a file has taken over cannot do, where the system has all layers and where it lacks some."""

from __future__ import annotations

import ctypes
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ingest.errors import NotReadable
from ingest.readers.sandbox import process
from ingest.readers.sandbox.probe import possible_attacks
from ingest.readers.sandbox.process import ReadingProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is closed on other systems")

ROOT = Path(__file__).parents[3]
OBEDIENT = (sys.executable, "-I", str(Path(__file__).with_name("odd_child.py")), "obedient")
PAGE = b"<html><h1>Title</h1><p>The Forum is held in Geneva."
FILES, CALLS = "close_files", "close_calls"
# What may be possible without a layer. The network namespace closes more, where the system allows one.
OPEN_WITHOUT = {
    (): set(),
    (FILES,): {"read files", "read the environment of the program"},
    (CALLS,): {"change files", "send by UDP", "connect to Unix sockets", "outlive the program"},
}


def lacks_layers() -> bool:
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return True
    version = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)
    return int(version) < 6 or not Path("/proc/sys/kernel/seccomp").exists()


@pytest.mark.skipif(lacks_layers(), reason="this system has no Landlock of version 6, or no seccomp")
@pytest.mark.parametrize("without", OPEN_WITHOUT)
def test_each_layer_closes_what_the_page_says(without: tuple[str, ...]) -> None:
    possible = possible_attacks(partial(ReadingProcess, None, (*OBEDIENT, *without)))
    assert set(possible or ()) <= OPEN_WITHOUT[without]


def test_the_attacks_are_possible_where_nothing_is_closed() -> None:
    possible = possible_attacks(partial(ReadingProcess, None, (*OBEDIENT, FILES, CALLS)))
    assert set(possible or ()) >= {
        "read files",
        "change files",
        "write files",
        "delete files",
        "signal the program",
    }
    assert "raise its limits" not in (possible or ())


def order(reading: ReadingProcess, what: str) -> str:
    """Return what a process says that obeys its files."""
    with pytest.raises(NotReadable) as said:
        reading.read("a.md", what.encode())
    return str(said.value)


@pytest.fixture(scope="module")
def obedient() -> Iterator[ReadingProcess]:
    with ReadingProcess(None, OBEDIENT) as reading:
        yield reading


def test_it_has_no_secret_no_file_and_hard_limits(
    obedient: ReadingProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        has = json.loads(order(obedient, "tell"))

    assert "LANG" in has["environment"]
    assert set(has["environment"]) <= {*process._PASSED_ON, *process._ADDED}
    # Standard input, output and errors are the null device, and its answer goes into a pipe.
    assert has["files"] == ["device"] * 3 + ["pipe"]
    memory = 450_000_000 + 2 * len("tell")
    assert has["limits"] == {
        "RLIMIT_AS": [memory, memory],
        "RLIMIT_CPU": [300, 301],
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_FSIZE": [0, 0],
        "RLIMIT_NPROC": [0, 0],
    }


def test_a_file_changes_nothing_for_the_files_after_it(obedient: ReadingProcess) -> None:
    assert order(obedient, "forge") == "done"
    assert obedient.read("a.html", PAGE).title == "Title"
    assert obedient.read("b.html", PAGE).title == "Title"


def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    program = (
        "import sys; from tests.ingest.readers.test_confinement import *\n"
        "with ReadingProcess(None, (*OBEDIENT, FILES, CALLS)) as reading:\n"
        "    order(reading, 'survive ' + sys.argv[1])\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(fifo)], cwd=ROOT)
    with fifo.open("rb", buffering=0) as alive:
        original = os.pidfd_open(int(alive.readline()))
        parent.kill()
        parent.wait()
        for one in (alive, original):
            # The pipe is closed when the process that reads the file has ended.
            assert select.select([one], [], [], 30)[0], "it goes on without the program"
        assert alive.read() == b""
    os.close(original)
