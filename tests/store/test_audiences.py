"""Documents for everybody, and documents for one channel, in one store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.register import RegisterEntry, build_register
from store.audiences import PUBLIC
from store.catalog import Catalog
from store.publication import correction_transaction, save_correction
from store.records import EVERYBODY, Correction, Dating
from store.schema import segments
from store.search import Search
from tests.small_store import SmallStore, open_store, stored_sections

HERE, ELSEWHERE = "T1/C1", "T1/C2"
FORUM = "1.1\tThe Forum on Stone will be held in Geneva on 7 July 2025.\n"
MOVED = "1.1\tThe Forum on Stone has been postponed to 9 September 2025.\n"

Give = Callable[..., Path]


@pytest.fixture
def empty(tmp_path: Path) -> SmallStore:
    return open_store(tmp_path / "data")


@pytest.fixture
def give(empty: SmallStore, tmp_path: Path) -> Give:
    """Ingest a text; return its file."""

    def give(text: str, audience: str = EVERYBODY, name: str = "paper.txt", **more: str) -> Path:
        path = tmp_path / audience.replace("/", "-") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        empty.pipeline.ingest([path], audience=audience, **more)
        return path

    return give


def seen(store: SmallStore, *audiences: str) -> Catalog:
    return store.catalog.seen_by(PUBLIC | frozenset(audiences))


def found(store: SmallStore, question: str, *audiences: str) -> list[str]:
    return [hit.section.text for hit in search(store, *audiences).search(question).hits]


def search(store: SmallStore, *audiences: str) -> Search:
    return Search(seen(store, *audiences), store.index, store.embedder)


def register(catalog: Catalog) -> list[RegisterEntry]:
    with catalog.snapshot() as view:
        events = view.events()
        sections = view.sections([m.section_id for event in events for m in event.mentions])
        return build_register(view.documents(), sections, events, date(2025, 1, 1))


def test_document_of_a_channel_is_found_only_there(empty: SmallStore, give: Give) -> None:
    give("1.1\tThe left hand holds stone one.\n")
    give("1.1\tThe right hand holds stone two.\n", HERE, "other.txt")
    assert [len(found(empty, "stone", *a)) for a in ((), (ELSEWHERE,), (HERE,))] == [1, 1, 2]


def test_the_vectors_of_each_audience_have_segments_of_their_own(empty: SmallStore, give: Give) -> None:
    give("1.1\tThe left hand holds stone one.\n")
    give("1.1\tThe left hand holds stone one.\n", HERE)
    with empty.catalog.engine.connect() as connection:
        rows = connection.execute(select(segments.c.audience, segments.c.size)).all()
    assert sorted((row.audience, row.size) for row in rows) == [(HERE, 1), (EVERYBODY, 1)]


def test_lost_segment_of_a_channel_is_rebuilt_for_that_channel(empty: SmallStore, give: Give) -> None:
    give("1.1\tThe left hand holds stone one.\n")
    path = give("1.1\tThe right hand holds stone two.\n", HERE, "other.txt")
    own = empty.catalog.seen_by(frozenset({HERE}))
    with own.snapshot() as view:
        empty.index.drop(view.segments())
    assert Search(own, empty.index, empty.embedder).search("stone").full_text_only
    empty.pipeline.ingest([path], audience=HERE)
    assert not Search(own, empty.index, empty.embedder).search("stone").full_text_only
    assert [len(found(empty, "stone", *a)) for a in ((), (HERE,))] == [1, 2]


def test_segments_are_merged_within_their_audience(empty: SmallStore, give: Give) -> None:
    give("1.1\tThe left hand holds stone one.\n")
    for number in range(10):
        give(f"1.1\tThe right hand holds stone {number}.\n", HERE, f"{number}.txt")
    empty.maintain()
    with empty.catalog.snapshot() as view, seen(empty, HERE).snapshot() as own:
        assert (len(view.segments()), len(own.segments()) < 10) == (1, True)
    assert [len(found(empty, "stone", *a)) for a in ((), (HERE,))] == [1, 10]


def test_the_same_document_in_two_audiences_is_two_documents(empty: SmallStore, give: Give) -> None:
    for audience in (EVERYBODY, HERE, ELSEWHERE):
        give(FORUM, audience)
    versions = [[d.version for d in seen(empty, *a).documents()] for a in ((), (HERE,))]
    assert versions == [[1], [1, 1]]


def test_word_weight_is_computed_over_all_visible_documents(empty: SmallStore, give: Give) -> None:
    give("".join(f"1.{n}\tThe left hand holds stone {n}.\n" for n in range(1, 9)))
    give("1.1\tThe right hand holds slate.\n\n1.2\tThe slate is grey slate.\n", HERE, "other.txt")
    assert "slate" in found(empty, "Where is slate?", HERE)[0]
    assert "slate" in found(empty, "Which stone is grey slate?", HERE)[0]


@pytest.mark.parametrize("private_first", [True, False])
def test_postponement_in_a_channel_does_not_change_the_status_for_others(
    empty: SmallStore, give: Give, private_first: bool
) -> None:
    papers = [(FORUM, EVERYBODY), (MOVED, HERE)]
    for text, audience in reversed(papers) if private_first else papers:
        give(text, audience)
    [public] = register(empty.catalog)
    own = register(seen(empty, HERE))
    assert (public.status, public.start) == ("scheduled", date(2025, 7, 7))
    assert len({entry.chain_id for entry in own}) == 1
    assert {entry.start for entry in own} == {date(2025, 7, 7), date(2025, 9, 9)}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (0, 2, 1)])
def test_events_chained_only_by_a_private_document_stay_separate_for_others(
    empty: SmallStore, give: Give, order: Sequence[int]
) -> None:
    papers = (
        ("1.1\tThe SIDS4 will be held on 27 May 2025.\n", EVERYBODY),
        ("1.1\tThe Conference on Small Island States will be held on 3 June 2025.\n", EVERYBODY),
        ("1.1\tThe Conference on Small Island States (SIDS4) will be held on 1 June 2025.\n", HERE),
    )
    for number in order:
        text, audience = papers[number]
        give(text, audience, f"{number}.txt")
    assert len({entry.chain_id for entry in register(empty.catalog)}) == 2


def test_private_dates_join_the_chain_of_a_later_public_document(empty: SmallStore, give: Give) -> None:
    give("1.1\tThe Stone Forum 2025 will be held on 7 July 2025.\n", HERE)
    give("1.1\tThe Stone Forum 2025 will be held on 8 July 2025.\n", ELSEWHERE)
    give("1.1\tThe Stone Forum 2025 will be held on 9 July 2025.\n")
    chains = [{entry.chain_id for entry in register(seen(empty, *a))} for a in ((), (HERE,), (ELSEWHERE,))]
    assert chains[0] == chains[1] == chains[2]
    assert len(chains[0]) == 1


def test_document_moved_to_everybody_keeps_its_corrections(empty: SmallStore, give: Give) -> None:
    path = give(FORUM, HERE)
    [document] = seen(empty, HERE).documents()
    sentence = FORUM.partition("\t")[2].strip()
    with correction_transaction(seen(empty, HERE)) as view:
        at = document.ingested_at
        assert at is not None
        dating = Dating(document.id, sentence, "7 July 2025")
        save_correction(view, Correction(dating, "me", at, title="Stone Forum"))
    empty.pipeline.ingest([path], remove_from=HERE)
    with empty.catalog.snapshot() as view:
        assert [d.audience for d in view.documents()] == [EVERYBODY]
        assert [c.title for c in view.corrections()] == ["Stone Forum"]
    assert found(empty, "stone", ELSEWHERE) == [sentence]


def test_copy_of_what_everybody_has_leaves_its_channel_when_it_is_shared(
    empty: SmallStore, give: Give, tmp_path: Path
) -> None:
    give(FORUM, EVERYBODY)
    copy = tmp_path / "copy.txt"
    copy.write_text(FORUM)
    empty.pipeline.ingest([copy], audience=HERE)
    [refused] = empty.pipeline.ingest([copy], remove_from=HERE).documents
    assert "the same content" in (refused.error or "")
    assert {d.audience for d in seen(empty, HERE).documents()} == {EVERYBODY}


def test_newer_version_stays_in_its_channel_if_an_older_one_is_shared(empty: SmallStore, give: Give) -> None:
    give(MOVED, HERE)
    give(FORUM, EVERYBODY, remove_from=HERE)
    assert {d.audience for d in seen(empty, HERE).documents()} == {EVERYBODY, HERE}


def test_ingest_for_a_channel_does_not_change_the_generation_for_others(
    empty: SmallStore, give: Give
) -> None:
    give(FORUM)
    with empty.catalog.snapshot() as view:
        before = view.generation
    give(MOVED, HERE)
    with empty.catalog.snapshot() as view, seen(empty, HERE).snapshot() as own:
        assert (view.generation, own.generation > before) == (before, True)


def test_prune_keeps_documents_of_other_audiences(empty: SmallStore, give: Give, tmp_path: Path) -> None:
    give(FORUM, HERE).unlink()
    give(FORUM, EVERYBODY, "kept.txt")
    empty.pipeline.ingest([tmp_path], prune=True)
    assert [d.source for d in seen(empty, HERE).documents() if d.audience == HERE] == ["paper.txt"]


def test_no_snapshot_method_returns_data_of_other_audiences(empty: SmallStore, give: Give) -> None:
    give(FORUM)
    give(MOVED + "1.2\tThe Lunar Quiet Zone (LQZ) has slate.\n", HERE, "other.txt")
    give(MOVED + "1.2\tThe Lunar Quiet Zone (LQZ) has two slates.\n", HERE, "other.txt")
    own, others = seen(empty, HERE), seen(empty, ELSEWHERE)
    [private] = [document for document in own.documents() if document.audience == HERE]
    ids = [section.id for section in stored_sections(own, private.id)]
    with correction_transaction(own) as view:
        [event] = view.events_of(private.id, private.version)
        sentence = MOVED.partition("\t")[2].strip()
        assert private.ingested_at is not None
        save_correction(
            view, Correction(Dating(private.id, sentence, event.mentions[0].text), "me", private.ingested_at)
        )
    with own.snapshot() as here, others.snapshot() as there:
        for read in (
            lambda view: view.versions(private.id),
            lambda view: view.sections(ids),
            lambda view: view.sections_of(private.id),
            lambda view: view.sections_of(private.id, 1),
            lambda view: view.events_of(private.id, 2),
            lambda view: view.events_of(private.id, 1),
            lambda view: view.corrections(),
            lambda view: view.document_frequencies(["slate", "lunar"]),
        ):
            assert (bool(read(here)), bool(read(there))) == (True, False)
        for read in (
            lambda view: view.documents(),
            lambda view: view.roots(),
            lambda view: view.counts(),
            lambda view: view.segments(),
            lambda view: view.events(),
        ):
            assert len(read(there)) == 1 < len(read(here))
        assert (there.section_count(), here.section_count()) == (1, 3)
    assert others.section(ids[0]) is None
    question = "What is the LQZ?"
    assert search(empty, HERE).search(question).names
    assert not search(empty, ELSEWHERE).search(question).names
