"""Reads PDFs with PDFium: lines and tables become paragraphs, headings, items, rows and notes, each with its page.

Places are in points (1/72 inch) from the lower left corner of the page; those of a page from right to left are
mirrored, so that a text begins at the left everywhere.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from statistics import quantiles
from typing import Any, NamedTuple, TypeVar
from unicodedata import combining, normalize

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract, Properties, first_day, page_list
from ingest.readers.numbers import as_list_item, classify_numbers, typed_number
from ingest.readers.tables import table_blocks
from ingest.readers.text import looks_like_heading

# A scanned page with fewer letters has no text but a stamp.
_LEAST_LETTERS = 25
# A stamp on a scan is text: `--skip-text` would skip its page.
_RECOGNITION = "through text recognition (OCR), for instance `ocrmypdf {} in.pdf out.pdf`, and add the result"
# Type that is larger than the text by this factor is that of a heading.
_LARGE = 1.12
# The greatest average width of a letter, as a share of its size.
_LETTER_WIDTH = 0.6
# A word is divided over at most so many lines.
_LINES_OF_WORD = 3
_CLOSES = re.compile(r"[.;:!?…。؟]['\"”’)]*$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Programs that print to a file record when a document was printed, not when it was written.
_PRINTED = re.compile(
    r"print to pdf|skia|chrom|mozilla|wkhtmltopdf|quartz pdfcontext|pdfcreator|cutepdf|scan", re.I
)

# A running head or foot has at most so many lines.
_MOST_LINES = 4
# The share of the pages that a running head or foot is on.
_LEAST_SHARE = 0.4
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.)?\s*[-–—|]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*[-–—|]?(?:\s*(?:/|of)\s*\d{1,4})?"
    # what web browsers print around a page
    r"|\w+://\S+\s+\d+/\d+|\d{1,2}/\d{1,2}/\d{2,4}, \d{1,2}:\d\d.*",
    re.IGNORECASE,
)
_COUNT = re.compile(r"(?<!\S)\d+(?:/\d+)?(?!\S)")
# A document's symbol, if it is alone on its line.
_SYMBOL = re.compile(r"[A-Z][A-Z0-9.&-]*(?:/[A-Z0-9.&-]+)*/?\d[A-Z0-9.&()-]*(?:-[A-Z])?")
# At the head and foot of a page, in this share of its height, a number alone is the page number.
_EDGE = 0.1
# What is looked at to tell a drawing from a text.
_MOST_OBJECTS = 20_000
# A page is drawn if pictures cover this share of it, or if it has so many outlines that they may be letters.
_LEAST_COVERED = 0.3
_LEAST_OUTLINES = 200
# Codes by which PDFium marks a hyphen at the end of a line.
_HYPHENS = (0x02, 0xFFFE, 0x2010)
_LEFTWARD = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RIGHT_TO_LEFT = re.compile(_LEFTWARD)
# What runs from left to right between such letters: Latin words with what is between them; else numbers. The first of
# two numbers of a range may be on either side.
_RIGHTWARD_RUN = re.compile(
    r"(?:\d[\d.,/:]*)?[A-Za-z](?:[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]*[0-9A-Za-z])?"
    r"|(?<![\d-])(?P<first>\d{1,9})[-–—](?P<last>\d{1,9})(?![\d/-])|\d+(?:[.,/:]\d+)*"
)
_LEFTWARD_RUN = re.compile(rf"{_LEFTWARD}(?:[^A-Za-z]*{_LEFTWARD})?")
# Files have the brackets of such text in either form; their places tell the right one.
_OPENING = re.compile(r"(?<![^\s(\[«])[()\[\]«»](?=[^\s.,:;،؛])")
_CLOSING = re.compile(r"(?<=[^\s(\[«])[()\[\]«»](?=[\s.,:;،؛؟!)\]»]|$)")
_OPENED, _CLOSED = str.maketrans(")]»", "([«"), str.maketrans("([«", ")]»")
# Letters with their shape in a word or together with others, such as \ufefb.
_SHAPES = re.compile(r"[\ufb50-\ufdff\ufe70-\ufeff]+")
# Lines are apart by more than this share of their type size.
_LINE_REACH = 0.3
# As shares of the type size: the least width of a space, and the widest gap between two letters of one word.
_LEAST_SPACE = 0.05
_JOINT = 0.175
_MARKED_JOINT = 0.235
_NAME_BYTES = 128
_FORCE_BOLD = 1 << 18  # ISO 32000-1, table 123
_BOLD_FONT = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)

# A narrower box is a ruled line.
_THIN_POINTS = 2.5
# Ruled lines meet if they are at most this far apart.
_TOUCH_POINTS = 3.0
# A page with more is a drawing, and comparing all of them would take long.
_MOST_RULES = 2_000

_MARK = re.compile(r"\d{1,3}|[*†‡]{1,3}")
# A wider gap within a line, as a factor of the type size, is a tab.
_WIDE = 1.6
# The least width of a gutter, the gap between two columns, as the same factor: more than a space between words.
_LEAST_GUTTER = 0.6
# Places that are tried as the gutter, and lines that have to show it.
_MOST_GUTTERS = 40
_LEAST_LINES = 4


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line of text in its column; `notes` are the raised marks in it, `mark` is one at its start."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    page: int
    column: tuple[float, float] = (0.0, 0.0)
    notes: tuple[str, ...] = ()
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: the text of each cell, the first row first; `top` is its upper edge."""

    rows: list[list[str]]
    top: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `number` counts from 1. `drawn`: so much of it is pictures that they may show text.

    `letters` are all that it has, `unknown` those of which the font does not say which they are. `refused`: PDFium
    cannot open it.
    """

    number: int
    height: float
    parts: Sequence[PrintedLine | Table]
    letters: int = 0
    unknown: int = 0
    drawn: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """Letters without a space between them, in one size; `size` is the height of the font's box."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    spaced: bool  # whether there is a space before it
    leftward: bool = False  # whether its page is from right to left

    def mirrored(self, width: float) -> PrintedWord:
        """Return the word with its place on the mirrored page, which has this width."""
        return replace(self, left=width - self.right, right=width - self.left, leftward=True)


class _Letter(NamedTuple):
    sign: str
    left: float
    right: float
    origin: float  # where the place of a letter begins, which may be wider than what is drawn
    base: float
    size: float
    bold: bool
    em: float  # the size of the type, of which the height of the box may be much more; 0 on pages without such lines


_Sign = TypeVar("_Sign", PrintedWord, _Letter)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A ruled line, horizontal or vertical, as the box that it fills."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def upright(self) -> bool:
        return self.top - self.bottom > self.right - self.left

    def crosses(self, other: _Rule) -> bool:
        return (
            self.upright != other.upright
            and self.left - _TOUCH_POINTS <= other.right
            and other.left <= self.right + _TOUCH_POINTS
            and self.bottom - _TOUCH_POINTS <= other.top
            and other.bottom <= self.top + _TOUCH_POINTS
        )


def read(data: bytes) -> Extract:
    """Read a PDF. Raises NotReadable, also if all pages are scans without text."""
    pages, properties = read_pages(data)
    if all(page.refused for page in pages):
        raise NotReadable("the PDF is damaged")
    letters = sum(page.letters for page in pages)
    scans = [page for page in pages if page.drawn and page.letters < _LEAST_LETTERS]
    if letters < _LEAST_LETTERS or (scans and all(page.letters < _LEAST_LETTERS for page in pages)):
        what = "it is a scan without text:" if scans else "it has no text; if its pages are pictures,"
        raise NotReadable(f"{what} run it {_RECOGNITION.format('--redo-ocr')}")
    if sum(page.unknown for page in pages) > 0.3 * letters:
        raise NotReadable(
            f"its fonts do not say which letters they show: run it {_RECOGNITION.format('--force-ocr')}"
        )
    sizes: Counter[float] = Counter()
    for line in _lines(part for page in pages for part in page.parts):
        sizes[round(line.size, 1)] += len(line.text)
    size = max(sizes, key=sizes.__getitem__, default=1.0)
    bodies, margins = without_margins(pages, size)
    blocks = Composition(bodies, size).blocks()
    # The first of the largest headings of the first page, if it has no number.
    titles = (b for b in blocks if b.page == 1 and b.kind == "heading" and b.level == 1 and b.number is None)
    title = next((" ".join(block.raw.split()) for block in titles), None)
    printed = _PRINTED.search(properties.get("Producer", "") + " " + properties.get("Creator", ""))
    stated = () if printed else (properties.get(name, "") for name in ("ModDate", "CreationDate"))
    return Extract(
        blocks=classify_numbers(blocks),
        title=title,
        notes=_unread(pages, scans),
        margins=margins,
        properties=Properties(
            title=properties.get("Title") or None,
            date=first_day(day.removeprefix("D:")[:8] for day in stated),
        ),
    )


def _lines(parts: Iterable[PrintedLine | Table]) -> Iterator[PrintedLine]:
    return (part for part in parts if isinstance(part, PrintedLine))


def _unread(pages: Sequence[Page], scans: Sequence[Page]) -> list[str]:
    """Return what is said of the pages that were not read."""
    notes = []
    if refused := [page.number for page in pages if page.refused]:
        notes.append(f"{page_list(refused)}: damaged and not read; to have all, print the file to a new PDF")
    if scans:
        option = _RECOGNITION.format("--redo-ocr")
        verb, them = ("are scans", "them") if len(scans) > 1 else ("is a scan", "it")
        named = page_list([page.number for page in scans])
        notes.append(f"{named} {verb} without text and not read; to have {them} too, run the file {option}")
    return notes


@dataclass(frozen=True, slots=True)
class Body:
    """One page without its margins; `notes` are (mark, text) from its foot."""

    number: int
    parts: Sequence[PrintedLine | Table]
    notes: Sequence[tuple[str, list[PrintedLine]]]


def without_margins(pages: Sequence[Page], size: float) -> tuple[list[Body], list[str]]:
    """Return the pages without running heads and feet, and those, each once; `size` is that of the text."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_shape(line) for edge in _edges(page) for line in edge})
    least = max(2.0, _LEAST_SHARE * len(pages))
    bodies, margins = [], dict[str, None]()
    for page in pages:
        outer = [line for edge in _edges(page) for line in _peel(edge, seen, least, page.height, size)]
        margins |= {piece.strip(): None for line in outer for piece in line.text.split("\t") if piece.strip()}
        gone = set(map(id, outer))
        bodies.append(_body(page.number, [part for part in page.parts if id(part) not in gone], size))
    return bodies, list(margins)


def _edges(page: Page) -> tuple[list[PrintedLine], list[PrintedLine]]:
    """Return the lines next to the head and to the foot of a page, from the edge inwards, with one more each."""
    lines = sorted(_lines(page.parts), key=lambda line: -line.base)
    return lines[: _MOST_LINES + 1], lines[::-1][: _MOST_LINES + 1]


def _shape(line: PrintedLine) -> str:
    """Return the words and rough position of a line without page numbers: a running head has the same on all pages."""
    numbers = _COUNT.findall(line.text)
    text = _COUNT.sub("#", line.text) if len(numbers) <= 2 else line.text
    return f"{round(line.base / 4)} {text}"


def _peel(
    edge: Sequence[PrintedLine], seen: Counter[str], least: float, height: float, size: float
) -> list[PrintedLine]:
    """Return the lines of a running head or foot: from the edge inwards while they repeat, set apart from the text."""
    peeled = 0
    for count, line in enumerate(edge[:_MOST_LINES], 1):
        text = line.text.strip()
        at_edge = not _EDGE * height <= line.base <= (1 - _EDGE) * height
        alone = at_edge and (_PAGE_NUMBER.fullmatch(text) or ("/" in text and _SYMBOL.fullmatch(text)))
        if not alone and seen[_shape(line)] < least:
            break
        inner = edge[count] if count < len(edge) else None
        apart = inner is None or abs(line.base - inner.base) > 1.45 * max(line.size, inner.size)
        if apart or alone or line.size < 0.95 * size:
            peeled = count
    return list(edge[:peeled])


def _body(number: int, parts: Sequence[PrintedLine | Table], size: float) -> Body:
    """Take the notes from the foot of a page: lines in small type that begin with a mark, and those below them."""
    at = len(parts)
    while at and isinstance(line := parts[at - 1], PrintedLine) and line.size < 0.93 * size:
        at -= 1
    notes: list[tuple[str, list[PrintedLine]]] = []
    last = 0  # the number of the last note
    for line in _lines(parts[at:]):
        mark, text = line.mark, line.text
        if mark is None and (led := re.match(r"(\d{1,3}|[*†‡]+)[\s.]+(?=\S)", text)) is not None:
            mark, text = led[1], text[led.end() :]
        if mark is not None and (not mark.isdigit() or not notes or int(mark) > last):
            last = max(last, int(mark)) if mark.isdigit() else last
            notes.append((mark, [replace(line, text=text, mark=None)]))
        elif notes:
            notes[-1][1].append(line)
        else:
            at += 1  # small type that is no note belongs to the text
    return Body(number, parts[:at], notes)


class Composition:
    """Puts the lines of pages, whose text has this size, together into paragraphs, across columns and pages."""

    def __init__(self, bodies: Sequence[Body], size: float) -> None:
        self._bodies = bodies
        self._size = size
        lines = list(_lines(part for body in bodies for part in body.parts))
        self._words = Counter(
            word for line in lines for word in _WORD.findall(line.text.rstrip("-").casefold())
        )
        self._last = "0"  # the number of the paragraph before
        steps = [
            a.base - b.base
            for a, b in pairwise(lines)
            if a.page == b.page and a.column == b.column and 0 < a.base - b.base < 3 * size
        ]
        # The distance of lines within a paragraph. Between paragraphs, of which a page may have many, it is larger.
        self._step = quantiles(steps, n=4)[0] if len(steps) > 1 else 1.2 * size
        larger = {round(line.size, 1) for line in lines if line.size > _LARGE * size}
        self._levels = {one: place for place, one in enumerate(sorted(larger, reverse=True), 1)}

    def blocks(self) -> list[Block]:
        """Return the blocks of all pages, in reading order."""
        blocks: list[Block] = []
        # The lines of the paragraph being filled, which may continue on the next page.
        waiting: list[PrintedLine] = []
        unread = {body.number: dict(body.notes) for body in self._bodies}

        def close() -> None:
            if waiting:
                blocks.append(self._block(waiting))
                page = waiting[0].page
                notes = (unread[page].pop(mark, ()) for line in waiting for mark in line.notes)
                blocks.extend(Block("note", self._text(lines), page=page) for lines in notes)
                waiting.clear()

        for body in self._bodies:
            for part in body.parts:
                if isinstance(part, Table):
                    close()
                    blocks.extend(table_blocks(part.rows, page=body.number))
                    continue
                if not (waiting and self._goes_on(waiting, part)):
                    close()
                waiting.append(part)
            referred = {mark for line in _lines(body.parts) for mark in line.notes}
            loose = [lines for mark, lines in body.notes if mark not in referred]
            if loose:
                close()
                blocks.extend(Block("note", self._text(lines), page=body.number) for lines in loose)
        close()
        return [block for block in blocks if block.raw.strip()]

    def _goes_on(self, paragraph: Sequence[PrintedLine], line: PrintedLine) -> bool:
        """Whether a line continues the paragraph of the lines before it.

        It does not in other type, as an item or a numbered paragraph, or after a wide gap. Else it depends on whether
        the line before is full and ends a sentence, and on how this one begins.
        """
        before = paragraph[-1]
        full = before.right > before.column[1] - 0.12 * (before.column[1] - before.column[0])
        closed = _CLOSES.search(before.text) is not None
        item = as_list_item(line.text) is not None
        lower = line.text[:1].islower() or (line.text[:1] == "(" and not item)
        if self._is_other_type(paragraph, line):
            return False
        if item and not (full and not closed and lower):
            return False
        if self._is_numbered_paragraph(paragraph, line, full=full, closed=closed):
            return False
        if before.page != line.page or before.column != line.column or line.base > before.base:
            return lower or (full and not closed)
        if before.base - line.base > max(1.35 * self._step, 1.25 * before.size):
            return False
        if before.size > _LARGE * self._size or paragraph[0].bold:
            return True
        indented = line.left > before.left + 0.9 * self._size and len(paragraph) > 1
        return lower or (full and not indented) or not (closed or indented)

    def _is_other_type(self, paragraph: Sequence[PrintedLine], line: PrintedLine) -> bool:
        """Whether a line has another size than the one before, or one of both is a heading by its bold type."""
        before = paragraph[-1]
        heading = paragraph[0].bold or (line.bold and looks_like_heading(line.text))
        return abs(before.size - line.size) > 0.1 * self._size or (before.bold != line.bold and heading)

    def _is_numbered_paragraph(
        self, paragraph: Sequence[PrintedLine], line: PrintedLine, *, full: bool, closed: bool
    ) -> bool:
        """Whether the number at the start of a line is that of a new paragraph, not a number of the sentence."""
        typed, first = typed_number(line.text), typed_number(paragraph[0].text)
        if typed is None:
            return False
        next_one = not full and _follows(typed[0], first[0] if first else self._last)
        return "\t" in line.text[:12] or closed or next_one

    def _block(self, lines: Sequence[PrintedLine]) -> Block:
        # In a paragraph that begins in bold type, all lines are bold.
        text, page, bold = self._text(lines), lines[0].page, lines[0].bold
        large = lines[0].size > _LARGE * self._size
        heading = (large and len(text.split()) <= 30) or (bold and looks_like_heading(text))
        level = self._levels.get(round(lines[0].size, 1)) if heading and large else None
        if (typed := typed_number(text, heading=heading)) is not None:
            self._last, rest = typed
            heading = heading or (bold and looks_like_heading(rest))
            return Block("heading" if heading else "paragraph", rest, self._last, page, level)
        if heading:
            return Block("heading", text, page=page, level=level)
        if (item := as_list_item(text)) is not None:
            return Block("item", item, page=page)
        return Block("paragraph", text, page=page, rows=self._printed(lines) if page == 1 else ())

    def _printed(self, lines: Sequence[PrintedLine]) -> tuple[tuple[str, ...], ...]:
        """Return the parts between deliberate line breaks: in columns, or where the next word would have fitted."""
        parts = [[lines[0]]]
        for before, line in pairwise(lines):
            room = before.column[1] - before.right
            fitted = room > _LETTER_WIDTH * before.size * (1 + len(line.text.split()[0]))
            if fitted or "\t" in before.text + line.text:
                parts.append([])
            parts[-1].append(line)
        return tuple((self._text(part),) for part in parts)

    def _text(self, lines: Sequence[PrintedLine]) -> str:
        parts: list[str] = []
        for line in lines:
            before = "".join(parts[-_LINES_OF_WORD:])
            if before.endswith(("-", "\u00ad")) and line.text[:1].islower() and before[-2:-1].isalpha():
                if not self._has_hyphen(before, line.text):
                    parts[-1] = parts[-1][:-1]
                parts.append(line.text)
            else:
                parts.append(line.text if not before or _runs_on(before, line.text) else f" {line.text}")
        return "".join(parts)

    def _has_hyphen(self, text: str, following: str) -> bool:
        """Whether the hyphen between two lines stays: the document has the word with it."""
        first, second = _WORD.findall(text[:-1])[-1].casefold(), _WORD.findall(following)[0].casefold()
        return text.endswith("-") and self._words[f"{first}-{second}"] > 0 and not self._words[first + second]


def _follows(number: str, last: str) -> bool:
    """Whether paragraph `number` may follow paragraph `last`: the next on its level, one above, or one below."""
    own, before = number.split("."), last.split(".")
    if len(own) > len(before):
        return own[:-1] == before and own[-1] == "1"
    *above, final = before[: len(own)]
    return own[:-1] == above and final.isdecimal() and own[-1] == str(int(final) + 1)


def _runs_on(text: str, following: str) -> bool:
    """Whether no space belongs between two lines: after the hyphen of a name, and in scripts without spaces."""
    hyphen = text.endswith("-") and text[-2:-1].isalnum() and following[:1].isalnum()
    return hyphen or all(
        "\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef" for sign in (text[-1:], following[:1])
    )


def read_pages(data: bytes) -> tuple[list[Page], dict[str, str]]:
    """Return the pages and the document's properties ("Title", "CreationDate", …). Raises NotReadable."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise NotReadable("it is protected by a password: save it without one") from None
        raise NotReadable("the PDF is damaged") from None
    try:
        pages = [_page(document, number) for number in range(1, len(document) + 1)]
        return pages, document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()


def _page(document: Any, number: int) -> Page:
    try:
        page = document[number - 1]
        text = page.get_textpage()
    except (pypdfium2.PdfiumError, ctypes.ArgumentError):
        # The other pages can still be read.
        return Page(number, 0.0, (), refused=True)
    letters = list(_letters(text.raw, text.count_chars()))
    mostly = _is_leftward("".join(letter.sign for letter in letters))
    words = list(_words(letters, mostly))
    width, height = page.get_size()
    rules, drawn = _drawing(page, width * height)
    text.close()
    page.close()
    if mostly:
        words = [word.mirrored(width) for word in words]
        rules = [replace(rule, left=width - rule.right, right=width - rule.left) for rule in rules]
    return Page(
        number,
        height,
        _parts(words, rules, number),
        letters=sum(len(word.text) for word in words),
        unknown=sum(word.text.count("\ufffd") for word in words),
        drawn=drawn,
    )


def _words(letters: Sequence[_Letter], mostly: bool) -> Iterator[PrintedWord]:
    """Yield the words of a page. Lines from right to left are read by the places of their letters alone.

    The order of such letters in a file is that of sight, that of reading, or a mixture of both.
    """
    apart = sorted(letter.base for letter in letters if _RIGHT_TO_LEFT.match(letter.sign))
    straight: list[_Letter] = []
    leftward: list[_Letter] = []
    for letter in letters:
        # Fonts of two scripts have boxes of other heights for one size of type, and some only as high as what is drawn.
        size = letter.em or letter.size
        at = bisect_left(apart, letter.base - _LINE_REACH * size)
        if at < len(apart) and apart[at] <= letter.base + _LINE_REACH * size:
            leftward.append(letter._replace(size=size))
        else:
            straight.append(letter._replace(size=size) if mostly else letter)
    yield from _straight_words(straight)
    yield from _leftward_words(leftward)


def _letters(text: Any, count: int) -> Iterator[_Letter]:
    box, x, y, matrix = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double(), pdfium.FS_MATRIX()
    name, flags = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_int()
    signs = [_sign(pdfium.FPDFText_GetUnicode(text, index)) for index in range(count)]
    leftward = any(map(_RIGHT_TO_LEFT.match, signs))
    for index, sign in enumerate(signs):
        pdfium.FPDFText_GetLooseCharBox(text, index, box)
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        pdfium.FPDFText_GetFontInfo(text, index, name, _NAME_BYTES, flags)
        em = 0.0
        if leftward:
            pdfium.FPDFText_GetMatrix(text, index, matrix)
            em = round(pdfium.FPDFText_GetFontSize(text, index) * abs(matrix.d), 1)
        bold = bool(flags.value & _FORCE_BOLD or _BOLD_FONT.search(name.value))
        yield _Letter(sign, box.left, box.right, x.value, y.value, box.top - box.bottom, bold, em)


def _straight_words(letters: Iterable[_Letter]) -> Iterator[PrintedWord]:
    """Yield the words of letters in the order of the file."""
    word: list[_Letter] = []
    right = 0.0
    spaced = True
    for letter in letters:
        if letter.sign.isspace():
            if word:
                yield _word(word, spaced)
            word, spaced = [], True
            continue
        if word:
            first, least = word[0], max(letter.size, 1.0)
            reach = 0.25 * least
            same = abs(first.size - letter.size) < 0.1 * least and abs(first.base - letter.base) < reach
            near = -4 * reach < letter.left - right < reach
            if not (same and near):
                yield _word(word, spaced)
                word, spaced = [], not near
        right = max(right, letter.right) if word else letter.right
        word.append(letter)
    if word:
        yield _word(word, spaced)


def _leftward_words(letters: Iterable[_Letter]) -> Iterator[PrintedWord]:
    """Yield the words of lines that have letters from right to left; the letters of each are in the order of sight."""
    # A space with a box of its own was typed; other ones are guesses.
    typed = (
        one for one in letters if not one.sign.isspace() or one.right - one.left > _LEAST_SPACE * one.size
    )
    for row in _by_base(typed):
        # The place of a letter with a mark may be that of the mark.
        marked = {one.origin for one in row if combining(one.sign)}
        size = max(one.em or one.size for one in row)
        word: list[_Letter] = []
        right = 0.0
        for letter in _by_place(row):
            if word:
                on_mark = letter.origin in marked or word[-1].origin in marked
                script = all(_RIGHT_TO_LEFT.match(one.sign) for one in (letter, word[-1]))
                left = letter.left if letter.origin in marked else letter.origin
                apart = left - right > (_MARKED_JOINT if on_mark and script else _JOINT) * size
                other = abs(word[-1].size - letter.size) > 0.15 * letter.size
                if apart or (other and not on_mark) or letter.sign.isspace():
                    yield _word(word, True)
                    word = []
            if not letter.sign.isspace():
                right = max(right, letter.right) if word else letter.right
                word.append(letter)
        if word:
            yield _word(word, True)


def _by_place(letters: Iterable[_Letter]) -> Iterator[_Letter]:
    """Yield letters from left to right. Of lam and alef in one sign, which have one place, alef is at the left."""
    for _, group in groupby(sorted(letters, key=lambda one: one.left), key=lambda one: one.left):
        together = list(group)
        if len(together) == 2 and together[0].sign == "ل" and together[1].sign in "اأإآ":
            together.reverse()
        yield from together


def _sign(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    if code == 0:
        return "\ufffd"  # the font does not say which letter it shows
    if code < 0x20 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return " "
    return chr(code)


def _word(letters: Sequence[_Letter], spaced: bool) -> PrintedWord:
    largest = max(letters, key=lambda letter: letter.size)
    return PrintedWord(
        text="".join(letter.sign for letter in letters),
        left=min(letter.left for letter in letters),
        right=max(letter.right for letter in letters),
        base=largest.base,
        size=largest.size,
        bold=all(letter.bold for letter in letters),
        spaced=spaced,
    )


def _is_leftward(text: str) -> bool:
    """Whether most letters of a text are those of scripts from right to left."""
    return 2 * len(_RIGHT_TO_LEFT.findall(text)) > sum(map(str.isalpha, text))


def _in_reading_order(seen: str, leftward: bool) -> str:
    """Return a line, given as it is seen from left to right, in the order of reading; `leftward`: from the right."""
    text = _turned(seen) if leftward else _LEFTWARD_RUN.sub(lambda run: _turned(run[0]), seen)
    text = _OPENING.sub(lambda bracket: bracket[0].translate(_OPENED), text)
    text = _CLOSING.sub(lambda bracket: bracket[0].translate(_CLOSED), text)
    return normalize("NFC", _SHAPES.sub(lambda shapes: normalize("NFKC", shapes[0]), text))


def _turned(seen: str) -> str:
    def run(match: re.Match[str]) -> str:
        first, last = match["first"], match["last"]
        if first and int(first) > int(last):
            return f"{first[::-1]}{match[0][len(first)]}{last[::-1]}"
        return match[0][::-1]

    return _RIGHTWARD_RUN.sub(run, seen)[::-1]


def _drawing(page: Any, area: float) -> tuple[list[_Rule], bool]:
    """Return the thin boxes and the edges of rectangles, and whether so much is drawn that it may show text."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    rules: list[_Rule] = []
    covered, outlines = 0.0, 0
    for shape in islice(page.get_objects(max_depth=1), _MOST_OBJECTS):
        # A scan may be in a form object of its own, and divided into strips.
        if shape.type not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            continue
        left, bottom, right, top = shape.get_bounds()
        width, height = right - left, top - bottom
        if shape.type != pdfium.FPDF_PAGEOBJ_PATH:
            covered += width * height
            continue
        outlines += 1
        if min(width, height) <= _THIN_POINTS:
            if max(width, height) > 2 * _THIN_POINTS:
                rules.append(_Rule(left, bottom, right, top))
        elif pdfium.FPDFPath_GetDrawMode(shape, fill, stroke) and stroke.value:
            rules += [_Rule(left, level, right, level) for level in (bottom, top)]
            rules += [_Rule(side, bottom, side, top) for side in (left, right)]
    return rules, covered > _LEAST_COVERED * area or outlines > _LEAST_OUTLINES


def _parts(words: list[PrintedWord], rules: Sequence[_Rule], page: int) -> list[PrintedLine | Table]:
    """Return the lines and tables of a page, as they are read."""
    tables: list[Table] = []
    for xs, ys in _grids(rules):
        inside = [w for w in words if xs[0] < (w.left + w.right) / 2 < xs[-1] and ys[0] < w.base < ys[-1]]
        rows = _cells(inside, xs, ys, page)
        # A table has at least two rows with two filled cells; other grids are frames around text.
        if sum(1 for row in rows if sum(map(bool, row)) >= 2) >= 2:
            taken = set(map(id, inside))
            words = [w for w in words if id(w) not in taken]
            tables.append(Table(rows, ys[-1]))
    parts: list[PrintedLine | Table] = list(lines_in_columns(words, page))
    for table in sorted(tables, key=lambda table: -table.top):
        below = (
            place for place, one in enumerate(parts) if isinstance(one, PrintedLine) and one.base < table.top
        )
        parts.insert(next(below, len(parts)), table)
    return parts


def _grids(rules: Sequence[_Rule]) -> list[tuple[list[float], list[float]]]:
    """Return the places of the ruled lines of each table: from left to right, and from the foot up."""
    grids: list[list[_Rule]] = []
    for rule in rules if len(rules) <= _MOST_RULES else ():
        joined, apart = [rule], []
        for grid in grids:
            if any(rule.crosses(other) for other in grid):
                joined += grid
            else:
                apart.append(grid)
        grids = [*apart, joined]
    found = []
    for grid in grids:
        xs = _places((rule.left + rule.right) / 2 for rule in grid if rule.upright)
        ys = _places((rule.bottom + rule.top) / 2 for rule in grid if not rule.upright)
        if len(xs) >= 3 and len(ys) >= 3:
            found.append((xs, ys))
    return found


def _places(values: Iterable[float]) -> list[float]:
    merged: list[float] = []
    for value in sorted(values):
        if not merged or value - merged[-1] > _TOUCH_POINTS:
            merged.append(value)
    return merged


def _cells(
    words: Iterable[PrintedWord], xs: Sequence[float], ys: Sequence[float], page: int
) -> list[list[str]]:
    """Return the text of each cell, the first row first; `xs` go from left to right, `ys` from the foot up."""
    held: defaultdict[tuple[int, int], list[PrintedWord]] = defaultdict(list)
    for word in words:
        column = bisect_left(xs, (word.left + word.right) / 2, 1, len(xs) - 1)
        # Rows are counted from the top.
        row = len(ys) - bisect_right(ys, word.base, 1, len(ys) - 1)
        held[row, column].append(word)
    return [
        [
            " ".join(_line(line, page, (0.0, 0.0)).text for line in _words_by_line(held[row, column]))
            for column in range(1, len(xs))
        ]
        for row in range(1, len(ys))
    ]


def lines_in_columns(words: Iterable[PrintedWord], page: int) -> list[PrintedLine]:
    """Return the lines of running text in reading order.

    If there are two columns, the left one is before the right one, between lines that span both.
    """
    rows = _words_by_line(words)
    left = min((row[0].left for row in rows), default=0.0)
    right = max((word.right for row in rows for word in row), default=0.0)
    gutter = _gutter(rows, left, right)
    if gutter is None:
        return [_line(row, page, (left, right)) for row in rows]
    ordered: list[PrintedLine] = []
    sides: tuple[list[PrintedLine], list[PrintedLine]] = ([], [])
    for row in rows:
        parted = _parted(row, gutter)
        if parted is None:
            ordered += [*sides[0], *sides[1], _line(row, page, (left, right))]
            sides = ([], [])
            continue
        for side, part, column in zip(sides, parted, ((left, gutter), (gutter, right)), strict=True):
            side += [_line(part, page, column)] if part else []
    return [*ordered, *sides[0], *sides[1]]


def _words_by_line(words: Iterable[PrintedWord]) -> list[list[PrintedWord]]:
    """Return the words of each line from left to right, with the lines from the top down."""
    return [sorted(row, key=lambda word: word.left) for row in _by_base(words)]


def _by_base(signs: Iterable[_Sign]) -> list[list[_Sign]]:
    """Return words or letters by lines, from the top down."""
    rows: list[list[_Sign]] = []
    for sign in sorted(signs, key=lambda sign: (-sign.base, sign.left)):
        # A raised mark belongs to the line beside it.
        near = (row for row in rows[-3:] if abs(row[0].base - sign.base) < 0.45 * max(row[0].size, sign.size))
        row = next(near, None)
        if row is None:
            rows.append([sign])
        else:
            row.append(sign)
    return rows


def _line(words: Sequence[PrintedWord], page: int, column: tuple[float, float]) -> PrintedLine:
    """Return the line of words that are sorted by place; a wide gap between two of them is a tab."""
    size = max(word.size for word in words)
    full = [word for word in words if word.size > 0.85 * size]
    base = full[0].base

    # Raised marks are those of notes.
    notes, mark = [], None
    kept: list[PrintedWord] = []
    for word in words:
        if word.size < 0.85 * size and word.base > base + 0.1 * size and _MARK.fullmatch(word.text):
            if kept:
                notes.append(word.text)
            else:
                mark = word.text
        else:
            kept.append(word)

    # Text from right to left is put together as it is seen, and then turned.
    leftward = words[0].leftward
    parts = [""]
    before: PrintedWord | None = None
    for word in reversed(kept) if leftward else kept:
        gap = 0.0 if before is None else max(word.left - before.right, before.left - word.right)
        if gap > _WIDE * size:
            parts.append("")
        spaced = parts[-1] and (word.spaced or gap > 0.2 * size)
        parts[-1] += f" {word.text}" if spaced else word.text
        before = word
    if leftward or any(map(_RIGHT_TO_LEFT.search, parts)):
        parts = [_in_reading_order(part, leftward or _is_leftward(part)) for part in parts]

    seen = [word for word in full if any(sign.isalnum() for sign in word.text)]
    return PrintedLine(
        text="\t".join(parts[::-1] if leftward else parts),
        left=words[0].left,
        right=max(word.right for word in words),
        base=base,
        size=size,
        bold=bool(seen) and all(word.bold for word in seen),
        page=page,
        column=column,
        notes=tuple(notes),
        mark=mark,
    )


def _gutter(rows: Sequence[Sequence[PrintedWord]], left: float, right: float) -> float | None:
    """Return where the right one of two columns of running text begins; None if there is one column."""
    width = right - left
    starts = Counter(
        round(word.left) - 1.0
        for row in rows
        for before, word in pairwise([None, *row])
        if word is not None
        and (before is None or word.left - before.right > _LEAST_GUTTER * word.size)
        and left + 0.3 * width < word.left < left + 0.7 * width
    )
    found: list[tuple[int, float]] = []
    for at, count in starts.most_common(_MOST_GUTTERS):
        if count < _LEAST_LINES:
            break
        sides = [_parted(row, at) for row in rows]
        crossing = sides.count(None)
        # Columns have running text: several lines that fill them.
        before, after = (
            sum(
                bool(side[k]) and side[k][-1].right - side[k][0].left > 0.25 * width for side in sides if side
            )
            for k in (0, 1)
        )
        if min(before, after) >= max(_LEAST_LINES, crossing):
            found.append((before + after - 2 * crossing, at))
    return max(found)[1] if found else None


def _parted(row: Sequence[PrintedWord], at: float) -> tuple[list[PrintedWord], list[PrintedWord]] | None:
    """Return the words of a line on each side of `at`; None if it runs across."""
    before = [word for word in row if word.right <= at]
    after = [word for word in row if word.left >= at]
    if len(before) + len(after) < len(row):
        return None
    joined = before and after and after[0].left - before[-1].right < _LEAST_GUTTER * after[0].size
    return None if joined else (before, after)
