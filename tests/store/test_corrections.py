"""Corrections in the catalog: one for each dating, kept whatever is published meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from store import publication
from store.corrections import save
from store.records import Correction, Dating
from tests.small_store import SmallStore

FORUM = Dating("paper.txt", "The Forum is on 7 July.", "7 July")
AT = datetime(2024, 5, 3, 9, 30, tzinfo=UTC)


def kept(store: SmallStore) -> list[Correction]:
    with store.catalog.snapshot() as view:
        return view.corrections()


def keep(store: SmallStore, correction: Correction) -> Correction:
    return save(store.catalog, correction.dating, lambda _: correction)


def test_a_correction_is_read_as_it_was_written(store: SmallStore) -> None:
    said = Correction(
        FORUM, "amina", AT, "Forum", "meeting", date(2024, 7, 8), date(2024, 7, 9), "postponed", no_event=True
    )
    assert keep(store, said) == said
    assert kept(store) == [said]


def test_what_was_kept_meanwhile_is_not_lost(store: SmallStore) -> None:
    keep(store, Correction(FORUM, "amina", AT, title="Forum"))

    def add_a_kind(before: Correction | None) -> Correction:
        assert before is not None
        return replace(before, kind="meeting")

    save(store.catalog, FORUM, add_a_kind)
    assert [(one.title, one.kind) for one in kept(store)] == [("Forum", "meeting")]


def test_a_second_one_takes_its_place_and_is_counted(store: SmallStore) -> None:
    for title in ("Forum", "Fair"):
        keep(store, Correction(FORUM, "amina", AT, title))
    keep(store, Correction(Dating("paper.txt", FORUM.sentence, "7 July", 1), "amina", AT, "Other"))
    assert [(one.title, one.revision) for one in kept(store)] == [("Fair", 2), ("Other", 1)]


def test_the_generation_grows(store: SmallStore) -> None:
    with store.catalog.snapshot() as view:
        before = view.generation
    keep(store, Correction(FORUM, "amina", AT, "Forum"))
    with store.catalog.snapshot() as view:
        assert view.generation == before + 1


def test_what_is_written_while_an_ingest_publishes_disturbs_neither(
    store: SmallStore, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, writers, began = publication._put, [], threading.Event()

    def write() -> None:
        began.set()
        keep(store, Correction(FORUM, "amina", AT, "Forum"))

    def interrupted(*arguments: Any) -> None:
        writers.append(threading.Thread(target=write))
        writers[-1].start()
        assert began.wait(30)
        put(*arguments)

    monkeypatch.setattr(publication, "_put", interrupted)
    paper.write_text(paper.read_text() + "9.9\tA new paragraph.\n")
    assert store.ingest(paper).documents[0].status == "changed"
    for writer in writers:
        writer.join()
    assert [one.title for one in kept(store)] == ["Forum"]
    assert store.catalog.documents()[0].version == 2
