"""Pages and feeds, documents in several languages, revisions, and what people have put in."""

from __future__ import annotations

import pytest

from ingest.sources.listing import look
from tests.ingest.sources.conftest import DAY, FIVE_WEEKS, Watched
from tests.ingest.sources.site import Site

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"
LATER = "1.1\tThe Forum will be held in Geneva from 14 to 18 July 2025.\n"
ALLIANCE = "1.1\tThe Schools Alliance has eighty-four partners.\n"
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Council</title>
<item><title>Forum</title><link>{url}/news/forum</link><enclosure url="{url}/files/forum.txt" type="text/plain"/></item>
<item><title>Other</title><link>ftp://nowhere.example/x</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Council</title>
<entry><title>Forum</title><link href="/news/forum"/><link rel="enclosure" href="/files/forum.txt"/></entry></feed>"""


@pytest.mark.parametrize("feed", [RSS, ATOM])
def test_a_feed_gives_its_enclosures_and_pages(watched: Watched, site: Site, feed: str) -> None:
    site.put("/feed", feed.format(url=site.url), type="application/xml")
    site.put(
        "/news/forum", PAGE.format("The Forum", "It is held in Geneva on 7 July 2025."), type="text/html"
    )
    site.put("/files/forum.txt", FORUM)
    source = watched.watch(f"{site.url}/feed")

    watched.fetch(source)

    assert watched.source(source).form == "feed"
    assert watched.versions() == {"forum.txt": 1, "forum.html": 1}


def test_a_web_page_without_links_to_documents_is_a_document(watched: Watched, site: Site) -> None:
    site.put(
        "/news", PAGE.format("The Forum", 'It is in Geneva. <a href="/about">About</a>'), type="text/html"
    )
    source = watched.watch(f"{site.url}/news")

    watched.fetch(source)

    assert (watched.source(source).form, watched.versions()) == ("document", {"news.html": 1})


def test_a_web_page_that_lists_documents_later_gives_them(watched: Watched, site: Site) -> None:
    site.put("/council", PAGE.format("The Council", "Its papers will come."), type="text/html")
    source = watched.watch(f"{site.url}/council")
    watched.fetch(source)
    site.list("/council", "forum.txt")
    site.put("/forum.txt", FORUM)

    report = watched.fetch(source, after=3600)

    assert {(d.source, d.status) for d in report.documents} == {
        ("council.html", "removed"),
        ("forum.txt", "new"),
    }
    assert (watched.source(source).form, watched.versions()) == ("page", {"forum.txt": 1})


def test_the_pattern_chooses_of_what_a_page_lists() -> None:
    links = ["C25-31.docx", "C25-32.docx", "C24-9.docx", "md/C25-33/en", "style.css", "C25-34.html"]
    page = "<html>" + "".join(f'<a href="{link}">x</a>' for link in links)

    def found(pattern: str) -> list[str]:
        return [
            link.rpartition("itu.int/")[2] for link in look(page.encode(), "https://itu.int/c", pattern).links
        ]

    assert found("") == ["C25-31.docx", "C25-32.docx", "C24-9.docx"]
    assert found("c25") == ["C25-31.docx", "C25-32.docx", "md/C25-33/en", "C25-34.html"]
    assert found("C25-*.docx") == ["C25-31.docx", "C25-32.docx"]
    assert found("nothing") == []


def test_a_page_behind_a_link_gives_the_files_that_it_lists(watched: Watched, site: Site) -> None:
    site.list("/council", "/md/C25-31/en", "/md/about")
    site.list(
        "/md/C25-31/en", "/files/C25-31-E.txt", "/files/C25-31-F.txt", "/files/other.txt", "/md/C25-31/next"
    )
    for letter in "EF":
        site.put(
            f"/files/C25-31-{letter}.txt",
            f"Document C25/31-{letter}\n1.1\tThe Forum ({letter}) is in Geneva.\n",
        )
    source = watched.watch(f"{site.url}/council", pattern="C25-31")
    first = watched.fetch(source)
    site.list("/md/C25-31/en", *(f"/files/C25-31-{letter}.txt" for letter in "EFS"))
    site.put("/files/C25-31-S.txt", "Document C25/31-S\n1.1\tThe Forum (S) is in Geneva.\n")

    second = watched.fetch(source, after=6 * 3600)

    assert {(d.source, d.status) for d in first.documents} == {
        ("C25-31-E.txt", "new"),
        ("C25-31-F.txt", "new"),
    }
    assert {(d.source, d.status) for d in second.documents} == {("C25-31-S.txt", "new")}
    assert "/md/C25-31/next" not in site.count(404)


@pytest.mark.parametrize(
    "page",
    [
        b'<html><a href="a.pdf">a</a><![bogus[ <a href="b.pdf">',
        b'<html><base href="http://["><a href="a.pdf">a</a>',
        b'<html><a href="http://[/b.pdf">b</a><a href="a.pdf">a</a><a>c</a><a href>d</a>',
        b"<html>\xff\xfe<a href='a.pdf'>a</a>\x00",
    ],
)
def test_a_page_with_faults_gives_the_links_that_can_be_read(page: bytes) -> None:
    assert look(page, "https://itu.int/council/").links == ("https://itu.int/council/a.pdf",)


@pytest.mark.parametrize(
    ("kind", "documents"),
    [
        ("text/html", {"forum.txt": 1}),
        ("application/xhtml+xml; charset=utf-8", {"forum.txt": 1}),
        ("text/plain", {"council.txt": 1}),
    ],
)
def test_the_media_type_counts_where_a_page_has_no_html_element(
    watched: Watched, site: Site, kind: str, documents: dict[str, int]
) -> None:
    site.put("/council", '<div><p>The papers:</p><a href="forum.txt">Forum</a></div>', type=kind)
    site.put("/forum.txt", FORUM)

    watched.fetch(watched.watch(f"{site.url}/council"))

    assert watched.versions() == documents


@pytest.mark.parametrize(
    "feed",
    [
        b"<rss",
        b"<rss version='2.0'><channel><item><link>http://[</link></item>",
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<rss version='2.0'><channel><item><link>&x;</link></item></channel></rss>",
    ],
)
def test_a_feed_with_faults_gives_nothing(feed: bytes) -> None:
    assert look(feed, "https://itu.int/feed").links == ()


def test_a_revision_is_a_new_version_and_its_first_version_is_not_taken_again(
    watched: Watched, site: Site
) -> None:
    first, second = "S25-CL-C-0031!!MSW-E.txt", "S25-CL-C-0031!R1!MSW-E.txt"
    site.list("/council", first)
    base = site.put(f"/{first}", f"Document C25/31-E\n{FORUM}", etag='"1"')
    source = watched.watch(f"{site.url}/council")
    watched.fetch(source)
    site.list("/council", first, second)
    site.put(f"/{second}", f"Revision 1 to\nDocument C25/31-E\n{LATER}", etag='"1"')

    revised = watched.fetch(source, after=3600)
    base.body, base.etag = base.body + b"1.2\tA footnote.\n", '"2"'
    watched.fetch(source, after=3600)

    assert [(d.source, d.status) for d in revised.documents] == [(second, "changed")]
    assert {(d.symbol, d.version) for d in watched.documents().values()} == {("C25/31(Rev.1)-E", 2)}


def test_the_same_document_in_two_formats_is_taken_once_and_stays_so(watched: Watched, site: Site) -> None:
    site.list("/council", "S25-CL-C-0031!!MSW-E.txt", "S25-CL-C-0031!!PDF-E.txt")
    site.put("/S25-CL-C-0031!!MSW-E.txt", f"Document C25/31-E\n{FORUM}")
    other = site.put("/S25-CL-C-0031!!PDF-E.txt", f"Document C25/31-E\n\n{FORUM}", etag='"1"')
    source = watched.watch(f"{site.url}/council")
    report = watched.fetch(source)
    other.body, other.etag = other.body + b"\n", '"2"'

    watched.fetch(source, after=3600)

    assert {d.status for d in report.documents} == {"new", "unchanged"}
    assert {(d.source, d.version) for d in watched.documents().values()} == {("S25-CL-C-0031!!MSW-E.txt", 1)}


def put_in(watched: Watched, name: str, text: str) -> None:
    """Put a file into the library by hand."""
    watched.store.ingest_stored(watched.store.send(name, text.encode(), watched.clock.now - DAY))


def test_what_somebody_has_put_in_stays_as_it_is(watched: Watched, site: Site) -> None:
    put_in(watched, "ours.txt", f"Document C25/31-E\n{FORUM}")
    put_in(watched, "agenda.txt", ALLIANCE)
    before = watched.documents()
    site.list("/council", "S25-CL-C-0031!R1!MSW-E.txt", "agenda.txt", "copy.txt")
    site.put("/S25-CL-C-0031!R1!MSW-E.txt", f"Revision 1 to\nDocument C25/31-E\n{LATER}")
    agenda = site.put("/agenda.txt", "1.1\tAnother agenda.\n")
    copy = site.put("/copy.txt", ALLIANCE)
    source = watched.watch(f"{site.url}/council")

    watched.fetch(source)
    agenda.status = copy.status = site.pages["/S25-CL-C-0031!R1!MSW-E.txt"].status = 404
    for days in FIVE_WEEKS:
        watched.fetch(source, after=days * DAY)

    assert watched.documents() == before


def test_documents_of_a_source_are_for_its_audience_alone(watched: Watched, site: Site) -> None:
    site.put("/forum.txt", FORUM)
    channel = watched.watch(f"{site.url}/forum.txt", name="ours", audience="T1/C1")
    watched.fetch(channel)
    everybody = watched.documents()

    watched.fetch(watched.watch(f"{site.url}/forum.txt", name="all"))

    assert everybody == {}
    assert list(watched.documents("T1/C1")) == ["forum.txt"]
    assert list(watched.documents()) == ["forum.txt"]
