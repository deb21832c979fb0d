"""Restores an archive, and ends as `kill -9` ends a process, at one step.

python -m tests.store.killed_restore FOLDER ARCHIVE STEP
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path

from store.catalog import tables
from store.vectors import Index
from tests.store.places import Place

_RESTORE = importlib.import_module("store.backup.backup")
# In the order in which they are reached; the last one is just before the end of the transaction.
STEPS = {
    "_restore_files": _RESTORE,
    "retire_segments": tables,
    "load": _RESTORE,
    "_build_full_text": _RESTORE,
    "write_segment": Index,
    "publish_segment": tables,
    "report": _RESTORE,
}


def main(folder: Path, archive: Path, step: str) -> None:
    setattr(STEPS[step], step, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    Place(folder).restore(archive, replace=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
