"""Corrections in the catalog: one for each dating, kept whatever is published meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from store import publication
from store.errors import NoStore
from store.publication import correction_transaction, save_correction
from store.records import Correction, Dating
from tests.small_store import SmallStore, open_store

FORUM = Dating("paper.txt", "The Forum is on 7 July.", "7 July")
AT = datetime(2024, 5, 3, 9, 30, tzinfo=UTC)


def kept(store: SmallStore) -> list[Correction]:
    with store.catalog.snapshot() as view:
        return view.corrections()


def keep(store: SmallStore, correction: Correction) -> Correction:
    with correction_transaction(store.catalog) as view:
        return save_correction(view, correction)


def test_saved_correction_is_read_unchanged(store: SmallStore) -> None:
    said = Correction(
        FORUM, "amina", AT, "Forum", "meeting", date(2024, 7, 8), date(2024, 7, 9), "postponed", no_event=True
    )
    written = keep(store, said)
    assert kept(store) == [written] == [replace(said, revision=written.revision)]


def test_second_correction_replaces_the_first_with_a_greater_revision(store: SmallStore) -> None:
    first = keep(store, Correction(FORUM, "amina", AT, "Forum"))
    second = keep(store, Correction(FORUM, "amina", AT, "Fair"))
    assert kept(store) == [second]
    assert second.revision > first.revision


def test_second_correction_of_the_same_dating_waits_for_the_first(store: SmallStore) -> None:
    with ThreadPoolExecutor(1) as pool:
        with correction_transaction(store.catalog) as view:
            second = pool.submit(keep, store, Correction(FORUM, "amina", AT, "Fair"))
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            save_correction(view, Correction(FORUM, "amina", AT, "Forum"))
        later = second.result()
    assert kept(store) == [later]


def test_error_rolls_back_a_correction(store: SmallStore) -> None:
    with store.catalog.snapshot() as view:
        before = view.generation
    with suppress(ValueError), correction_transaction(store.catalog) as view:
        save_correction(view, Correction(FORUM, "amina", AT, "Forum"))
        raise ValueError
    with store.catalog.snapshot() as view:
        assert (view.generation, view.corrections()) == (before, [])


def test_correction_without_documents_creates_no_store(tmp_path: Path) -> None:
    empty = open_store(tmp_path / "empty")
    with pytest.raises(NoStore), correction_transaction(empty.catalog):
        pass
    assert not (empty.folder / "itubot.sqlite").exists()


def test_correction_increases_the_generation(store: SmallStore) -> None:
    with store.catalog.snapshot() as view:
        before = view.generation
    keep(store, Correction(FORUM, "amina", AT, "Forum"))
    with store.catalog.snapshot() as view:
        assert view.generation == before + 1


def test_correction_and_publication_at_once_both_succeed(
    store: SmallStore, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, writers, began = publication._put_version, [], threading.Event()

    def write() -> None:
        began.set()
        keep(store, Correction(FORUM, "amina", AT, "Forum"))

    def interrupted(*arguments: Any) -> None:
        writers.append(threading.Thread(target=write))
        writers[-1].start()
        assert began.wait(100)
        put(*arguments)

    monkeypatch.setattr(publication, "_put_version", interrupted)
    paper.write_text(paper.read_text() + "9.9\tA new paragraph.\n")
    assert store.ingest(paper).documents[0].status == "changed"
    for writer in writers:
        writer.join()
    assert [one.title for one in kept(store)] == ["Forum"]
    assert store.catalog.documents()[0].version == 2
