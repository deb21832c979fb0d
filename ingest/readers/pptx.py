"""Reads PowerPoint presentations: title, text in reading order, tables and speaker's notes of each slide."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.base import Block, Element, Extract, page_list
from ingest.readers.docx import MC, resolve_alternatives
from ingest.readers.numbers import as_list_item, format_count
from ingest.readers.office import REFERENCE, checked_copy, open_package, read_properties
from ingest.readers.tables import CharacterBudget, has_header, is_data

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_MARKS = tuple(A + name for name in ("buNone", "buChar", "buBlip", "buAutoNum"))
# ISO/IEC 29500-1, 20.1.10.61 (ST_TextAutonumberScheme).
_SCHEME = re.compile(r"(alphaLc|alphaUc|romanLc|romanUc|arabic)(ParenBoth|ParenR|Period|Plain)")
_FORMS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "arabic": "decimal",
}
_SIGNS = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Plain": "{}."}
_LARGEST_START = 32_767  # of a count
_WHAT = "PowerPoint presentation"
_D = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_MOST_SLIDES = 5_000
# Shapes whose upper edges are nearer than this are beside each other: half a centimetre, in EMU.
_BESIDE_EMU = 180_000
_TITLES = {"TITLE", "CENTER_TITLE", "VERTICAL_TITLE"}
_FEET = {"FOOTER", "HEADER"}
_DROPPED = {"DATE", "SLIDE_NUMBER"}


class ListStyles:
    """The list styles of the placeholders in layouts and masters."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[dict[str, Element], list[Element]]] = {}

    def of(self, shape: Any, slide: Any) -> list[Element]:
        """Return the list styles that apply to a shape, the nearest first."""
        own = shape.element.find(f"{P}txBody/{A}lstStyle")
        found = [] if own is None else [own]
        if shape.is_placeholder:
            layout = slide.slide_layout
            name = str(layout.part.partname)
            if name not in self._known:
                master = layout.slide_master.element
                self._known[name] = (
                    {place.get("idx", "0"): style for place, style in _placeholders(layout.element)},
                    [style for place, style in _placeholders(master) if place.get("type") == "body"]
                    + master.findall(f"{P}txStyles/{P}bodyStyle"),
                )
            by_index, of_master = self._known[name]
            index = str(shape.placeholder_format.idx)
            found += [by_index[index], *of_master] if index in by_index else of_master
        return found


def paragraphs(frame: Any, styles: Sequence[Element], page: int) -> Iterator[Block]:
    """Yield the paragraphs of a text frame."""
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in frame.paragraphs:
        text = " ".join(paragraph.text.split())
        if not text:
            continue
        level = min(max(paragraph.level, 0), 8)
        mark = _mark(paragraph._p, styles, level)
        counts = {place: count for place, count in counts.items() if place <= level}
        if mark is not None and mark.tag == A + "buAutoNum":
            scheme = mark.get("type", "")
            before = counts.get(level, ("", 0))
            number = before[1] + 1 if before[0] == scheme else _start(mark)
            counts[level] = (scheme, number)
            yield Block("item", f"{_label(scheme, number)} {text}", page=page)
            continue
        counts.pop(level, None)
        item = as_list_item(text)
        if item is None and mark is not None and mark.tag != A + "buNone":
            item = f"• {text}"
        yield Block("paragraph" if item is None else "item", item or text, page=page)


def _mark(paragraph: Element, styles: Sequence[Element], level: int) -> Element | None:
    own = paragraph.find(A + "pPr")
    stated = [own, *(style.find(f"{A}lvl{level + 1}pPr") for style in styles)]
    for properties in stated:
        for child in () if properties is None else properties:
            if child.tag in _MARKS:
                return child
    return None


def _start(mark: Element) -> int:
    stated = mark.get("startAt", "")
    is_number = stated.isascii() and stated.isdigit() and len(stated) < 9
    return min(int(stated), _LARGEST_START) if is_number else 1


def _label(scheme: str, number: int) -> str:
    match = _SCHEME.fullmatch(scheme)
    return _SIGNS[match[2]].format(format_count(number, _FORMS[match[1]])) if match else f"{number}."


def _placeholders(tree: Element) -> Iterator[tuple[Element, Element]]:
    """Yield the placeholders of a layout or master that have list styles, with these."""
    for shape in tree.iter(P + "sp"):
        place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        style = shape.find(f"{P}txBody/{A}lstStyle")
        if place is not None and style is not None:
            yield place, style


def read(data: bytes) -> Extract:
    """Read a .pptx (also .pptm, .ppsx). Raises NotReadable."""
    package = open_package(data, _WHAT, "presentation")
    slim = checked_copy(package, "PowerPoint presentation (.pptx)", lambda _: True)
    deck = _Deck()
    try:
        deck.take(_slides(slim))
    except NotReadable:
        raise
    except RecursionError:
        raise NotReadable("the presentation is nested deeper than any is") from None
    except Exception as error:  # python-pptx raises errors of any kind for a damaged file
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise NotReadable(f"the {_WHAT} is damaged ({why})") from None
    return Extract(
        blocks=deck.blocks,
        title=deck.title,
        notes=deck.notes(),
        margins=list(deck.margins),
        properties=read_properties(package),
    )


def _slides(file: io.BytesIO) -> Iterator[tuple[int, Any]]:
    """Yield the slides with their numbers, each once, even if the file names it several times."""
    # Not `Presentation()`, which refuses shows (.ppsx) and templates.
    from pptx.package import Package

    presentation = Package.open(file).main_document_part.presentation
    slides = presentation.slides
    if len(slides) > _MOST_SLIDES:
        raise NotReadable(f"it has {len(slides)} slides; the most is {_MOST_SLIDES}")
    seen = set()
    for number, slide in enumerate(slides, 1):
        if slide.part.partname not in seen:
            seen.add(slide.part.partname)
            yield number, slide


@dataclass
class _Deck:
    """The content of the slides that were read so far; `silent` are the numbers of those without text."""

    blocks: list[Block] = field(default_factory=list)
    title: str | None = None
    margins: dict[str, None] = field(default_factory=dict)
    hidden: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    charts: dict[int, None] = field(default_factory=dict)
    budget: CharacterBudget = field(default_factory=CharacterBudget)
    styles: ListStyles = field(default_factory=ListStyles)

    def take(self, slides: Iterable[tuple[int, Any]]) -> None:
        first = True
        for number, slide in slides:
            if slide.element.get("show") in ("0", "false"):
                self.hidden.append(number)
                continue
            self._slide(number, slide, first)
            first = False

    def notes(self) -> list[str]:
        found = []
        if self.hidden:
            found.append(f"what is hidden is left out: {page_list(self.hidden, 'slide')}")
        if self.silent:
            found.append(f"there is no text on {page_list(self.silent, 'slide')}; pictures are not read")
        if self.charts:
            found.append(f"charts are not read: {page_list(list(self.charts), 'slide')}")
        return found

    def _slide(self, number: int, slide: Any, first: bool) -> None:
        _settle_alternatives(slide.element)
        titles: list[str] = []
        body: list[Block] = []
        for shape in _in_reading_order(slide.shapes):
            kind = shape.placeholder_format.type if shape.is_placeholder else None
            kind = getattr(kind, "name", None)
            if kind in _TITLES or kind in _FEET or kind in _DROPPED:
                text = " ".join(shape.text_frame.text.split()) if shape.has_text_frame else ""
                if text and kind in _TITLES:
                    titles.append(text)
                elif text and kind in _FEET:
                    self.margins[text] = None
                continue
            body.extend(self._shape(shape, slide, number))
        title = ": ".join(titles)
        notes = _speaker_notes(slide)
        if first:
            self.title = title or None
        if not (title or body or notes):
            self.silent.append(number)
            return
        below = list(body)
        if title and (body or notes):
            heading = title
        else:
            # A title with nothing below it is a paragraph: as a heading, it would seem to be above the next slide.
            heading = f"Slide {number}"
            below += [Block("paragraph", title, page=number)] if title not in ("", heading) else []
        if notes:
            below.append(Block("note", notes, page=number))
        self.budget.spend(len(heading) + sum(len(block.raw) for block in below))
        self.blocks += [Block("heading", heading, page=number, level=1), *below]

    def _shape(self, shape: Any, slide: Any, number: int) -> Iterator[Block]:
        properties = shape.element.find(f"*/{P}cNvPr")
        if properties is not None and properties.get("hidden") in ("1", "true"):
            return
        if hasattr(shape, "shapes"):
            for inner in _in_reading_order(shape.shapes):
                yield from self._shape(inner, slide, number)
        elif getattr(shape, "has_table", False):
            yield from self._table(shape.table, number)
        elif getattr(shape, "has_chart", False):
            self.charts[number] = None
        elif shape.has_text_frame:
            yield from paragraphs(shape.text_frame, self.styles.of(shape, slide), number)
        else:
            yield from _diagram(shape, slide, number)

    def _table(self, table: Any, number: int) -> Iterator[Block]:
        rows: list[list[str]] = []
        spanned: set[tuple[int, int]] = set()
        for row in table.rows:
            cells: list[str] = []
            for place, cell in enumerate(row.cells):
                merged = cell._tc
                if merged.vMerge and rows and place < len(rows[-1]):
                    cells.append(rows[-1][place])
                elif merged.hMerge and cells:
                    spanned.add((len(rows), place))
                    cells.append(cells[-1])
                else:
                    cells.append(" ".join(cell.text_frame.text.split()))
                self.budget.spend(len(cells[-1]) + 1)
            rows.append(cells)
        if not is_data(rows):
            texts = dict.fromkeys(cell for row in rows for cell in row if cell)
            yield from (Block("paragraph", text, page=number) for text in texts)
            return
        header = rows[0] if has_header(rows) else None
        for line, cells in list(enumerate(rows))[1 if header else 0 :]:
            once = ["" if (line, place) in spanned else cell for place, cell in enumerate(cells)]
            yield from self.budget.row(once, header, number)


def _in_reading_order(shapes: Iterable[Any]) -> list[Any]:
    """Return shapes from top to bottom, and those beside each other from left to right."""
    placed = sorted(((shape.top or 0, shape.left or 0, shape) for shape in shapes), key=lambda one: one[:2])
    bands: list[list[tuple[int, int, Any]]] = []
    for one in placed:
        if bands and one[0] - bands[-1][0][0] < _BESIDE_EMU:
            bands[-1].append(one)
        else:
            bands.append([one])
    return [shape for band in bands for _, _, shape in sorted(band, key=lambda one: one[1])]


def _settle_alternatives(slide: Element) -> None:
    """Replace alternatives that have the same content by one of them: python-pptx ignores all of them."""
    for node in list(slide.iter(MC + "AlternateContent")):
        parent = node.getparent()
        if parent is not None and parent.tag in (P + "spTree", P + "grpSp"):
            parent[parent.index(node) : parent.index(node) + 1] = list(resolve_alternatives([node]))


def _diagram(shape: Any, slide: Any, number: int) -> Iterator[Block]:
    """Yield the texts of a diagram (SmartArt), each as an item."""
    relation = next(iter(shape.element.iter(_D + "relIds")), None)
    if relation is None:
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(slide.part.related_part(relation.get(REFERENCE + "dm")).blob, parser)
    for point in root.iter(_D + "pt"):
        if point.get("type", "node") in ("node", "asst"):
            text = " ".join("".join(node.text or "" for node in p.iter(A + "t")) for p in point.iter(A + "p"))
            if text.strip():
                yield Block("item", f"• {' '.join(text.split())}", page=number)


def _speaker_notes(slide: Any) -> str:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    lines = (" ".join(line.split()) for line in frame.text.splitlines()) if frame is not None else ()
    return "\n".join(line for line in lines if line)
