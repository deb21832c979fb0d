"""What a reader that a file has taken over cannot do, where the system has all layers and where it lacks some."""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import pytest

from ingest.readers.sandbox import process
from ingest.readers.sandbox.probe import possible_attacks
from ingest.readers.sandbox.process import ReadingProcess
from tests.ingest.readers.attacked import CALLS, FILES, HOSTILE, WITHOUT, ask
from tests.ingest.readers.attacks import ATTACKS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is closed on other systems")

ROOT = Path(__file__).parents[3]
PAGE = b"<html><h1>Title</h1><p>The Forum is held in Geneva."
# As a container with Docker's default profile: no rights of an administrator, and no new namespaces.
REFUSED = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"',
    "sh",
)
LIMITS = {"raise a limit"}
PRIVATE = {
    "read the environment of the program",
    "see the open files of the program",
    "open the memory of the program",
    "open the memory of its own parent",
}
NETWORK = {"connect by TCP", "send by UDP", "connect to an abstract Unix socket"}
# What is closed where the system has no namespaces ("refused"), or lacks a layer.
CLOSED = {
    ("here", "neither"): LIMITS | PRIVATE | NETWORK,
    ("refused", "no Landlock"): set(ATTACKS) - {"read a file", "list a folder"},
    ("refused", "no seccomp"): set(ATTACKS)
    - {"change permissions", "send by UDP", "connect to a Unix socket", "outlive the program"},
    ("refused", "neither"): LIMITS | PRIVATE,
}


def works(*command: str) -> bool:
    """Whether a command of the system is there and ends without an error."""
    return bool(shutil.which(command[0])) and not subprocess.run(command, capture_output=True).returncode


@cache
def missing(layer: str) -> str:
    """Return why this system does not have a layer; an empty text if it has it."""
    libc = ctypes.CDLL(None)
    if layer == FILES:
        version = libc.syscall(444, None, ctypes.c_size_t(0), 1)
        return "" if version >= 6 else f"the kernel has no Landlock of version 6 (it says {version})"
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError as error:
        return f"libseccomp is missing ({error})"
    return "" if Path("/proc/sys/kernel/seccomp").exists() else "the kernel has no seccomp"


def attack(surroundings: str, way: str, folder: Path) -> dict[str, dict[str, str]]:
    """Return what came of all attacks, by the program itself and by a reading process."""
    for layer in {FILES, CALLS} - set(WITHOUT[way]):
        if reason := missing(layer):
            pytest.skip(reason)
    before = REFUSED if surroundings == "refused" else ()
    if before and not works(*before, "true"):
        pytest.skip("this system makes no surroundings without namespaces")
    command = [*before, sys.executable, "-m", "tests.ingest.readers.attacked", str(folder), way]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    outcomes: dict[str, dict[str, str]] = json.loads(done.stdout)
    return outcomes


@pytest.mark.parametrize("surroundings", ["here", "refused"])
def test_a_reader_that_was_taken_over_can_do_nothing_that_the_program_can(
    surroundings: str, tmp_path: Path
) -> None:
    outcomes = attack(surroundings, "all", tmp_path)

    assert {name for name, what in outcomes["all"].items() if what == "done"} == set()
    possible = {name for name, what in outcomes["control"].items() if what == "done"}
    # The parent of the program may be outside its namespace.
    assert possible >= set(ATTACKS) - {"open the memory of its own parent"}


@pytest.mark.slow
@pytest.mark.parametrize(("surroundings", "way"), CLOSED)
def test_without_a_layer_the_others_close_what_the_page_says(
    surroundings: str, way: str, tmp_path: Path
) -> None:
    if surroundings == "here" and not works("unshare", "-n", "true") and not works("unshare", "-rn", "true"):
        pytest.skip("this system lets no process give up its network")

    outcomes = attack(surroundings, way, tmp_path)

    assert {name for name in CLOSED[surroundings, way] if outcomes[way][name] == "done"} == set()


@pytest.fixture(scope="module")
def hostile() -> Iterator[ReadingProcess]:
    with ReadingProcess(None, HOSTILE) as reading:
        yield reading


def test_it_has_no_secret_no_file_and_hard_limits(
    hostile: ReadingProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        has = json.loads(ask(hostile, "tell", {}))

    assert "LANG" in has["environment"]
    assert set(has["environment"]) <= {*process._PASSED_ON, *process._ADDED}
    # Standard input, output and errors are the null device, and its answer goes into a pipe.
    assert [has["files"].pop(fd) for fd in "012"] == ["device"] * 3
    assert list(has["files"].values()) == ["pipe"]
    assert has["limits"].pop("RLIMIT_CPU") == [300, 301]
    memory = has["limits"].pop("RLIMIT_AS")
    assert memory[0] == memory[1] == 450_000_000 + 2 * len(json.dumps({"attack": "tell", "targets": {}}))
    assert set(map(tuple, has["limits"].values())) == {(0, 0)}


def test_a_file_changes_nothing_for_the_files_after_it(hostile: ReadingProcess) -> None:
    assert ask(hostile, "forge", {}) == "done"
    assert hostile.read("a.html", PAGE).title == "Title"
    assert hostile.read("b.html", PAGE).title == "Title"


def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    program = (
        "import sys; from tests.ingest.readers.attacked import *\n"
        "with ReadingProcess(None, (*HOSTILE, FILES, CALLS)) as reading:\n"
        "    ask(reading, 'survive', {'fifo': sys.argv[1]})\n"
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


def test_it_reads_nothing_that_a_program_left_when_it_ended() -> None:
    request = {
        "name": "a.html",
        "size": len(PAGE),
        "memory": 450_000_000,
        "seconds": 300,
        "answer": 1_000_000,
    }
    whole, foreign = (
        json.dumps({**request, "parent": parent}).encode() + b"\n" + PAGE
        for parent in (os.getpid(), os.getppid())
    )

    def read(sent: bytes) -> bytes:
        command = [sys.executable, "-I", "-m", "ingest.readers.sandbox.child"]
        return subprocess.run(command, input=sent, stdout=subprocess.PIPE, check=True).stdout

    # The rest of the second file does not come.
    assert read(whole + whole[:-1]).count(b"Geneva") == 1
    # Another process has become the parent.
    assert read(foreign) == b""


def test_the_probe_of_the_doctor_finds_what_is_possible() -> None:
    closed = possible_attacks()
    opened = possible_attacks(partial(ReadingProcess, None, (*HOSTILE, FILES, CALLS)))

    if not missing(FILES) and not missing(CALLS):
        assert closed == []
    assert opened is not None
    assert set(opened) >= {"read files", "change files", "write files", "delete files", "signal the program"}
    assert "raise its limits" not in opened
