"""What is in the library after fetches of sources: documents, pages, feeds."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from store.locks import writer_lock
from tests.ingest.sources.conftest import DAY, FIVE_WEEKS, Watched
from tests.ingest.sources.site import Site

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"
LATER = "1.1\tThe Forum will be held in Geneva from 14 to 18 July 2025.\n"
ALLIANCE = "1.1\tThe Schools Alliance has eighty-four partners.\n"


def test_a_page_gives_the_documents_that_it_lists(watched: Watched, site: Site) -> None:
    site.list(
        "/council",
        "forum.txt",
        "/papers/alliance.txt",
        "about.html",
        "logo.png",
        "http://other.example/x.pdf",
    )
    site.put("/forum.txt", FORUM)
    site.put("/papers/alliance.txt", ALLIANCE)

    watched.fetch(watched.watch(f"{site.url}/council"))

    assert watched.versions() == {"forum.txt": 1, "alliance.txt": 1}
    assert site.count() == {"/council": 1, "/forum.txt": 1, "/papers/alliance.txt": 1}


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


def test_changed_content_under_an_old_date_is_found_within_a_day(watched: Watched, site: Site) -> None:
    page = site.put("/forum.txt", FORUM, modified="Sun, 01 Jun 2025 10:00:00 GMT")
    source = watched.watch(f"{site.url}/forum.txt")
    watched.fetch(source)
    page.body = LATER.encode()
    watched.fetch(source, after=6 * 3600)

    watched.fetch(source, after=18 * 3600)

    assert watched.versions() == {"forum.txt": 2}
    assert site.asked == [("/forum.txt", 200), ("/forum.txt", 304), ("/forum.txt", 200)]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_on_two_days_is_named_and_goes_after_the_time_of_the_setting(
    watched: Watched, site: Site, status: int
) -> None:
    site.list("/council", "forum.txt", "alliance.txt")
    page = site.put("/forum.txt", FORUM)
    site.put("/alliance.txt", ALLIANCE)
    source = watched.watch(f"{site.url}/council")
    watched.fetch(source)
    page.status = status

    first = watched.fetch(source, after=3600)
    same_day = watched.fetch(source, after=3600)
    second = watched.fetch(source, after=DAY)
    third = watched.fetch(source, after=DAY)

    named = [[(d.source, d.status) for d in r.documents] for r in (first, same_day, second, third)]
    assert named == [[], [], [("forum.txt", "gone")], []]
    watched.fetch(source, after=27 * DAY)
    assert watched.versions() == {"alliance.txt": 1, "forum.txt": 1}
    removing = watched.fetch(source, after=DAY)
    assert [(d.source, d.status) for d in removing.documents] == [("forum.txt", "removed")]
    assert watched.versions() == {"alliance.txt": 1}


def test_a_server_that_fails_keeps_its_documents_and_is_asked_less_and_less(
    watched: Watched, site: Site
) -> None:
    page = site.put("/forum.txt", FORUM)
    source = watched.watch(f"{site.url}/forum.txt")
    watched.fetch(source)
    page.status = 500

    waits = []
    for _ in range(7):
        report = watched.fetch(source, after=60)
        waits.append((watched.source(source).due_at - watched.clock.now) / 3600)

    assert (report.status, report.error) == ("failed", "its server fails (HTTP 500)")
    assert waits == [6, 12, 24, 48, 96, 168, 168]
    assert watched.source(source).failures == 7
    page.status = 200
    assert watched.fetch(source, after=60).status == "unchanged"
    assert (watched.source(source).failures, watched.source(source).problem) == (0, "")
    assert watched.versions() == {"forum.txt": 1}


def test_a_web_page_in_place_of_a_file_is_not_taken(watched: Watched, site: Site) -> None:
    site.list("/council", "forum.pdf")
    site.put(
        "/forum.pdf", "<!DOCTYPE html><html><body><p>1.1 Please log in.</p></body></html>", type="text/html"
    )

    report = watched.fetch(watched.watch(f"{site.url}/council"))

    assert [d.status for d in report.documents] == ["failed"]
    assert "web page and not a file" in (report.documents[0].error or "")
    assert watched.versions() == {}


def test_a_file_that_cannot_be_read_is_named_once_and_keeps_its_former_version(
    watched: Watched, site: Site
) -> None:
    page = site.put("/forum.txt", FORUM, etag='"1"')
    source = watched.watch(f"{site.url}/forum.txt")
    watched.fetch(source)
    page.body, page.etag = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old file", '"2"'

    broken = watched.fetch(source, after=3600)
    again = watched.fetch(source, after=3600)

    assert [d.status for d in broken.documents] == ["failed"]
    assert again.documents == ()
    assert watched.versions() == {"forum.txt": 1}
    assert watched.file(source, "forum.txt").problem


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


def test_files_of_the_same_name_are_documents_of_their_own(watched: Watched, site: Site) -> None:
    site.list("/council", "a/agenda.txt", "b/agenda.txt")
    site.put("/a/agenda.txt", FORUM)
    site.put("/b/agenda.txt", ALLIANCE)
    source = watched.watch(f"{site.url}/council")

    watched.fetch(source)
    site.put("/b/agenda.txt", ALLIANCE + "1.2\tIt meets in May 2026.\n")
    watched.fetch(source, after=3600)

    assert watched.versions() == {"agenda.txt": 1, "agenda (council).txt": 2}


def test_a_file_that_moved_stays_the_same_document(watched: Watched, site: Site) -> None:
    site.list("/council", "old/forum.txt")
    site.put("/old/forum.txt", FORUM)
    source = watched.watch(f"{site.url}/council")
    watched.fetch(source)
    site.list("/council", "new/forum.txt")
    del site.pages["/old/forum.txt"]
    site.put("/new/forum.txt", FORUM)

    for days in FIVE_WEEKS:
        watched.fetch(source, after=days * DAY)

    assert watched.versions() == {"forum.txt": 1}
    assert [file.url for file in watched.sources.files(source)] == [f"{site.url}/new/forum.txt"]


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
