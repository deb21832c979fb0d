"""Whole stores for the tests of backups: places to restore into, what is in a full one, and changes of archives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import Engine

from store.backup import WholeStore, open_archive, restore
from store.jobs import Holder, MessageRef, SlackFile, SlackMessage, Submission, SubmissionStore, Upload
from store.migrations import open_database
from store.publication import correction_transaction, save_correction
from store.records import Correction, Dating
from tests.servers import database_url
from tests.small_store import REPORT, SmallStore, open_store

FORUM = b"1. Forum\n1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.\n"
SUBMISSION = Submission(
    "message/1",
    SlackMessage("T1", "D1", "1.1", "", "U1", "When?"),
    (SlackFile("F1", "forum.txt", "abc"),),
    "1.1",
    "https://hooks.example.org/1",
)
PRIVATE = "T1/C7"


class Place:
    """A store with a database, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.store: SmallStore = open_store(folder)
        self.state: Engine = open_database(database_url(folder))
        self.jobs = SubmissionStore(self.state)
        self.whole = WholeStore(self.store.catalog, self.store.storage, self.store.index, self.store.folder)

    def restore(self, archive: Path) -> None:
        restore(self.whole, open_archive(archive))

    def close(self) -> None:
        self.store.close()
        self.state.dispose()


def fill(place: Place, folder: Path) -> None:
    """Put two versions, a private document, a stored file, a correction and an open job into a store."""
    paper = folder / "report.txt"
    for text in (REPORT.replace("eighty-four", "eighty-two"), REPORT):
        paper.write_text(text)
        place.store.ingest(paper)
    (folder / "private.txt").write_text("1.1\tThe secret jury meets in Rome on 3 May 2025.\n")
    place.store.pipeline.ingest([folder / "private.txt"], audience=PRIVATE)
    place.store.ingest_stored(place.store.send("forum.txt", FORUM, 10.0))
    with correction_transaction(place.store.catalog) as view:
        dating = Dating("report.txt", "Registration for the Forum closes on 16 June 2025.", "16 June 2025")
        save_correction(
            view, Correction(dating, "amina", datetime(2024, 5, 3, tzinfo=UTC), start=date(2025, 6, 17))
        )
    job = place.jobs.claim(Upload(SUBMISSION), Holder("a bot that is gone", 60.0))
    assert job is not None
    place.jobs.change(job.lease, status=MessageRef("D1", "2.2"))


def contents(store: SmallStore) -> object:
    """Return everything that readers see in a catalog."""
    catalog = store.catalog.seen_by(frozenset({"everybody", PRIVATE}))
    with catalog.snapshot() as view:
        documents = view.documents()
        versions = [version for one in documents for version in view.versions(one.id)]
        sections = [view.sections_of(one.id, one.version) for one in versions]
        return versions, sections, view.events(all_versions=True), view.corrections()


QUESTIONS = ("When does the registration close?", "partners of the alliance", "secretary", "Geneva")


def rewritten(archive: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change one member of an archive, which is whole afterwards."""
    with ZipFile(archive) as whole:
        members = {member: whole.read(member) for member in whole.namelist()}
    members[name] = change(members[name])
    with ZipFile(archive, "w") as changed:
        for each, data in members.items():
            changed.writestr(each, data)
