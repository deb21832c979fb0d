"""A process that publishes two documents of one number after the other, and claims a job each time, until it is killed.

    python -m tests.store.busy_store FOLDER

A line of output follows each round.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from store.jobs import Holder, SlackFile, SlackMessage, Submission, SubmissionStore
from tests.servers import database_url
from tests.small_store import open_store


def main(folder: Path) -> None:
    store = open_store(folder)
    jobs = SubmissionStore.open(database_url(folder))
    papers = folder.parent / "papers"
    papers.mkdir(exist_ok=True)
    for number in count(1):
        for name in ("a", "b"):
            (papers / f"{name}.txt").write_text(f"1.1\tThe {name} network has {number} lamps.\n")
        store.ingest(papers)
        message = SlackMessage("T1", "D1", f"{number}.1", "", "U1", "")
        submission = Submission(f"message/{number}", message, (SlackFile("F1", "a.txt"),), f"{number}.1")
        jobs.claim(submission, Holder("busy", 60.0))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
