"""What an address is, by its content: a document, a page that lists documents, or a feed; and what that lists. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from ingest.readers.choice import READERS
from store.kept import Form

# The largest page or feed that is searched for links.
LISTING_BYTES = 2_000_000

_PAGES = {".htm", ".html", ".xhtml"}
_DOCUMENTS = {*READERS, ".zip"} - _PAGES
# Suffixes of programs that give a page or a file.
_PROGRAMS = {"", ".asp", ".aspx", ".cgi", ".do", ".jsp", ".php"}
_PAGE_TYPES = {"text/html", "application/xhtml+xml"}
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_HEAD_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Listing:
    """What an address is, and the addresses that it lists, each once, in their order."""

    form: Form
    links: tuple[str, ...] = ()


def look(data: bytes, url: str, pattern: str = "", kind: str = "") -> Listing:
    """Return what the content of an address is; `kind` is its media type.

    A web page without links to documents is a document itself.
    """
    head = data[:_HEAD_BYTES]
    if len(data) > LISTING_BYTES:
        return Listing("document")
    if _FEED.search(head) and not _HTML.search(head):
        links = [link for link in _links_of_feed(data, url) if matches(link, pattern)]
        return Listing("feed", tuple(dict.fromkeys(links)))
    if is_page(data, kind):
        links = [link for link in _links_of_page(data, url) if _is_wanted(link, pattern)]
        if links or pattern:
            return Listing("page", tuple(dict.fromkeys(links)))
    return Listing("document")


def is_page(data: bytes, kind: str = "") -> bool:
    """Whether a content is a web page: it has the marks of one, or begins with any mark under that media type."""
    head = data[:_HEAD_BYTES].lstrip()
    return head.startswith(b"<") and (kind in _PAGE_TYPES or _HTML.search(head) is not None)


def matches(address: str, pattern: str) -> bool:
    """Whether an address has the words of a pattern, or is all of it where that has signs such as * and ?."""
    text, wanted = unquote(address).casefold(), pattern.casefold()
    if any(sign in wanted for sign in "*?["):
        return fnmatchcase(text, wanted) or fnmatchcase(text, f"*{wanted}")
    return wanted in text


def suffix_of(address: str) -> str:
    """Return the suffix of the file that an address names, in its path or at the end of its query: ".pdf"."""
    parts = urlsplit(address)
    found = PurePosixPath(unquote(parts.path)).suffix.casefold()
    asked = PurePosixPath(unquote(parts.query)).suffix.casefold()
    return asked if asked in _DOCUMENTS else found


def is_document_name(name: str) -> bool:
    """Whether a file in a folder has a suffix that is read."""
    return PurePosixPath(name).suffix.casefold() in _DOCUMENTS | _PAGES


def gives_page(address: str) -> bool:
    """Whether an address may give a web page: one that names a file of another format should not."""
    return suffix_of(address) not in _DOCUMENTS


def _is_wanted(link: str, pattern: str) -> bool:
    suffix = suffix_of(link)
    if not pattern:
        return suffix in _DOCUMENTS
    return matches(link, pattern) and suffix in _DOCUMENTS | _PAGES | _PROGRAMS


def _links_of_page(data: bytes, url: str) -> Iterator[str]:
    """Yield the addresses on the page's own host that it links."""
    parser = _LinkParser()
    # The parser refuses some markup that browsers accept: what comes before it counts.
    with suppress(AssertionError):
        parser.feed(data.decode("utf-8", "replace"))
    host = urlsplit(url).netloc.casefold()
    base = next(_absolute([parser.base], url), url)
    for link in _absolute(parser.links, base):
        if urlsplit(link).netloc.casefold() == host:
            yield link


def _links_of_feed(data: bytes, url: str) -> Iterator[str]:
    """Yield the addresses of a feed's enclosures and pages."""
    # Imported late: commands that fetch nothing need not wait for it.
    import feedparser

    # From a stream: a text could be taken for the name of a file, or for an address.
    found = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    for entry in found.entries:
        files = [enclosure.get("href", "") for enclosure in entry.get("enclosures", ())]
        yield from _absolute([*files, entry.get("link", "")], url)


def _absolute(links: Iterable[str], base: str) -> Iterator[str]:
    for link in links:
        try:
            address = urljoin(base, link.strip()).partition("#")[0]
            scheme = urlsplit(address).scheme
        except ValueError:
            continue
        if link.strip() and scheme in ("http", "https"):
            yield address.replace(" ", "%20")


class _LinkParser(HTMLParser):
    """Collects the links of a page, and the address that they are relative to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href")
        if address and tag in ("a", "area"):
            self.links.append(address)
        elif address and tag == "base" and not self.base:
            self.base = address
