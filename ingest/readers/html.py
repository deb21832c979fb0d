"""Reads web pages, without their menus, scripts and forms."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers import text
from ingest.readers.base import Block, Element, Extract, Properties, first_day
from ingest.readers.numbers import as_list_item, classify_numbers, format_count, typed_number
from ingest.readers.tables import Repeated, is_data, table_blocks
from ingest.readers.text import looks_like_heading

_DROPPED = {
    "script", "style", "noscript", "template", "nav", "aside", "form", "button", "select", "textarea", "input",
    "svg", "iframe", "object", "canvas", "head", "footer", "dialog", "audio", "video", "rp", "rt",
}  # fmt: skip
_DROPPED_ROLES = frozenset(
    "navigation banner contentinfo search complementary menu doc-backlink doc-toc".split()
)
_BLOCKS = {
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "main", "ol", "p", "pre", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "menu", "caption", "html",
}  # fmt: skip
_HEADING = re.compile(r"h[1-6]")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)
_FORMS = {
    "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter", "upper-alpha": "upperLetter", "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman", "upper-roman": "upperRoman",
}  # fmt: skip
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NOTE_MARK = re.compile(r"\[?(?:\d{1,3}|[*†‡]|[a-z]|[ivx]{1,5})\]?")
# Signs of the link at the end of a note that leads back to the text.
_BACK = "↩↑^\ufe0e" + string.whitespace
_NOTE_TAGS = {"p", "li", "div", "dd", "td", "aside", "section"}
# A cell spans at most so many columns.
_MOST_SPANNED = 64
# Cells that span rows and columns are not repeated beyond so many columns: together they could grow without limit.
_MOST_COLUMNS = 256
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w:.-]{2,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding=[\"']([\w:.-]{2,40})")
# A document type with its own declarations: the parser ignores them, but would read the end of them as text.
_DECLARATIONS = re.compile(r"^(\s*(?:<\?xml[^>]*>\s*)?)<!DOCTYPE[^\[>]*\[.*?\]\s*>", re.IGNORECASE | re.S)
# Names of metadata with the date of a page, the best first.
_DATES = """dcterms.date dcterms.issued dc.date date article:published_time citation_publication_date datepublished
    pubdate dcterms.modified article:modified_time""".split()


@dataclass
class _OpenParagraph:
    """The paragraph being filled."""

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    notes: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        lines = "".join(piece for piece, _ in self.pieces).split("\n")
        return "\n".join(_SPACE.sub(" ", line).strip(" ") for line in lines).strip("\n")

    @property
    def bold(self) -> bool:
        seen = [bold for piece, bold in self.pieces if piece.strip()]
        return bool(seen) and all(seen)


class PageWalk:
    """One pass through a page."""

    def __init__(self, root: Element) -> None:
        self._targets = {
            key: node for node in root.iter() for key in (node.get("id"), node.get("name")) if key
        }
        self._order = {node: place for place, node in enumerate(root.iter())}
        # Notes are read where the text refers to them, and not again at their own place further down.
        self._notes = {note for link in root.iter("a") if (note := self._note_of(link)) is not None}
        self._note_texts: dict[Element, str] = {}
        # The numbers of the list items around this place, the innermost last; None is that of an item without one.
        self._items: list[str | None] = []

    def blocks(self, node: Element) -> list[Block]:
        """Return the blocks of `node`, in reading order."""
        found: list[Block] = []
        line = _OpenParagraph()
        self._flow(node, line, found, bold=False)
        self._end(line, found)
        return found

    def _flow(self, node: Element, line: _OpenParagraph, into: list[Block], *, bold: bool) -> None:
        self._say(line, node.text, bold, node)
        for child in node:
            if not self.is_dropped(child):
                self._element(child, line, into, bold)
            self._say(line, child.tail, bold, node)

    def _element(self, node: Element, line: _OpenParagraph, into: list[Block], bold: bool) -> None:
        tag = node.tag
        if tag == "br":
            line.pieces.append(("\n", bold))
        elif tag == "a" and (note := self._note_of(node)) is not None:
            line.notes.append(note)
        elif tag not in _BLOCKS:
            bold = bold or tag in ("b", "strong") or bool(_BOLD.search(node.get("style") or ""))
            self._flow(node, line, into, bold=bold)
        else:
            self._end(line, into)
            self._block(node, line, into, bold)
            self._end(line, into)

    def _block(self, node: Element, line: _OpenParagraph, into: list[Block], bold: bool) -> None:
        tag = node.tag
        if _HEADING.fullmatch(tag):
            inner = self._inside(node)
            text = " ".join(block.raw.strip() for block in inner if block.kind != "note")
            if text:
                number, rest = typed_number(text, heading=True) or (None, text)
                into.append(Block("heading", rest, number, level=int(tag[1])))
            into.extend(block for block in inner if block.kind == "note")
        elif tag in ("ol", "ul", "menu"):
            self._list(node, into, nested=bool(self._items))
        elif tag == "table":
            self._table(node, into)
        elif tag == "dl":
            self._definitions(node, into)
        else:
            self._flow(node, line, into, bold=bold or bool(_BOLD.search(node.get("style") or "")))

    def _inside(self, node: Element) -> list[Block]:
        """Return the content of `node` as plain paragraphs and notes."""
        found: list[Block] = []
        line = _OpenParagraph()
        self._flow(node, line, found, bold=False)
        self._end(line, found, plain=True)
        return [b if b.number is None else replace(b, raw=f"{b.number}. {b.raw}", number=None) for b in found]

    def _end(self, line: _OpenParagraph, into: list[Block], *, plain: bool = False) -> None:
        text = line.text
        if text:
            into.append(Block("paragraph", text) if plain else _paragraph(text, line.bold))
        texts = map(self._note_text, line.notes)
        into.extend(Block("note", note_text) for note_text in texts if note_text)
        line.pieces.clear()
        line.notes.clear()

    def _note_text(self, note: Element) -> str:
        if note not in self._note_texts:
            inside = " ".join(block.raw for block in self._inside(note)).strip()
            self._note_texts[note] = re.sub(r"^\[?\d{1,3}[\].]?\s+", "", inside).rstrip(_BACK)
        return self._note_texts[note]

    def _list(self, node: Element, into: list[Block], *, nested: bool) -> None:
        """Add the items of a list. The first paragraph of an item gets its mark; others may follow it."""
        # In an item whose number is that of a heading, inner lists continue the number.
        prefix = self._items[-1] if self._items and into and into[0].kind == "heading" else None
        style = _LIST_STYLE.search(node.get("style") or "")
        form = _FORMS.get(node.get("type") or (style[1].casefold() if style else ""), "decimal")
        counted = node.tag == "ol" and not (style and style[1] == "none")
        decimal = form == "decimal"
        count = _integer(node.get("start"), 1)
        for child in node:
            if self.is_dropped(child):
                continue
            if child.tag in ("ol", "ul", "menu"):  # not allowed there, and common
                self._list(child, into, nested=True)
                continue
            if child.tag != "li":
                into.extend(self.blocks(child))
                continue

            count = _integer(child.get("value"), count)
            mark = format_count(count, form) if counted else None
            own = f"{prefix}.{mark}" if prefix and mark else mark
            count += 1
            self._items.append(own if decimal else None)
            inner = self.blocks(child)
            self._items.pop()

            first = inner[0] if inner and inner[0].number is None else None
            if first and first.kind == "paragraph" and mark is None:
                inner[0] = replace(first, kind="item", raw=as_list_item(first.raw) or f"• {first.raw}")
            elif first and first.kind == "paragraph" and not (decimal and (not nested or prefix)):
                inner[0] = replace(first, kind="item", raw=f"{mark}. {first.raw}")
            elif first and first.kind in ("paragraph", "heading"):
                inner[0] = replace(first, number=own)
            into.extend(inner)

    def _definitions(self, node: Element, into: list[Block]) -> None:
        term = ""
        for child in _own(node, ("dt", "dd"), "dl"):
            text = " ".join(block.raw for block in self._inside(child)).strip()
            if child.tag == "dt":
                term = text
            elif text:
                into.append(Block("row", f"{term}: {text}" if term else text, rows=((term, text),)))

    def _table(self, table: Element, into: list[Block]) -> None:
        rows = list(_own(table, ("tr",), "table"))
        # Nested tables are not read here as the texts of cells, and then once more as text in a frame.
        if table.get("role") == "presentation" or table.find(".//table") is not None:
            self._frame(rows, into)
            return
        grid: list[list[str]] = []
        heads = 0
        carried: dict[int, tuple[int, str]] = {}
        for row in rows:
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            in_head = bool(cells) and (
                row.getparent().tag == "thead" or all(cell.tag == "th" for cell in cells)
            )
            heads += in_head and heads == len(grid)
            grid.append(self._cells(cells, carried))
        if heads or is_data(grid):
            into.extend(table_blocks(grid, heads))
        else:
            self._frame(rows, into)

    def _frame(self, rows: list[Element], into: list[Block]) -> None:
        """Add the blocks of a table that is a frame around text."""
        for row in rows:
            for cell in row:
                if cell.tag in ("td", "th"):
                    into.extend(self.blocks(cell))

    def _cells(self, cells: list[Element], carried: dict[int, tuple[int, str]]) -> list[str]:
        """Return one text for each column; `carried` has the cells that span from the rows above."""
        row: list[str] = []

        def carry() -> None:
            while len(row) in carried and len(row) < _MOST_COLUMNS:
                left, text = carried.pop(len(row))
                if left > 1:
                    carried[len(row)] = (left - 1, text)
                row.append(text)

        for cell in cells:
            carry()
            text = "\n".join(block.raw for block in self._inside(cell))
            may_span = len(row) < _MOST_COLUMNS
            span = min(max(_integer(cell.get("colspan"), 1), 1), _MOST_SPANNED) if may_span else 1
            for column in range(span):
                shown = Repeated(text) if column else text
                if (down := _integer(cell.get("rowspan"), 1)) > 1 and len(row) < _MOST_COLUMNS:
                    carried[len(row)] = (min(down, 1000) - 1, shown)
                row.append(shown)
        carry()
        return row

    def _note_of(self, link: Element) -> Element | None:
        """Return the note that a link such as "[1]" leads to."""
        href = link.get("href") or ""
        mark = words(link).strip()
        raised = link.find(".//sup") is not None or (
            link.getparent() is not None and link.getparent().tag == "sup"
        )
        if not href.startswith("#") or not _NOTE_MARK.fullmatch(mark) or not (raised or mark.startswith("[")):
            return None
        target = self._targets.get(href[1:])
        if target is not None and target.tag in ("a", "span", "sup"):
            target = next((up for up in target.iterancestors("p", "li", "div", "dd", "td")), None)
        # A note is below its mark; the link from the note leads back up.
        if target is None or target.tag not in _NOTE_TAGS or self._order[target] < self._order[link]:
            return None
        return target

    def is_dropped(self, node: Element) -> bool:
        """Whether an element is no content: a menu, script or form, a hidden element, a note read elsewhere."""
        return (
            node.tag in _DROPPED
            or node in self._notes
            or node.get("hidden") is not None
            or node.get("aria-hidden") == "true"
            or (node.get("role") or "") in _DROPPED_ROLES
            or bool(_HIDDEN.search(node.get("style") or ""))
        )

    def _say(self, line: _OpenParagraph, text: str | None, bold: bool, within: Element) -> None:
        if text:
            kept = within.tag == "pre"
            line.pieces.append((text if kept else _SPACE.sub(" ", text), bold))


def _own(node: Element, tags: tuple[str, ...], inner: str) -> Iterator[Element]:
    """Yield the elements of these tags below `node`, but not those of a nested element `inner`."""
    for child in node:
        if child.tag in tags:
            yield child
        elif child.tag != inner:
            yield from _own(child, tags, inner)


def words(node: Element) -> str:
    """Return all text below `node`."""
    return "".join(node.itertext())


def _paragraph(text: str, bold: bool) -> Block:
    if (typed := typed_number(text)) is not None:
        number, rest = typed
        return Block("heading" if bold and looks_like_heading(rest) else "paragraph", rest, number)
    if (item := as_list_item(text)) is not None:
        return Block("item", item)
    return Block("heading" if bold and looks_like_heading(text) else "paragraph", text)


def _integer(text: str | None, default: int) -> int:
    found = re.fullmatch(r"\s*([+-]?\d{1,6})\s*", text or "")
    return int(found[1]) if found else default


def read(data: bytes) -> Extract:
    """Read HTML or XHTML. Raises NotReadable."""
    return extract(decode(data))


def extract(page: str) -> Extract:
    """Return the content of a page of HTML. Raises NotReadable."""
    root = _parse(_DECLARATIONS.sub(r"\1", page, count=1))
    walk, main = PageWalk(root), _main(root)
    blocks = classify_numbers(walk.blocks(main))
    banner = [block for node in _above(main) if not walk.is_dropped(node) for block in walk.blocks(node)]
    feet = [block.raw for node in root.iter("footer") for block in walk.blocks(node)]
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
        found += node.itersiblings(preceding=True)
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
    html = root if root.tag == "html" else root.find(".//html")
    return Properties(
        title=(" ".join(words(title).split()) if title is not None else "") or None,
        date=first_day(stated.get(name, "") for name in _DATES),
        language=(html.get("lang") if html is not None else None) or None,
    )
