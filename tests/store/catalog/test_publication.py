"""Publishing: each state is seen whole, in this process and in others, and old parts are cleared away."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from ingest.report import IngestProgress
from store import publication
from store.catalog import next_term
from store.errors import IndexUnavailable, StoreBusy, StoreDamaged
from store.locks import folder_lock
from store.schema import segments, vectors
from store.terms import STOP_WORDS
from store.writer import maintain
from tests.small_store import SmallStore, open_store

_READER = """
import sys
from pathlib import Path
from uuid import uuid4
from tests.small_store import open_store

store = open_store(Path(sys.argv[1]))
for line in sys.stdin:
    found = store.search.search(line)
    print(found.documents[0].version, [hit.section.text for hit in found.hits], flush=True)
"""


def paper(folder: Path, state: int) -> Path:
    """Two paragraphs that both name the state: a mixture of two states would show."""
    path = folder / "state.txt"
    path.write_text(f"1.1\tThe left hand holds stone {state}.\n1.2\tThe right hand holds stone {state}.\n")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SmallStore]:
    store = open_store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def reader(store: SmallStore, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that answers each line with what it finds."""
    store.ingest(paper(tmp_path, 1))
    process = subprocess.Popen(
        [sys.executable, "-c", _READER, str(store.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def ask(reader: subprocess.Popen[str], question: str) -> str:
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write(question + "\n")
    reader.stdin.flush()
    return reader.stdout.readline().strip()


def test_another_process_sees_each_publication_at_its_next_question(
    store: SmallStore, reader: subprocess.Popen[str], tmp_path: Path
) -> None:
    for state in (1, 2, 3):
        store.ingest(paper(tmp_path, state))
        answer = ask(reader, "Which stone does the left hand hold?")
        assert answer.startswith(f"{state} ")
        assert answer.count(f"stone {state}") == 2
        assert answer.count("stone") == 2


def test_concurrent_reader_sees_whole_publications_only(store: SmallStore, tmp_path: Path) -> None:
    store.ingest(paper(tmp_path, 1))
    ended = threading.Event()
    seen: list[set[str]] = []

    def read() -> None:
        while not ended.is_set():
            found = store.search.search("Which stone does the hand hold?")
            version = str(found.documents[0].version)
            seen.append({version} | {hit.section.text.rstrip(".").split()[-1] for hit in found.hits})

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for state in range(2, 8):
            store.ingest(paper(tmp_path, state))
    finally:
        ended.set()
        thread.join()

    assert seen
    assert [states for states in seen if len(states) != 1] == []


def test_open_snapshot_does_not_see_later_publications(store: SmallStore, tmp_path: Path) -> None:
    store.ingest(paper(tmp_path, 1))

    with store.catalog.snapshot() as view:
        before = view.generation
        store.ingest(paper(tmp_path, 2))
        assert view.generation == before
        assert [s.text[-2] for s in view.sections_of("state.txt")] == ["1", "1"]


def test_many_small_segments_are_merged(store: SmallStore, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.txt").write_text(f"1.1\tThe paper number {number} is on stone.\n")
        store.ingest(tmp_path / f"{number}.txt")

    assert len(publication.live_segments(store.catalog)) <= 8
    assert len(store.found("paper on stone")) == 10


@pytest.mark.files
def test_retired_segments_are_dropped_with_their_folders_after_the_grace_time(
    store: SmallStore, tmp_path: Path
) -> None:
    for state in range(1, 5):
        store.ingest(paper(tmp_path, state))
    live = set(publication.live_segments(store.catalog))
    assert store.index.names() > live

    store.maintain(clock=lambda: 4e9)

    assert store.index.names() == live
    folders = [path for path in (store.folder / "index").iterdir() if path.is_dir()]
    assert len(folders) == len(live)
    assert len(store.found("stone")) == 2


def test_second_writer_gets_the_name_of_the_lock_holder(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from store.locks import folder_lock\n"
        "with folder_lock(Path(sys.argv[1])):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreBusy, match=rf"process {holder.pid} on .* is writing to"),
            folder_lock(tmp_path),
        ):
            pass
        holder.kill()
    with folder_lock(tmp_path):
        pass


def test_writer_that_lost_its_lock_publishes_nothing_after_another_one(
    store: SmallStore, tmp_path: Path
) -> None:
    store.ingest(paper(tmp_path, 1))

    def another_writes(step: IngestProgress) -> None:
        if step.phase == "publish":
            with store.catalog.writing() as connection:
                next_term(connection)

    with pytest.raises(StoreBusy, match="another process has written"):
        store.pipeline.ingest([paper(tmp_path, 2)], progress=another_writes)

    assert store.found("left hand") == ["The left hand holds stone 1.", "The right hand holds stone 1."]


@pytest.mark.files  # On a server, no folder is swept.
@pytest.mark.parametrize(
    "error", [IndexUnavailable("the folder cannot be read"), PermissionError("the folder cannot be read")]
)
def test_ingest_succeeds_although_its_maintenance_fails_and_the_next_write_does_it(
    store: SmallStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def fail() -> None:
        raise error

    store.ingest(paper(tmp_path, 1))
    stray = store.folder / "index" / str(uuid4())
    stray.mkdir()
    with monkeypatch.context() as broken:
        broken.setattr(store.index, "names", fail)
        report = store.ingest(paper(tmp_path, 2))

    assert [row.status for row in report.documents] == ["changed"]
    assert "The left hand holds stone 2." in store.found("left hand")
    assert caplog.messages == [
        "the maintenance did not end; the next write does it: the folder cannot be read"
    ]
    assert stray.exists()

    store.maintain(clock=lambda: 4e9)

    assert not stray.exists()


def test_maintenance_of_a_writer_that_lost_its_lock_leaves_segments_of_the_next_one(
    store: SmallStore, tmp_path: Path
) -> None:
    store.ingest(paper(tmp_path, 1))
    with store.catalog.writing() as connection:
        former = next_term(connection)
        next_term(connection)
        name = publication.announce_segment(connection)

    with pytest.raises(StoreBusy, match="another process has written"):
        maintain(store.catalog, store.index, former, clock=lambda: 4e9)

    with store.catalog.reading() as connection:
        assert name in connection.scalars(select(segments.c.name)).all()


def test_vectors_that_a_failed_ingest_left_are_deleted_by_the_next_one(
    store: SmallStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vector_count() -> int:
        with store.catalog.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(vectors)) or 0)

    def fail(*_: object) -> None:
        raise StoreDamaged("the disk is full")

    store.ingest(paper(tmp_path, 1))
    before = vector_count()
    with monkeypatch.context() as broken:
        broken.setattr(store.index, "write_segment", fail)
        with pytest.raises(StoreDamaged):
            store.ingest(paper(tmp_path, 2))
    assert vector_count() > before
    paper(tmp_path, 1)
    store.ingest(tmp_path / "state.txt")

    assert vector_count() == before


def test_reader_does_not_wait_for_a_writer(store: SmallStore, tmp_path: Path) -> None:
    store.ingest(paper(tmp_path, 1))

    with folder_lock(store.folder):
        assert len(store.found("stone")) == 2


def test_no_score_depends_on_how_many_documents_were_published_at_a_time(
    store: SmallStore, tmp_path: Path
) -> None:
    papers = [tmp_path / f"{letter}.txt" for letter in "abc"]
    for n, path in enumerate(papers):
        lines = [
            f"1.{i}\tThe stone {i} of river {n} lies {i % 7} steps from bridge {i % 5}." for i in range(60)
        ]
        path.write_text("\n".join(lines) + "\n")
    store.ingest(*papers)

    apart = [(hit.section.id, hit.score) for hit in store.search.search("stone of river 1 at bridge 3").hits]
    store.pipeline.reindex()
    together = [
        (hit.section.id, hit.score) for hit in store.search.search("stone of river 1 at bridge 3").hits
    ]

    assert apart == together


def test_of_windows_that_are_equally_near_none_is_left_to_chance(store: SmallStore, tmp_path: Path) -> None:
    # Stop words alone differ, and the embedder leaves them out: more windows than a search takes are equally near.
    fillers = [f"{one} {other}" for one in ("a", "the", "some") for other in sorted(STOP_WORDS)[:40]]
    lines = [f"1.{n}\tThe grey stone lies {words}." for n, words in enumerate(fillers, start=1)]
    (tmp_path / "stones.txt").write_text("\n".join(lines) + "\n")
    store.ingest(tmp_path / "stones.txt")

    hits = store.search.search("grey stone", count=len(lines)).hits

    assert len(hits) == len(lines)
