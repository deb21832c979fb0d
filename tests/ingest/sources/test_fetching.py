"""What is in the library after fetches of sources: documents, pages, feeds."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from store.locks import writer_lock
from tests.ingest.sources.conftest import Watched
from tests.ingest.sources.site import Site

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"
LATER = "1.1\tThe Forum will be held in Geneva from 14 to 18 July 2025.\n"
ALLIANCE = "1.1\tThe Schools Alliance has eighty-four partners.\n"


def test_what_is_unchanged_costs_one_conditional_request(watched: Watched, site: Site) -> None:
    site.list("/council", "forum.txt").etag = '"page"'
    site.put("/forum.txt", FORUM, etag='"1"')
    source = watched.watch(f"{site.url}/council")
    watched.fetch(source)
    site.forget()
    # Neither the library nor the stored files are opened.
    watched.fetcher = replace(watched.fetcher, pipeline=None, storage=None)  # type: ignore[arg-type]

    report = watched.fetch(source, after=3600)

    assert report.status == "unchanged"
    assert site.asked == [("/council", 304), ("/forum.txt", 304)]


@pytest.mark.slow
def test_while_another_program_writes_what_came_waits_and_is_not_fetched_again(
    watched: Watched, site: Site
) -> None:
    site.list("/council", "forum.txt").etag = '"page"'
    site.put("/forum.txt", FORUM)
    source = watched.watch(f"{site.url}/council")
    with writer_lock(watched.store.catalog.engine, watched.store.folder):
        busy = watched.fetch(source)
    waits = watched.source(source).due_at - watched.clock.now

    report = watched.fetch(source, after=waits)

    assert (busy.status, waits, report.status) == ("failed", 300, "changed")
    assert site.asked == [("/council", 200), ("/forum.txt", 200), ("/council", 304)]
    assert watched.versions() == {"forum.txt": 1}


def test_documents_of_a_source_are_for_its_audience_alone(watched: Watched, site: Site) -> None:
    site.put("/forum.txt", FORUM)
    channel = watched.watch(f"{site.url}/forum.txt", name="ours", audience="T1/C1")
    watched.fetch(channel)
    everybody = watched.documents()

    watched.fetch(watched.watch(f"{site.url}/forum.txt", name="all"))

    assert everybody == {}
    assert list(watched.documents("T1/C1")) == ["forum.txt"]
    assert list(watched.documents()) == ["forum.txt"]


def test_an_archive_whose_new_version_lacks_a_document(watched: Watched, site: Site) -> None:
    page = site.put("/papers.zip", archive(forum=FORUM, alliance=ALLIANCE), type="application/zip")
    source = watched.watch(f"{site.url}/papers.zip")
    watched.fetch(source)
    page.body = archive(forum=LATER)

    watched.fetch(source, after=3600)

    assert watched.versions() == {"papers.zip/forum.txt": 2}


def archive(**texts: str) -> bytes:
    """Return a zip archive of text files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        for name, text in texts.items():
            written.writestr(f"{name}.txt", text)
    return packed.getvalue()
