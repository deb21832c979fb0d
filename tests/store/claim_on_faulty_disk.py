"""Claims questions as a bot does while the disk fails at each call in its turn; run by test_faulty_disk.py.

    LD_PRELOAD=faulty_disk.so python -m tests.store.claim_on_faulty_disk MODE WORK

Prints the number of calls that change files. Raises AssertionError if a claim that was confirmed is lost, if one is
confirmed twice, or if the same process cannot claim once the disk works again.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from store.engines import sqlite_url
from store.errors import StoreError
from store.jobs import Holder, SlackFile, SlackMessage, Submission, SubmissionStore, Upload
from tests.store.faulty_disk import FaultyDisk

_BOT = Holder("a bot", 60.0)
_WORK = Submission(
    "message/0", SlackMessage("T1", "D1", "1.1", "", "U1", "When?"), (SlackFile("F1", "a.txt"),), "1.1"
)


def _claims(bot: SubmissionStore, key: str) -> bool | None:
    """Whether a claim is the first one; None if it failed."""
    try:
        return bot.claim(Upload(replace(_WORK, key=key)), _BOT) is not None
    except StoreError:
        return None


def at(number: int, mode: str, base: Path, folder: Path, log: Path | None = None) -> None:
    shutil.copytree(base, folder)
    disk = FaultyDisk()
    bot = SubmissionStore.open(sqlite_url(folder / "itubot.sqlite"))
    disk.arm(folder, mode, number, log)
    claimed = {key: _claims(bot, key) for key in ("1", "2", "1", "3")}
    disk.disarm()
    again = {key: _claims(bot, key) for key in claimed}
    for key in claimed:
        assert again[key] is not None, "the bot does not go on"
        assert not (claimed[key] and again[key]), "a claim was lost"
    bot.close()
    other = SubmissionStore.open(sqlite_url(folder / "itubot.sqlite"))
    assert not any(_claims(other, key) for key in claimed), "a claim was lost"
    other.close()


def main(mode: str, work: Path) -> None:
    SubmissionStore.open(sqlite_url(work / "base" / "itubot.sqlite")).close()
    log = work / "log"
    at(-1, "c", work / "base", work / "whole", log)
    count = len(log.read_text().splitlines())
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            at(number, mode, work / "base", work / f"{number}")
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0, number
    print(count)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
