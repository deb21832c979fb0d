"""Fills a new store with one of everything. An earlier version runs it, so it uses only the API of that one.

python fill.py FOLDER
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from bot.register.corrections import EntryEdit
from bot.register.repository import correct, load_register
from store.jobs import (
    DigestStore,
    Holder,
    MessageRef,
    QuestionStore,
    SlackFile,
    SlackMessage,
    Submission,
    SubmissionStore,
)
from tests.servers import state_url
from tests.small_store import open_store

DAY = date(2025, 5, 1)
FIRST = """1. Forum
1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.
1.2\tThe Global Digital Compact (GDC) has eighty-four partners.
"""
SECOND = FIRST.replace("7 to 11 July", "14 to 18 July") + "1.3\tThe stone lies at the gate.\n"
PRIVATE = "1.1\tThe Lunar Quiet Zone will be declared on 3 June 2025.\n"
REMOVED = "1.1\tThe Health Fair will be held in Rome on 7 July 2025.\n"
CHANNEL = "T1/C1"


def fill_catalog(folder: Path) -> None:
    papers = folder / "papers"
    papers.mkdir()
    store = open_store(folder)

    def ingest(name: str, text: str, audience: str = "everybody") -> None:
        (papers / name).write_text(text)
        store.pipeline.ingest([papers / name], audience=audience)

    ingest("forum.txt", FIRST)
    ingest("forum.txt", SECOND)
    ingest("moon.txt", PRIVATE, CHANNEL)
    ingest("fair.txt", REMOVED)
    store.pipeline.remove("fair.txt")
    with store.catalog.snapshot() as view:
        [forum] = [entry for entry in load_register(view, DAY) if "Forum" in entry.title]
    correct(store.catalog, forum.id, EntryEdit(title="Broadband Forum"), "amina", DAY)
    store.close()


def fill_state(folder: Path) -> None:
    holder = Holder("gone", 20.0)
    questions = QuestionStore.open(state_url(folder))
    [when, where] = [
        SlackMessage("T1", "C1", ts, "1.0", "U1", text) for ts, text in (("1.0", "When?"), ("2.0", "Where?"))
    ]
    answered = questions.claim(when, holder)
    open_question = questions.claim(where, holder)
    assert answered
    assert open_question
    questions.finish(answered.lease, outcome="answer", reply="In July.", reply_ts="1.5")
    questions.release(open_question.lease)
    questions.claim_event("Ev1")
    questions.close()
    uploads = SubmissionStore.open(state_url(folder))
    message = SlackMessage("T1", "D1", "3.0", "", "U1", "")
    upload = uploads.claim(
        Submission("message/1", message, (SlackFile("F1", "a.txt"),), "3.0", "url"), holder
    )
    assert upload
    uploads.save_status(upload.lease, MessageRef("D1", "3.5"))
    uploads.release(upload.lease)
    uploads.close()
    digests = DigestStore.open(state_url(folder))
    digest = digests.claim("C1", date(2025, 5, 1), holder)
    assert digest
    digests.finish(digest.lease, ts="4.0", state='{"as_of": "2025-05-01"}')
    digests.close()


if __name__ == "__main__":
    fill_catalog(Path(sys.argv[1]))
    fill_state(Path(sys.argv[1]))
