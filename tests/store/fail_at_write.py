"""Writes a store in child processes, for each of which the disk fails at another call; run by test_faulty_disk.py.

    LD_PRELOAD=faulty_disk.so python -m tests.store.fail_at_write OPERATION MODES WORK NUMBERS

OPERATION is one of those below, WORK a new folder. NUMBERS is a slice of the calls that change files, as in "0::10";
these fail in MODES of `faulty_disk.c`, one after the other. Prints a line for each: mode, number and call, how the
operation ended, and what the store was afterwards, or what is wrong with that. A store is wrong that is neither the old
nor the new one, nor the old one with the first of the new documents, also after a further ingest, and so is whatever
nobody needs after that.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest.mock import patch

# Imported before the children are made, but nothing is opened: they share no connection and no thread.
import chromadb  # noqa: F401
from sqlalchemy import select

from store import publication
from store.backup import dump, open_archive, write_backup
from store.errors import StoreError
from store.jobs import Upload
from store.schema import jobs as jobs_table
from store.schema import passages, segments, vectors
from store.vectors.index import owned_folders
from store.writer import StoreWriter, rebuild_damaged_index
from tests.store.faulty_disk import FaultyDisk
from tests.store.places import PRIVATE, SUBMISSION, Holder, Place

_ALL = frozenset({"everybody", PRIVATE})
_NAMES = ("texts", "found", "jobs")
# What a data folder has. The files beside a database are SQLite's.
_EXPECTED = {"itubot.sqlite", "index", "library", "writer.lock"}
_BESIDE = ("-wal", "-shm")
ARCHIVE = "archive.zip"


def _folder(work: Path, name: str, text: str) -> Path:
    folder = work / name
    folder.mkdir()
    (folder / f"{name}.txt").write_text(f"1.1\t{text}\n")
    return folder


def prepare(work: Path) -> None:
    """Make a store, `base`; another one's archive; and folders to ingest."""
    old = _folder(work, "old", "The old stone lies at the gate.")
    _folder(work, "new", "The new stone lies at the river.")
    _folder(work, "further", "A further stone lies at the bridge.")
    (work / "new" / "old.txt").write_text("1.1\tThe old stone was moved to the sea.\n")
    Place(work / "empty").close()
    for name, papers in (("other", work / "new"), ("base", old)):
        place = Place(work / name)
        place.store.ingest(papers)
        place.jobs.claim(Upload(replace(SUBMISSION, key=name)), Holder("a bot that is gone", 60.0))
        if name == "other":
            place.store.ingest_stored(place.store.send("sent.txt", b"1.1\tA stone that was sent.\n", 20.0))
            write_backup(place.whole, work / ARCHIVE)
        place.close()


def _ingest(place: Place, work: Path) -> None:
    place.store.ingest(work / "new")


def _send(place: Place, _work: Path) -> None:
    place.store.ingest_stored(place.store.send("sent.txt", b"1.1\tA stone that was sent.\n", 20.0))


def _restore(place: Place, work: Path) -> None:
    place.restore(work / ARCHIVE)


def _backup(place: Place, _work: Path) -> None:
    write_backup(place.whole, place.store.folder / ARCHIVE)


# Name -> the data folder that is written, and how.
OPERATIONS: dict[str, tuple[str, Callable[[Place, Path], None]]] = {
    "ingest": ("base", _ingest),
    "first-ingest": ("empty", _ingest),
    "send": ("base", _send),
    "restore": ("empty", _restore),
    "backup": ("base", _backup),
}


def seen(place: Place) -> list[str]:
    """Return what a store answers with: all that readers see but the time of an ingest, what is found, and the jobs."""
    archive = place.store.folder / ARCHIVE
    if archive.exists():
        open_archive(archive)
    with place.state.connect() as connection:
        jobs = repr(list(dump(connection, jobs_table)))
    if not place.store.catalog.has_documents():
        return ["", "", jobs]
    with place.store.catalog.seen_by(_ALL).snapshot() as view:
        documents = view.documents()
        versions = [replace(v, ingested_at=None) for one in documents for v in view.versions(one.id)]
        sections = [[section.text for section in view.sections_of(one.id)] for one in documents]
    # A restore may be complete but for its index, without which full text answers until a bot builds it.
    assert place.store.search.search("stone").hits
    rebuild_damaged_index(place.store.catalog, place.store.index, place.store.folder)
    # The vectors alone, and both together.
    vector = place.store.embedder.encode_question("stone")
    near = place.store.index.query(publication.live_segments(place.store.catalog), vector, 100)
    found = sorted(place.store.found("stone"))
    return [repr((versions, sections)), repr((sorted(key for part in near for key in part), found)), jobs]


def orphans(place: Place) -> list[str]:
    """Return what nobody needs, after a maintenance at a time when no reader has an earlier state."""
    store, folder = place.store, place.store.folder
    store.maintain(clock=lambda: 4e9)
    for part in folder.glob(".*.part"):
        # The next backup deletes what a killed one left a day before.
        os.utime(part, (0, 0))
        write_backup(place.whole, folder / ARCHIVE)
    with store.catalog.seen_by(_ALL).snapshot() as view:
        originals = {one.original for one in view.documents() if one.original}
    store.storage.delete_unused(originals, datetime.now(UTC) + timedelta(days=40))
    live = set(publication.live_segments(store.catalog))
    with store.catalog.engine.connect() as connection:
        unused = vectors.c.key.not_in(select(passages.c.key))
        found = [
            *(set(connection.scalars(select(segments.c.name))) ^ live),
            *connection.scalars(select(vectors.c.key).where(unused)),
        ]
    found += store.index.names() ^ live
    index = folder / "index"
    expected = owned_folders(index)
    found += [
        path.name
        for path in index.iterdir()
        if path.name not in expected and "chroma.sqlite3" not in path.name
    ]
    found += {path.name for path in (folder / "library").rglob("*") if path.is_file()} ^ originals
    files = {path.name.removesuffix(_BESIDE[0]).removesuffix(_BESIDE[1]) for path in folder.iterdir()}
    return sorted(map(str, found)) + sorted(files - _EXPECTED - {ARCHIVE})


def in_child(work: Callable[[], Any]) -> Any:
    """Return what a function returns in a process of its own; None where that was killed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            told = {"result": work()}
        except BaseException:
            told = {"raised": traceback.format_exc()}
        with os.fdopen(writing, "w") as pipe:
            json.dump(told, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(told) if told else None


class Run:
    """One operation, at whose n-th call the disk fails."""

    def __init__(self, operation: str, work: Path) -> None:
        self.work = work
        self.base, self.operate = OPERATIONS[operation]
        self.disk = FaultyDisk()
        whole = self.copy("whole")
        self.log = whole.with_suffix(".log")
        ended = in_child(lambda: self.write(whole, "c", -1, self.log))
        assert ended == {"result": ""}, ended
        self.calls = self.log.read_text().splitlines()
        part = self.copy("part")
        in_child(lambda: self.begin(part))
        self.states = {
            name: self.expected(folder)
            for name, folder in (("old", self.copy("before")), ("part", part), ("new", whole))
        }

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.work / self.base, self.work / name))

    def begin(self, folder: Path) -> None:
        """Do the operation up to the publication of its first document, if it publishes any."""
        publish, published = StoreWriter.publish, []

        def first(*arguments: Any) -> Any:
            if published:
                raise StoreError("it is stopped")
            published.append(publish(*arguments))
            return published[0]

        with patch.object(StoreWriter, "publish", first), suppress(StoreError):
            self.operate(Place(folder), self.work)

    def expected(self, folder: Path) -> list[list[str]]:
        """Return what a store answers with, before a further ingest and after it."""

        def both() -> list[list[str]]:
            place = Place(folder)
            before = seen(place)
            place.store.ingest(self.work / "further")
            after, left = seen(place), orphans(place)
            assert not left, left
            place.close()
            return [before, after]

        told = in_child(both)
        assert "result" in told, told
        return told["result"]

    def write(self, folder: Path, mode: str, number: int, log: Path | None = None) -> str:
        """Do the operation in this process on a failing disk; return its error. Then go on, on a disk that works."""
        self.disk.arm(folder, mode, number, log)
        error = ""
        place = None
        try:
            place = Place(folder)
            self.operate(place, self.work)
            place.close()
        except (StoreError, OSError) as raised:
            error = str(raised)
        self.disk.disarm()
        if error:
            # Its connections and its index are those that have seen the faults.
            self.verify(place or Place(folder), f"the process that got {error!r}")
        return error

    def verify(self, place: Place, who: str) -> str:
        """Raise AssertionError unless the store has whole documents, and a further ingest works."""
        now = seen(place)
        name = next((name for name, (state, _) in self.states.items() if state == now), "")
        assert name, f"{who} sees {self.compared(now, 0)}"
        place.store.ingest(self.work / "further")
        then = seen(place)
        assert then == self.states[name][1], f"{who} sees after a further ingest {self.compared(then, 1)}"
        left = orphans(place)
        assert not left, f"{who} leaves {left}"
        return name

    def compared(self, now: Sequence[str], at: int) -> str:
        told = []
        for part, label in enumerate(_NAMES):
            same = [name for name, states in self.states.items() if states[at][part] == now[part]]
            told.append(f"{label} {' and '.join(same) or now[part]}")
        return ", ".join(told)

    def at(self, number: int, mode: str) -> tuple[str, str]:
        """Return how the operation ended, and the state of the store after it, or what is wrong with it."""
        folder = self.copy(f"{number:05}")
        ended = in_child(lambda: self.write(folder, mode, number))
        try:
            if ended is not None:
                if "raised" in ended:
                    return "failed", ended["raised"]
                if ended["result"]:
                    return ended["result"], "verified"
            # Nobody had it open: another process finds it so.
            told = in_child(lambda: self.verify(Place(folder), "another process"))
            return "killed" if ended is None else "done", told.get("result") or told["raised"]
        finally:
            with suppress(OSError):
                shutil.rmtree(folder)


def main(operation: str, modes: str, work: str, numbers: str) -> None:
    Path(work).mkdir(exist_ok=True)
    told = in_child(lambda: prepare(Path(work)))
    assert told == {"result": None}, told
    run = Run(operation, Path(work))
    chosen = slice(*(int(number) if number else None for number in numbers.split(":")))
    for number, mode in zip(range(len(run.calls))[chosen], cycle(modes)):
        ended, state = run.at(number, mode)
        print(f"{mode} {run.calls[number]}", ended, state, sep="\t", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
