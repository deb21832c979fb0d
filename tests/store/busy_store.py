"""A process that publishes versions of a document with one number in two paragraphs, and claims a job after each.

    python -m tests.store.busy_store FOLDER

A line of output follows each round, until it is killed.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from store.jobs import Holder, SlackFile, SlackMessage, Submission, SubmissionStore, Upload
from tests.servers import database_url
from tests.small_store import open_store


def main(folder: Path) -> None:
    store = open_store(folder)
    jobs = SubmissionStore.open(database_url(folder))
    papers = folder.parent / "papers"
    papers.mkdir(exist_ok=True)
    for number in count(1):
        texts = [f"1.{n}\tThe network {name} has {number} lamps.\n" for n, name in ((1, "A"), (2, "B"))]
        (papers / "a.txt").write_text("".join(texts))
        store.ingest(papers)
        message = SlackMessage("T1", "D1", f"{number}.1", "", "U1", "")
        submission = Submission(f"message/{number}", message, (SlackFile("F1", "a.txt"),), f"{number}.1")
        jobs.claim(Upload(submission), Holder("busy", 60.0))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
