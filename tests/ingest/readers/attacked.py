"""The program, with a reading process that was taken over: `python -m tests.ingest.readers.attacked FOLDER WAY`.

Prints a JSON object: what came of each attack, by this program itself ("control") and by a reading process of that way.
`tests.ingest.readers.test_confinement` starts it in several surroundings.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.subprocesses import forbid_inspection
from ingest.errors import NotReadable
from ingest.readers.sandbox.process import ReadingProcess
from tests.ingest.readers.attacks import ATTACKS, outcome

HOSTILE = (sys.executable, "-I", str(Path(__file__).with_name("attacks.py")))
FILES, CALLS = "close_files", "close_calls"
WITHOUT = {"all": (), "no Landlock": (FILES,), "no seccomp": (CALLS,), "neither": (FILES, CALLS)}


def ask(reading: ReadingProcess, attack: str, targets: dict[str, Any]) -> str:
    """Return what a file says that it did."""
    try:
        reading.read("a.md", json.dumps({"attack": attack, "targets": targets}).encode())
    except NotReadable as refused:
        return str(refused)
    raise AssertionError("the reader obeyed no order")


def main(folder: Path, way: str) -> None:
    """Try every attack."""
    # The control traces its own.
    waiting = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
    other, traced = (subprocess.Popen(waiting, stdin=subprocess.PIPE) for _ in range(2))
    tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    path, abstract = folder / "socket", f"itubot-{os.getpid()}"
    unix, hidden = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    unix.bind(str(path))
    hidden.bind("\0" + abstract)
    for one in (unix, hidden):
        one.listen()
    targets = {
        "parent": os.getpid(),
        "other": other.pid,
        "tcp": tcp.getsockname()[1],
        "udp": udp.getsockname()[1],
        "unix": str(path),
        "abstract": abstract,
    }

    def own(who: str, attack: str) -> dict[str, Any]:
        mine = folder / who / attack
        mine.mkdir(parents=True)
        (mine / "file").write_text("secret")
        if attack == "link to a file":
            (mine / "file").rename(mine / "file.x")
        return {**targets, "folder": str(mine), "file": str(mine / "file")}

    control = {"other": traced.pid, "control": True}
    seen = {"control": {attack: outcome(attack, {**own("control", attack), **control}) for attack in ATTACKS}}
    forbid_inspection()
    with ReadingProcess(None, (*HOSTILE, *WITHOUT[way])) as reading:
        seen[way] = {attack: ask(reading, attack, own(way, attack)) for attack in ATTACKS}
    for process in (other, traced):
        process.communicate()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
