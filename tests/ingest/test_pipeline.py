"""An ingest: what is new, changed, unchanged, removed or failed, and that the rest is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import NothingToIngest
from ingest.files import READERS_DIGEST
from ingest.report import FileOutcome, IngestProgress
from store.audiences import Audience
from store.files import FileStorage
from store.records import EVERYBODY
from tests.ingest.readers.words import WordFile
from tests.small_store import REPORT, SmallStore, stored_sections
from tests.tools.reading_code import code_digest, reading_digest


def outcome(store: SmallStore, *paths: Path, prune: bool = False) -> FileOutcome:
    (only,) = store.ingest(*paths, prune=prune).documents
    return only


def test_new_document_is_reported_with_its_counts(store: SmallStore, papers: Path) -> None:
    report = store.ingest(papers)

    (row,) = report.documents
    assert (row.source, row.status, row.sections) == ("report.txt", "new", 4)
    assert row.events >= 1
    assert report.embedded == len(store.embedder.embedded) > 0


def test_unchanged_file_embeds_nothing(store: SmallStore, papers: Path) -> None:
    first = store.ingest(papers).documents[0]
    store.embedder.embedded.clear()

    report = store.ingest(papers)

    (row,) = report.documents
    assert (row.status, row.sections, row.events) == ("unchanged", first.sections, first.events)
    assert report.embedded == 0
    assert store.embedder.embedded == []


@pytest.mark.files
def test_an_ingest_of_nothing_new_publishes_nothing_and_opens_neither_index_nor_stored_files(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store.ingest(papers)
    before = generation(store)
    store.close()
    caplog.clear()
    index = store.folder / "index"
    index.rename(store.folder / "away")
    monkeypatch.delattr(FileStorage, "digests")

    assert outcome(store, papers).status == "unchanged"
    assert (generation(store), index.exists(), caplog.messages) == (before, False, [])


def test_each_document_is_read_again_where_the_code_of_a_reader_changes(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store.ingest(papers)
    other = tmp_path / "readers.sha256"
    other.write_text("of other code", encoding="utf-8")
    monkeypatch.setattr("ingest.files.READERS_DIGEST", other)
    assert outcome(store, papers).status == "changed"


def test_the_digest_of_the_readers_is_that_of_their_code() -> None:
    assert READERS_DIGEST.read_text(encoding="utf-8").strip() == reading_digest(), "make reference"


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ('"""Reads it."""\nx = f(1)', True),
        ('"""Reads."""\n\n# Why.\nx = f(\n    1\n)', True),
        ('"""Reads."""\nx = f(2)', False),
    ],
)
def test_comments_are_not_of_the_digest(code: str, same: bool) -> None:
    assert (code_digest(code.encode()) == code_digest(b'"""Reads."""\nx = f(1)  # once')) == same


def test_only_a_changed_paragraph_is_embedded(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)
    before = store.ids()
    store.embedder.embedded.clear()
    (papers / "report.txt").write_text(REPORT.replace("eighty-four", "ninety"))

    row = outcome(store, papers)

    assert row.status == "changed"
    assert set(store.embedder.embedded) == {"Alliance. The Schools Alliance has ninety partners."}
    after = store.ids()
    assert {n for n in after if after[n] != before[n]} == {"2.1"}
    assert store.found("How many partners has the Schools Alliance?")[0].endswith("ninety partners.")


def test_restored_text_is_not_embedded_again(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)
    (papers / "report.txt").write_text(REPORT.replace("eighty-four", "ninety"))
    store.ingest(papers)
    (papers / "report.txt").write_text(REPORT)

    report = store.ingest(papers)

    assert report.embedded == 0
    assert "eighty-four" in store.found("How many partners has the Schools Alliance?")[0]


def news(*opening: str) -> str:
    paragraphs = [
        f"The ship {n} laid cable number {n * 7} between the islands of the south. It came back in {n + 3} days. "
        f"The crew of {n % 9 + 20} went ashore, and the harbour master wrote down {n * n} in the book of the port."
        for n in range(60)
    ]
    return "\n\n".join([*opening, *paragraphs])


def test_paragraph_inserted_before_unnumbered_text_does_not_change_later_ids(
    store: SmallStore, tmp_path: Path
) -> None:
    paper = tmp_path / "news.txt"
    paper.write_text(news())
    everything = store.ingest(paper).embedded
    before = {s.id for s in stored_sections(store.catalog, "news.txt")}
    paper.write_text(news("The hall has six hundred seats. " * 20))

    report = store.ingest(paper)

    after = {s.id for s in stored_sections(store.catalog, "news.txt")}
    assert len(after - before) <= 3 < len(before) / 2
    assert report.embedded < everything / 8


def test_changed_heading_is_found_with_the_unchanged_text(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)
    before = store.ids()
    (papers / "report.txt").write_text(REPORT.replace("2. Alliance", "2. Giga partnership"))

    store.ingest(papers)

    assert store.ids() == before
    assert store.search.search("giga").hits[0].section.heading == "Giga partnership"


def test_removed_document_is_not_found(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)

    (row,) = store.pipeline.remove("report.txt").documents

    assert row.status == "removed"
    assert store.found("Alliance") == []


@pytest.mark.parametrize(
    ("audience", "other"), [(EVERYBODY, "T1/C1"), ("T1/C1", EVERYBODY), ("T1/C1", "T1/C2")]
)
def test_removal_for_an_audience_leaves_what_others_have_under_that_name(
    store: SmallStore, papers: Path, audience: Audience, other: Audience
) -> None:
    for each in (audience, other):
        store.pipeline.ingest([papers], audience=each)

    (row,) = store.pipeline.remove("report.txt", audience).documents

    assert row.status == "removed"
    left = [len(store.catalog.seen_by(frozenset({each})).documents()) for each in (audience, other)]
    assert left == [0, 1]


def test_notes_of_a_reader_are_reported_and_stored(store: SmallStore, papers: Path) -> None:
    file = WordFile()
    file.xml(
        "<w:p><w:r><w:t>The hall has </w:t></w:r>"
        '<w:ins w:id="1" w:author="a"><w:r><w:t>600 seats.</w:t></w:r></w:ins></w:p>'
    )
    paper = papers / "tracked.docx"
    paper.write_bytes(file.save())
    noted = ("it has tracked changes: insertions are read, deletions are not",)

    assert outcome(store, paper).notes == noted
    assert outcome(store, paper).notes == noted
    assert {d.source: d.notes for d in store.catalog.documents()} == {"tracked.docx": noted}


def test_error_for_nothing_to_ingest_names_the_formats(store: SmallStore, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    with pytest.raises(NothingToIngest, match=r"no document found in .*empty; it takes .*\.txt"):
        store.ingest(empty)


def test_progress_ends_with_everything_done(store: SmallStore, papers: Path) -> None:
    told: list[IngestProgress] = []

    store.pipeline.ingest([papers], progress=told.append)

    last = {step.phase: step for step in told}
    assert set(last) == {"read", "events", "embed", "publish"}
    assert all(step.done == step.total > 0 for step in last.values())


def generation(store: SmallStore) -> int:
    with store.catalog.snapshot() as view:
        return view.generation
