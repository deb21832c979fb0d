"""A store of a released version: after `itubot migrate` everything is there, answers, and goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from bot.changes import read_changes
from bot.databases import Databases
from bot.register.repository import load_register
from store.catalog.schema import SCHEMA as CATALOG
from store.jobs import DigestStore, Holder, MessageRef, QuestionStore, SlackMessage, SubmissionStore
from store.jobs.schema import SCHEMA as STATE
from store.schema_revisions import Migration
from tests.servers import catalog_url, on_servers, state_url
from tests.small_store import SmallStore, open_store
from tests.store.released.fill import CHANNEL, DAY, SECOND

STORES = Path(__file__).parents[2] / "data" / "stores"
ME = Holder("me", 20.0)


def restore(folder: Path) -> None:
    """Put the recorded databases where a program with this data folder finds them."""
    folder.mkdir()
    if on_servers():
        import psycopg

        with psycopg.connect(catalog_url(folder).replace("+psycopg", "")) as connection:
            connection.execute((STORES / "postgres.sql").read_bytes())
        return
    for name in ("catalog", "state"):
        with closing(sqlite3.connect(folder / f"{name}.sqlite")) as connection:
            connection.executescript((STORES / f"{name}.sql").read_text("utf-8"))


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    restore(tmp_path / "data")
    databases = Databases(catalog_url(tmp_path / "data") if on_servers() else "", tmp_path / "data")
    yield databases
    databases.close()


@pytest.fixture
def folder(tmp_path: Path, databases: Databases) -> Path:
    """A data folder whose databases are migrated."""
    databases.migrate()
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[SmallStore]:
    store = open_store(folder)
    yield store
    store.close()


def test_both_databases_are_migrated_once(databases: Databases) -> None:
    assert [databases.migrate() for _ in range(2)] == [
        [
            Migration("the catalog", former, CATALOG.revision),
            Migration("the state database", state, STATE.revision),
        ]
        for former, state in (("4", "2"), (CATALOG.revision, STATE.revision))
    ]


def test_of_two_that_migrate_at_once_one_does(databases: Databases, tmp_path: Path) -> None:
    other = Databases(catalog_url(tmp_path / "data") if on_servers() else "", tmp_path / "data")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda one: [each.former for each in one.migrate()], [databases, other]))
    other.close()

    assert sorted(done) == [["4", "2"], [CATALOG.revision, STATE.revision]]


def test_versions_and_their_sections_are_there(store: SmallStore) -> None:
    with store.catalog.snapshot() as view:
        versions = {
            d.version: [s.text for s in view.sections_of(d.id, d.version)] for d in view.versions("forum.txt")
        }

    assert [len(texts) for texts in versions.values()] == [2, 3]
    changed = [
        change.after.text for change in read_changes(store.catalog, "forum.txt").paragraphs if change.after
    ]
    assert changed[-1] == "The stone lies at the gate."


def test_correction_applies(store: SmallStore) -> None:
    with store.catalog.snapshot() as view:
        entries = load_register(view, DAY)

    assert [(entry.title, entry.start) for entry in entries] == [("Broadband Forum", date(2025, 7, 14))]


def test_documents_are_found_without_embedding_them_again(store: SmallStore, tmp_path: Path) -> None:
    path = tmp_path / "forum.txt"
    path.write_text(SECOND)
    [outcome] = store.ingest(path).documents  # builds the index, which was not recorded

    assert (outcome.status, store.embedder.embedded) == ("unchanged", [])
    assert store.found("stone at the gate")[0] == "The stone lies at the gate."


def test_document_of_a_channel_stays_there(store: SmallStore) -> None:
    own = store.catalog.seen_by(frozenset({CHANNEL}))

    assert [d.source for d in store.catalog.documents()] == ["forum.txt"]
    assert [d.source for d in own.documents()] == ["moon.txt"]


def test_new_version_replaces_the_older_of_two(store: SmallStore, tmp_path: Path) -> None:
    path = tmp_path / "forum.txt"
    path.write_text(SECOND.replace("eighty-four", "ninety"))
    store.ingest(path)
    store.ingest(path)  # its maintenance deletes what is no longer kept

    with store.catalog.snapshot() as view:
        assert [document.version for document in view.versions("forum.txt")] == [2, 3]
        assert view.sections_of("forum.txt")[1].text.endswith("(GDC) has ninety partners.")


def test_questions_go_on(folder: Path) -> None:
    questions = QuestionStore.open(state_url(folder))
    [job] = questions.adopt(ME)

    assert job.work.message.text == "Where?"
    assert [said.text for said in questions.conversation(job.work.message)] == ["When?", "In July."]
    assert not questions.claim_event("Ev1")
    assert questions.claim(SlackMessage("T1", "C1", "5.0", "1.0", "U1", "Who?"), ME)
    questions.close()


def test_upload_goes_on(folder: Path) -> None:
    uploads = SubmissionStore.open(state_url(folder))
    [job] = uploads.adopt(ME)

    assert (job.work.submission.files[0].name, job.work.status) == ("a.txt", MessageRef("D1", "3.5"))
    uploads.close()


def test_digest_is_posted_once(folder: Path) -> None:
    digests = DigestStore.open(state_url(folder))

    assert digests.claim("C1", date(2025, 5, 1), ME) is None
    assert digests.last_state("C1", date(2025, 5, 2)) == '{"as_of": "2025-05-01"}'
    digests.close()
