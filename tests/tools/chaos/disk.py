"""A disk that can be filled: a file system in memory of its own, mounted over a folder."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEGABYTES = 512
_FILLER = "filler"


class Disk:
    """The disk that has a folder; `missing` says why there is none, "" where there is one."""

    def __init__(self, folder: Path, missing: str) -> None:
        self.missing = missing
        self._filler = folder / _FILLER

    def fill(self) -> None:
        """Leave no room, also none that has become free since the last call."""
        with self._filler.open("ab") as file:
            while (free := _free_bytes(self._filler.parent)) > 0:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), free)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return

    def make_room(self) -> None:
        self._filler.unlink()


@contextmanager
def mounted(folder: Path) -> Iterator[Disk]:
    """Give a folder a disk of its own while the context is open, where that is possible; what is on it stays."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        missing = done.stderr.strip() or "" if done.returncode else ""
        if done.returncode and not missing:
            missing = f"mount ends with exit code {done.returncode}"
    except OSError as error:
        missing = str(error)
    if missing:
        yield Disk(folder, missing)
        return
    try:
        yield Disk(folder, "")
    finally:
        kept = folder.with_name(f"{folder.name}-kept")
        shutil.copytree(folder, kept, ignore=shutil.ignore_patterns(_FILLER), ignore_dangling_symlinks=True)
        # Lazily: a process that was killed just now may still have a file open.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
        kept.rename(folder)


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
