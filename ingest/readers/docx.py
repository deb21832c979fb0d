"""Reads Word files: paragraphs with the numbers that Word prints, headings, tables, footnotes, text boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ingest.errors import NotReadable
from ingest.readers.base import Block, BlockKind, Element, Extract
from ingest.readers.numbers import as_list_item, classify_numbers, format_count, typed_number
from ingest.readers.office import Package, open_package, read_properties
from ingest.readers.tables import Repeated, is_data, table_blocks
from ingest.readers.text import looks_like_heading

# Style names stay English in the file whatever the language of Word.
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_TOC = re.compile(r"toc \d|table of figures")
_DEEPEST = 30
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_MOST_SPANNED = 64  # columns by one cell
_PLACEHOLDER = re.compile(r"%([1-9])")
# A numbering may link to a style, and the style to another numbering: more links than this are a cycle.
_MOST_LINKS = 4
_BULLET = "•"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED = {
    W + name
    for name in ("pPr", "rPr", "sdtPr", "instrText", "delText", "delInstrText", "rt", "fldData", "rubyPr")
}
_DELETED = {W + "del", W + "moveFrom"}
_INSERTED = {W + "ins", W + "moveTo"}
_SIGNS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "\u2011", W + "ptab": "\t"}
_NOTES = {W + "footnoteReference": "footnotes", W + "endnoteReference": "endnotes"}
CONTAINERS = {W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
# A paragraph's number, perhaps with the letter of an annex (A.1). Other labels count the items of a list.
_NUMBER = re.compile(r"(?:[A-Z]\.)?\d{1,4}(?:\.\d{1,4})*\.?")
_HEADING_NUMBER = re.compile(r"[^\s()]+|\w+ [^\s()]+")
# Longer text is no heading, even with the style of one, which some offices use only for its numbers.
_HEADING_WORDS = 30


class WordStyles:
    """The styles of one document."""

    def __init__(self, part: Element | None) -> None:
        self._styles = _by_id(part, "style", "styleId")

    @cached_property
    def default(self) -> str:
        """The id of the style of paragraphs that name none."""
        defaults = (
            key
            for key, style in self._styles.items()
            if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true", "on")
        )
        return next(defaults, "")

    def _chain(self, style: str) -> Iterator[tuple[str, Element]]:
        """Yield the style and those that it is based on, nearest first."""
        seen: set[str] = set()
        while style in self._styles and style not in seen and len(seen) < _DEEPEST:
            seen.add(style)
            yield style, self._styles[style]
            style = value(self._styles[style], "basedOn") or ""

    def level(self, style: str) -> int | None:
        """Return the heading level, from 1 down; None for the style of a text."""
        for _, node in self._chain(style):
            if (outline := value(node, "pPr", "outlineLvl")) is not None:
                place = number(outline, 9)
                return place + 1 if 0 <= place < 9 else None
            if match := _HEADING.fullmatch(value(node, "name") or ""):
                return int(match[1])
        return None

    def names(self, style: str) -> list[str]:
        """Return the names of the style and of those that it is based on, nearest first, in lower case."""
        return [(value(node, "name") or "").casefold() for _, node in self._chain(style)]

    def is_contents(self, style: str) -> bool:
        """Whether its paragraphs are a table of contents."""
        return any(map(_TOC.fullmatch, self.names(style)))

    def numbering(self, style: str) -> tuple[str, int | None, str] | None:
        """Return (numId, level where stated, the style that states it) of a paragraph or numbering style."""
        place: int | None = None
        for name, node in self._chain(style):
            stated = value(node, "pPr", "numPr", "ilvl")
            if place is None and stated is not None:
                place = number(stated, 0)
            if (num_id := value(node, "pPr", "numPr", "numId")) is not None:
                return None if num_id == "0" else (num_id, place, name)
        return None

    def is_bold(self, style: str) -> bool:
        """Whether runs of this paragraph or character style are bold."""
        for _, node in self._chain(style):
            if (bold := node.find(f"{W}rPr/{W}b")) is not None:
                return is_on(bold)
        return False


def _by_id(part: Element | None, tag: str, key: str) -> dict[str, Element]:
    return {node.get(W + key, ""): node for node in (() if part is None else part.findall(W + tag))}


def is_on(toggle: Element) -> bool:
    """Whether a toggle property such as w:b is set."""
    return toggle.get(W + "val", "1") not in ("0", "false", "off", "none")


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    pattern: str = ""
    restart: int | None = None
    legal: bool = False
    style: str | None = None


def value(parent: Element, *path: str) -> str | None:
    """Return the w:val at the end of `path` below `parent`; None if there is none."""
    node = parent
    for name in path:
        node = None if node is None else node.find(W + name)
    return None if node is None else node.get(W + "val")


def number(text: str | None, default: int) -> int:
    """Return the integer in an attribute, or `default` if it is broken or far too large."""
    try:
        found = int(text) if text is not None else default
    except ValueError:
        return default
    return found if abs(found) < 1_000_000 else default


class Numbering:
    """The counts of one document; `label` must be called once for each paragraph, in reading order."""

    def __init__(self, part: Element | None, styles: WordStyles) -> None:
        """`part` is the root of numbering.xml."""
        self._styles = styles
        self._abstract = _by_id(part, "abstractNum", "abstractNumId")
        self._instances = _by_id(part, "num", "numId")
        self._counts: dict[str, list[int | None]] = {}
        self._levels: dict[str, Mapping[int, _Level]] = {}
        self._used: set[tuple[str, int]] = set()

    def level_of_style(self, num_id: str, style: str) -> int | None:
        """Return the level of this numbering that is linked to the paragraph style."""
        levels = self._levels_of(num_id)
        return next((place for place, level in levels.items() if level.style == style), None)

    def label(self, num_id: str, place: int) -> str:
        """Count one paragraph on level `place` (from 0) and return its label: "2.3", "(a)", a bullet, or nothing."""
        levels = self._levels_of(num_id)
        if not 0 <= place < _LEVELS or place not in levels:
            return ""
        counts = self._counts.setdefault(self._abstract_of(num_id)[0], [None] * _LEVELS)
        if (num_id, place) not in self._used and place in self._starts(num_id):
            counts[place] = None  # an instance with its own start begins there when it is first used
        self._used.add((num_id, place))
        level = levels[place]
        before = counts[place]
        counts[place] = level.start if before is None else before + 1
        for deeper in range(place + 1, _LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or place < restart:
                counts[deeper] = None
        if level.form == "bullet":
            return _BULLET
        return _PLACEHOLDER.sub(lambda found: _written(found, counts, levels, level), level.pattern).strip()

    def _overrides(self, num_id: str) -> list[Element]:
        instance = self._instances.get(num_id)
        return [] if instance is None else list(instance.findall(W + "lvlOverride"))

    def _starts(self, num_id: str) -> dict[int, int]:
        found = {number(o.get(W + "ilvl"), 0): value(o, "startOverride") for o in self._overrides(num_id)}
        return {place: number(start, 1) for place, start in found.items() if start is not None}

    def _abstract_of(self, num_id: str) -> tuple[str, Element | None]:
        """Return the definition whose count is used; styles may link to it."""
        for _ in range(_MOST_LINKS):
            abstract_id = value(self._instances.get(num_id), "abstractNumId") or ""
            abstract = self._abstract.get(abstract_id)
            link = value(abstract, "numStyleLink")
            linked = self._styles.numbering(link) if link else None
            if linked is None or linked[0] == num_id:
                return abstract_id, abstract
            num_id = linked[0]
        return "", None

    def _levels_of(self, num_id: str) -> Mapping[int, _Level]:
        if num_id not in self._levels:
            _, abstract = self._abstract_of(num_id)
            levels = {
                number(node.get(W + "ilvl"), 0): _level(node)
                for parent in (abstract, *self._overrides(num_id))
                if parent is not None
                for node in parent.findall(W + "lvl")
            }
            for place, start in self._starts(num_id).items():
                levels[place] = replace(levels.get(place, _Level()), start=start)
            self._levels[num_id] = levels
        return self._levels[num_id]


def _level(node: Element) -> _Level:
    restart, legal = value(node, "lvlRestart"), node.find(W + "isLgl")
    return _Level(
        start=number(value(node, "start"), 1),
        form=value(node, "numFmt") or "decimal",
        pattern=value(node, "lvlText") or "",
        restart=None if restart is None else number(restart, 0),
        legal=legal is not None and is_on(legal),
        style=value(node, "pStyle"),
    )


def _written(
    found: re.Match[str], counts: list[int | None], levels: Mapping[int, _Level], own: _Level
) -> str:
    place = int(found[1]) - 1
    level = levels.get(place, _Level())
    count = counts[place]
    form = "decimal" if own.legal and level.form != "none" else level.form
    return format_count(level.start if count is None else count, form)


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of a paragraph, and the element that has it."""

    text: str
    bold: bool
    node: Element


@dataclass
class Inline:
    """Content of one paragraph: pieces of text, text boxes, and notes as (kind of part, id, reference)."""

    pieces: list[Piece] = field(default_factory=list)
    notes: list[tuple[str, str, Element]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    changed: bool = False

    @property
    def text(self) -> str:
        """The text of all pieces."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def bold(self) -> bool:
        """Whether all visible text is bold."""
        seen = [piece.bold for piece in self.pieces if piece.text.strip()]
        return bool(seen) and all(seen)


def style_of(paragraph: Element, styles: WordStyles) -> str:
    """Return the id of a paragraph's style."""
    return value(paragraph, "pPr", "pStyle") or styles.default


def is_continued(paragraph: Element) -> bool:
    """Whether the end of the paragraph was deleted: its text belongs to the next one."""
    return any(paragraph.find(f"{W}pPr/{W}rPr/{W}{tag}") is not None for tag in ("del", "moveFrom"))


def is_deleted(row: Element) -> bool:
    """Whether a row of a table was deleted."""
    return row.find(f"{W}trPr/{W}del") is not None


def resolve_alternatives(node: Element) -> Iterator[Element]:
    """Yield the children of `node`, with only the first of alternatives that have the same content."""
    for child in node:
        if child.tag == MC + "AlternateContent":
            choice = child.find(MC + "Choice")
            choice = child.find(MC + "Fallback") if choice is None else choice
            if choice is not None:
                yield from resolve_alternatives(choice)
        else:
            yield child


def read_inline(node: Element, inline: Inline, styles: WordStyles, bold: bool) -> None:
    """Add the content of a paragraph, or of an element in it, to `inline`: insertions accepted, deletions left out."""
    for child in resolve_alternatives(node):
        tag = child.tag
        if tag in _DELETED:
            inline.changed = True
        elif tag in (W + "t", MATH + "t"):
            inline.pieces.append(Piece(child.text or "", bold, child))
        elif tag in _SIGNS:
            if not (tag == W + "br" and child.get(W + "type") in ("page", "column")):
                inline.pieces.append(Piece(_SIGNS[tag], bold, child))
        elif tag == W + "sym":
            inline.pieces.append(Piece(_symbol(child), bold, child))
        elif tag in _NOTES:
            inline.notes.append((_NOTES[tag], child.get(W + "id", ""), child))
        elif tag == W + "txbxContent":
            inline.boxes.append(child)
        elif tag == W + "r":
            _run(child, inline, styles, bold)
        elif tag not in _SKIPPED:
            inline.changed |= tag in _INSERTED
            read_inline(child, inline, styles, bold)


def _run(run: Element, inline: Inline, styles: WordStyles, bold: bool) -> None:
    properties = run.find(W + "rPr")
    if properties is not None:
        hidden = properties.find(W + "vanish")
        if hidden is not None and is_on(hidden):
            return
        character = properties.find(W + "rStyle")
        if character is not None and styles.is_bold(character.get(W + "val", "")):
            bold = True
        weight = properties.find(W + "b")
        bold = bold if weight is None else is_on(weight)
    read_inline(run, inline, styles, bold)


def _symbol(node: Element) -> str:
    """Return a w:sym as a character; "" for those of symbol fonts, in the private area: bullets and arrows."""
    try:
        code = int(node.get(W + "char", ""), 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= code <= 0xF8FF or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def read_styles(package: Package) -> WordStyles:
    """Return the styles of a document. Raises NotReadable."""
    return WordStyles(next(iter(package.related("styles")), None))


def read_notes(package: Package) -> dict[tuple[str, str], Element]:
    """Return (kind of part, id) -> footnote or endnote. Raises NotReadable."""
    return {
        (kind, note.get(W + "id", "")): note
        for kind in ("footnotes", "endnotes")
        for root in package.related(kind)
        for note in root
    }


def read(data: bytes) -> Extract:
    """Read a .docx (also .docm, .dotx). Raises NotReadable."""
    return _DocumentWalk(open_package(data)).extract()


@dataclass
class _DocumentWalk:
    """One pass through the document, in reading order, with the counters that it needs."""

    package: Package
    blocks: list[Block] = field(default_factory=list)
    title: str | None = None
    changed: bool = False

    def __post_init__(self) -> None:
        self.styles = read_styles(self.package)
        part = next(iter(self.package.related("numbering")), None)
        self.numbering = Numbering(part, self.styles)
        self.notes = read_notes(self.package)
        self.held = Inline()

    def extract(self) -> Extract:
        body = self.package.root(self.package.main).find(W + "body")
        if body is None:
            raise NotReadable("the Word file has no text")
        self._container(body, self.blocks)
        notes = ["it has tracked changes: insertions are read, deletions are not"] if self.changed else []
        return Extract(
            blocks=classify_numbers(self.blocks),
            title=self.title,
            notes=notes,
            margins=self._margins(),
            properties=read_properties(self.package),
        )

    def _container(self, node: Element, into: list[Block]) -> None:
        for child in resolve_alternatives(node):
            if child.tag == W + "p":
                self._paragraph(child, into)
            elif child.tag == W + "tbl":
                self._table(child, into)
            elif child.tag in CONTAINERS:
                self.changed |= child.tag in (W + "ins", W + "moveTo")
                self._container(child, into)

    def _paragraph(self, node: Element, into: list[Block]) -> None:
        style = style_of(node, self.styles)
        read_inline(node, self.held, self.styles, self.styles.is_bold(style))
        if is_continued(node):
            self.changed = True
            return
        inline, self.held = self.held, Inline()
        self.changed |= inline.changed
        names = self.styles.names(style)
        if self.styles.is_contents(style):
            return
        label = self._label(node, style)
        if inline.text.strip():
            into.append(self._block(inline, style, node, label))
            if self.title is None and "title" in names:
                self.title = " ".join(inline.text.split())
        for kind, note_id, _ in inline.notes:
            into.extend(self._note(kind, note_id))
        for box in inline.boxes:
            self._container(box, into)

    def _block(self, inline: Inline, style: str, node: Element, label: str) -> Block:
        text = inline.text.strip("\n")
        outline = value(node, "pPr", "outlineLvl")
        level = self.styles.level(style) if outline is None else number(outline, 9) + 1
        level = 1 if level is None and "title" in self.styles.names(style) else level
        styled = level is not None and level < 10 and len(text.split()) <= _HEADING_WORDS

        # The number of a paragraph is automatic or typed. Other automatic labels count the items of a list.
        paragraph_number, rest = None, text
        if label not in ("", _BULLET):
            if _NUMBER.fullmatch(label) or (styled and _HEADING_NUMBER.fullmatch(label)):
                paragraph_number = label.rstrip(".")
            elif not styled:
                return Block("item", f"{label} {text.lstrip()}")
        elif label and not styled:
            return Block("item", f"{_BULLET} {text.lstrip()}")
        elif typed := typed_number(text, heading=styled):
            paragraph_number, rest = typed
        elif not styled and (item := as_list_item(text)):
            return Block("item", item)

        heading = styled or (inline.bold and looks_like_heading(rest))
        kind: BlockKind = "heading" if heading else "paragraph"
        return Block(kind, rest, paragraph_number, level=level if styled else None)

    def _label(self, node: Element, style: str) -> str:
        num_id = value(node, "pPr", "numPr", "numId")
        place = value(node, "pPr", "numPr", "ilvl")
        if num_id is not None and num_id != "0":
            return self.numbering.label(num_id, number(place, 0))
        inherited = self.styles.numbering(style)
        if num_id == "0" or inherited is None:
            return ""
        own_id, level, stated_by = inherited
        linked = self.numbering.level_of_style(own_id, style)
        linked = self.numbering.level_of_style(own_id, stated_by) if linked is None else linked
        return self.numbering.label(own_id, number(place, linked if linked is not None else level or 0))

    def _note(self, kind: str, note_id: str) -> list[Block]:
        node = self.notes.get((kind, note_id))
        if node is None:
            return []
        inner: list[Block] = []
        # Each note is read once, so that one that refers to itself does not repeat for ever.
        del self.notes[kind, note_id]
        self._container(node, inner)
        text = "\n".join(block.raw.strip() for block in inner if block.raw.strip())
        return [Block("note", text)] if text else []

    def _table(self, table: Element, into: list[Block]) -> None:
        rows: list[list[list[Block]]] = []
        marked = 0
        for row in _below(table, W + "tr"):
            if is_deleted(row):
                self.changed = True
                continue
            mark = row.find(f"{W}trPr/{W}tblHeader")
            marked += mark is not None and is_on(mark) and marked == len(rows)
            rows.append(self._cells(row, rows[-1] if rows else []))
        texts = [
            [_joined(cell, repeated=place > 0 and cell is row[place - 1]) for place, cell in enumerate(row)]
            for row in rows
        ]
        if is_data(texts):
            into.extend(table_blocks(texts, marked))
            return
        # A frame around text: its paragraphs are paragraphs like others. A merged cell is added once.
        for cell in {id(cell): cell for row in rows for cell in row}.values():
            into.extend(cell)

    def _cells(self, row: Element, above: list[list[Block]]) -> list[list[Block]]:
        """Return the content of each column; a cell that spans several is the same list in each."""
        cells: list[list[Block]] = [[] for _ in range(_span(row, "trPr", "gridBefore", 0))]
        for cell in _below(row, W + "tc"):
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            content: list[Block] = []
            if merge is None or merge.get(W + "val") == "restart" or len(cells) >= len(above):
                self._container(cell, content)
            else:
                content = above[len(cells)]
            cells.extend([content] * _span(cell, "tcPr", "gridSpan", 1))
        return cells

    def _margins(self) -> list[str]:
        found: dict[str, None] = {}
        for kind in ("header", "footer"):
            for root in self.package.related(kind):
                inner: list[Block] = []
                self._container(root, inner)
                found |= {
                    line.strip(): None for b in inner for line in re.split(r"[\t\n]", b.raw) if line.strip()
                }
        return list(found)


def _span(node: Element, properties: str, tag: str, least: int) -> int:
    """Return how many columns of the table's grid a property states."""
    return min(max(number(value(node, properties, tag), least), least), _MOST_SPANNED)


def _joined(cell: list[Block], *, repeated: bool) -> str:
    text = "\n".join(f"{block.number}. {block.raw}" if block.number else block.raw for block in cell)
    return Repeated(text) if repeated else text


def _below(node: Element, tag: str) -> Iterator[Element]:
    for child in resolve_alternatives(node):
        if child.tag == tag:
            yield child
        elif child.tag in CONTAINERS:
            yield from _below(child, tag)
