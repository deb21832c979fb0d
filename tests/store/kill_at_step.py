"""Writes a store in child processes, each of which kills itself at another step; run by test_kill.py.

    python -m tests.store.kill_at_step BASE WORK PAPERS     # ingests the papers
    python -m tests.store.kill_at_step BASE WORK            # builds the index anew, with another model

BASE is a data folder. Prints a line a step: the copy of it in WORK that the child left, and the step's name.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

# Imported before the children are made, but nothing is opened: they share no connection and no thread.
import chromadb  # noqa: F401

from ingest.report import IngestProgress
from store import publication, writer
from store.vectors.index import Index
from tests.small_store import open_store

_STEPS: list[tuple[Any, str]] = [
    (publication, "save_vectors"),
    (publication, "announce_segment"),
    (Index, "write_segment"),
    (publication, "publish"),
    (publication, "renew_passages"),
    (publication, "retire_segments"),
    (publication, "publish_segment"),
    (publication, "next_generation"),
    (publication, "delete_unused_vectors"),
    (Index, "drop"),
]


class Steps:
    """Counts the steps, and ends the process without a word at one of them."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.names: list[str] = []

    def reach(self, name: str) -> None:
        if len(self.names) == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(name)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def stepped(*args: Any, **kwargs: Any) -> Any:
            self.reach(name)
            return function(*args, **kwargs)

        return stepped


def write(folder: Path, papers: Path | None, fatal: int) -> list[str]:
    """Ingest or reindex, and return the names of the steps; the process ends at step `fatal`."""
    steps = Steps(fatal)
    for owner, name in _STEPS:
        setattr(owner, name, steps.around(name, getattr(owner, name)))
    # So that what is retired is dropped in the same run.
    writer._GRACE_SECONDS = -1.0

    def progress(step: IngestProgress) -> None:
        if step.phase != "read":  # nothing is written before
            steps.reach(f"{step.phase} {step.done} of {step.total}")

    if papers is None:
        open_store(folder, model="another").pipeline.reindex(progress)
    else:
        open_store(folder).pipeline.ingest([papers], prune=True, progress=progress)
    return steps.names


def child(base: Path, folder: Path, papers: Path | None, fatal: int) -> list[str]:
    """Write once to a copy of `base` in a process of its own; return the steps, none where it was killed."""
    shutil.copytree(base, folder)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, "\n".join(write(folder, papers, fatal)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return told.splitlines()


def main(base: Path, work: Path, papers: Path | None = None) -> None:
    names = child(base, work / "whole", papers, -1)
    for step, name in enumerate(names):
        folder = work / f"{step:03}"
        if child(base, folder, papers, step):
            raise SystemExit(f"it lived through step {step}, {name}")
        print(folder, name, sep="\t")  # noqa: T201


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
