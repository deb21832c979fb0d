"""kill -9 at every step of a write: whole documents answer, old or new, and the next write finishes the work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from store import publication
from store.schema import segments
from tests.small_store import SmallStore, open_store, stored_sections

pytestmark = [pytest.mark.files, pytest.mark.slow]

OLD = [f"The old stone {number} lies at the gate." for number in range(8)]
NEW = ["The new stone 0 lies at the river.", *OLD[1:7], "A ninth stone was found at the river."]


def write(papers: Path, texts: list[str]) -> None:
    for number, text in enumerate(texts):
        (papers / f"{number}.txt").write_text(f"1.1\t{text}\n")


def killed_at_each_step(base: Path, work: Path, *papers: Path) -> list[tuple[str, Path]]:
    """Return (step, data folder) for each step at which a process was killed that wrote to a copy of `base`."""
    work.mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "tests.store.kill_at_step", base, work, *papers],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    steps = [line.split("\t") for line in run.stdout.splitlines()]
    return [(name, Path(data)) for data, name in steps]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, Path]]]:
    """The papers as they are now, and (step, data folder) for each step at which an ingest of them was killed."""
    folder = tmp_path_factory.mktemp("killed")
    papers = folder / "papers"
    papers.mkdir()
    store = open_store(folder / "base")
    for number in range(len(OLD)):
        # A segment each, so that the next one makes them too many.
        write(papers, OLD[: number + 1])
        store.ingest(papers)
    (papers / "7.txt").unlink()
    write(papers, NEW[:7])
    (papers / "8.txt").write_text(f"1.1\t{NEW[7]}\n")
    return papers, killed_at_each_step(store.folder, folder / "work", papers)


def test_every_step_of_an_ingest_is_reached(killed: tuple[Path, list[tuple[str, Path]]]) -> None:
    names = [name for name, _ in killed[1]]

    assert {"save_vectors", "announce_segment", "write_segment", "publish", "drop"} <= set(names)
    assert names.count("write_segment") == 3, "one for each of two papers, one to merge"


def test_killed_ingest_leaves_whole_documents_and_the_next_one_completes(
    killed: tuple[Path, list[tuple[str, Path]]],
) -> None:
    papers, steps = killed
    # Each paper is published when it is read; what is gone is removed at last.
    states = [sorted(OLD), sorted([NEW[0], *OLD[1:]]), sorted([*NEW, OLD[7]]), sorted(NEW)]
    reached = []
    for name, folder in steps:
        store = open_store(folder)
        reached.append(states.index(stones(store)))
        assert sorted(store.found("stone")) == stones(store), name

        store.ingest(papers, prune=True)

        assert stones(store) == sorted(NEW), name
        assert set(store.found("stone")) == set(NEW), name
        assert_only_live_segments(store, name)
    assert reached == sorted(reached), "what is published stays so"
    assert set(reached) == {0, 1, 2, 3}


@pytest.fixture(scope="module")
def killed_reindex(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("reindexed")
    papers = folder / "papers"
    papers.mkdir()
    store = open_store(folder / "base")
    for count in (4, 8):
        write(papers, OLD[:count])
        store.ingest(papers)
    return killed_at_each_step(store.folder, folder / "work")


@pytest.mark.slow
def test_every_step_of_a_reindex_is_reached(killed_reindex: list[tuple[str, Path]]) -> None:
    names = {name for name, _ in killed_reindex}

    assert {"save_vectors", "announce_segment", "write_segment", "renew_passages", "retire_segments"} <= names


@pytest.mark.slow
def test_killed_reindex_leaves_the_old_index_or_the_new_one_and_the_next_one_completes(
    killed_reindex: list[tuple[str, Path]],
) -> None:
    published = []
    for name, folder in killed_reindex:
        store = open_store(folder)
        with store.catalog.snapshot() as view:
            published.append(view.model == "another")
        reader = open_store(folder, model="another") if published[-1] else store
        assert sorted(reader.found("stone")) == sorted(OLD), name

        again = open_store(folder, model="another")
        again.pipeline.reindex()

        assert sorted(again.found("stone")) == sorted(OLD), name
        assert_only_live_segments(again, name)
    assert published == sorted(published), "once it is published, it stays so"
    assert set(published) == {False, True}


def assert_only_live_segments(store: SmallStore, name: str) -> None:
    """Assert that neither the catalog nor the index has a segment that is not live, once nobody reads one."""
    store.maintain(clock=lambda: 4e9)
    live = set(publication.live_segments(store.catalog))
    with store.catalog.engine.connect() as connection:
        assert set(connection.scalars(select(segments.c.name))) == live, name
    assert store.index.names() == live, name


def stones(store: SmallStore) -> list[str]:
    return sorted(
        section.text for d in store.catalog.documents() for section in stored_sections(store.catalog, d.id)
    )
