"""Whole stores for the tests of backups: places to restore into, what is in a full one, and changes of archives."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from sqlalchemy import Engine

from store.backup import WholeStore, open_archive, restore
from store.catalog import correction_transaction, save_correction
from store.jobs import Holder, MessageRef, SlackFile, SlackMessage, Submission, SubmissionStore, open_database
from store.records import Correction, Dating
from tests.servers import state_url
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
    """A store with a state database, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.store: SmallStore = open_store(folder)
        self.state: Engine = open_database(state_url(folder))
        self.jobs = SubmissionStore(self.state)
        self.whole = WholeStore(
            self.store.catalog, self.state, self.store.storage, self.store.index, self.store.folder
        )

    def restore(self, archive: Path, *, replace: bool = False) -> None:
        restore(self.whole, open_archive(archive), replace=replace)

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
    job = place.jobs.claim(SUBMISSION, Holder("a bot that is gone", 60.0))
    assert job is not None
    place.jobs.save_status(job.lease, MessageRef("D1", "2.2"))


def contents(store: SmallStore) -> object:
    """Return everything that readers see in a catalog."""
    catalog = store.catalog.seen_by(frozenset({"everybody", PRIVATE}))
    with catalog.snapshot() as view:
        documents = view.documents()
        versions = [version for one in documents for version in view.versions(one.id)]
        sections = [view.sections_of(one.id, one.version) for one in versions]
        return versions, sections, view.events(all_versions=True), view.corrections()


QUESTIONS = ("When does the registration close?", "partners of the alliance", "secretary", "Geneva")


def rewritten(
    archive: Path, name: str, change: Callable[[bytes], bytes], *, new_digest: bool = False
) -> None:
    """Change one member of an archive; with `new_digest`, the manifest agrees."""
    with tarfile.open(archive) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    members[name] = change(members[name])
    if new_digest:
        manifest = json.loads(members["manifest.json"])
        manifest["members"][name] = hashlib.sha256(members[name]).hexdigest()
        members["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(archive, "w:gz") as tar:
        for each, data in members.items():
            info = tarfile.TarInfo(each)
            info.size = len(data)
            tar.addfile(info, BytesIO(data))
