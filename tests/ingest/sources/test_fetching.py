"""What is in the library after fetches of sources: documents, pages, feeds."""

from __future__ import annotations

from tests.ingest.sources.conftest import Watched
from tests.ingest.sources.site import Site

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"
LATER = "1.1\tThe Forum will be held in Geneva from 14 to 18 July 2025.\n"
ALLIANCE = "1.1\tThe Schools Alliance has eighty-four partners.\n"


def test_a_document_of_its_own_address(watched: Watched, site: Site) -> None:
    site.put("/forum.txt", FORUM)

    report = watched.fetch(watched.watch(f"{site.url}/forum.txt"))

    assert (report.status, [(d.source, d.status) for d in report.documents]) == (
        "changed",
        [("forum.txt", "new")],
    )
    assert watched.versions() == {"forum.txt": 1}
    assert site.count() == {"/forum.txt": 1}


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

    report = watched.fetch(source, after=3600)

    assert report.status == "unchanged"
    assert site.asked == [("/council", 304), ("/forum.txt", 304)]
    assert site.robots_asked == 0
