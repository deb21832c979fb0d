"""Reads web pages, without their menus, scripts and forms."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers import text
from ingest.readers.base import Block, Extract, Properties
from ingest.readers.html.walk import Element, Walk, words
from ingest.readers.numbers import classify_numbers

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w:.-]{2,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding=[\"']([\w:.-]{2,40})")
# A document type with its own declarations: the parser ignores them, but would read the end of them as text.
_DECLARATIONS = re.compile(r"^(\s*(?:<\?xml[^>]*>\s*)?)<!DOCTYPE[^\[>]*\[.*?\]\s*>", re.IGNORECASE | re.S)
# Names of metadata with the date of a page, the best first.
_DATES = """dcterms.date dcterms.issued dc.date date article:published_time citation_publication_date datepublished
    pubdate dcterms.modified article:modified_time""".split()
# The tree of a page takes many times the size of the page.
_LARGEST_CHARS = 20_000_000


def read(data: bytes) -> Extract:
    """Read HTML or XHTML. Raises NotReadable."""
    return extract(decode(data))


def extract(page: str) -> Extract:
    """Return the content of a page of HTML. Raises NotReadable."""
    if len(page) > _LARGEST_CHARS:
        raise NotReadable(f"the page is longer than {_LARGEST_CHARS // 1_000_000} million characters")
    root = _parse(_DECLARATIONS.sub(r"\1", page, count=1))
    try:
        walk, main = Walk(root), _main(root)
        blocks = classify_numbers(walk.blocks(main))
        banner = [block for node in _above(main) if not walk.is_dropped(node) for block in walk.blocks(node)]
        feet = [block.raw for node in root.iter("footer") for block in walk.blocks(node)]
    except RecursionError:
        raise NotReadable("the page is nested deeper than any document is") from None
    return Extract(
        blocks=blocks,
        title=_title(blocks) or _title(banner),
        properties=_properties(root),
        margins=[line for foot in feet for line in foot.splitlines()],
        banner=banner,
    )


def decode(data: bytes) -> str:
    """Return the text of a page in the encoding that it states, if that works; else decode it as plain text."""
    for pattern in (_XML_CHARSET, _CHARSET):
        stated = pattern.search(data[:4096])
        if stated is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
            try:
                # The statement itself could be read as ASCII, so the page is not in UTF-16, even if it states that.
                return data.decode(re.sub(r"(?i)^utf-?16.*|^x-user.*", "utf-8", stated[1].decode("ascii")))
            except (LookupError, UnicodeError):
                continue
    return text.decode(data)


def _parse(page: str) -> Element:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(page.replace("\x00", "").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise NotReadable(f"the page is no HTML ({error})") from None
    if any("RESOURCE_LIMIT" in entry.type_name for entry in parser.error_log):
        raise NotReadable("the page is nested deeper than any document is")
    if root is None:
        raise NotReadable("the page is empty")
    return root


def _main(root: Element) -> Element:
    """Return the part that a page marks as its own content, if it marks exactly one; else the whole page."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = root.findall(path)
        if len(found) == 1 and words(found[0]).strip():
            return found[0]
    body = root.find(".//body")
    return root if body is None else body


def _above(main: Element) -> list[Element]:
    """Return the elements before the page's own content, which may not include the letterhead."""
    found: list[Element] = []
    node = main
    while node is not None and node.tag not in ("body", "html"):
        found += [before for before in node.itersiblings(preceding=True) if isinstance(before.tag, str)]
        node = node.getparent()
    return [node for node in found[::-1] if node.tag != "head"]


def _title(blocks: list[Block]) -> str | None:
    first = next((b for b in blocks if b.kind == "heading" and b.level == 1 and b.number is None), None)
    return " ".join(first.raw.split()) if first is not None else None


def _properties(root: Element) -> Properties:
    title = root.find(".//head/title")
    stated = {
        (node.get("name") or node.get("property") or "").casefold(): (node.get("content") or "").strip()
        for node in root.iter("meta")
    }
    for node in root.iter("time"):
        # Other <time> elements are those of events.
        if node.get("pubdate") is not None or (node.get("itemprop") or "").casefold() == "datepublished":
            stated.setdefault("datepublished", node.get("datetime") or "")
    day = None
    for name in _DATES:
        try:
            day = day or date.fromisoformat(stated.get(name, "")[:10])
        except ValueError:
            continue
    html = root if root.tag == "html" else root.find(".//html")
    return Properties(
        title=(" ".join(words(title).split()) if title is not None else "") or None,
        date=day,
        language=(html.get("lang") if html is not None else None) or None,
    )
