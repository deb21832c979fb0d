"""Reads the pages of a PDF with PDFium: words with their places and type, and ruled lines.

Only this module uses PDFium. Places are in points (1/72 inch) from the lower left corner of the page.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.errors import NotReadable

# PDFium has global state: only one thread at a time may use it, whatever the document.
_PDFIUM = threading.Lock()
# A file with more than this is not one document, or is made to keep its reader busy.
_MOST_PAGES = 5_000
# The most that is read of one page.
_MOST_CHARACTERS = 100_000
_MOST_OBJECTS = 20_000
# A narrower box is a ruled line.
_THIN_POINTS = 2.5
# A page is drawn if pictures cover this share of it, or if it has so many outlines that they may be letters.
_LEAST_COVERED = 0.3
_LEAST_OUTLINES = 200
# Codes by which PDFium marks a hyphen at the end of a line.
_HYPHENS = {0x02: "-", 0xFFFE: "-", 0x2010: "-"}
_NAME_BYTES = 128
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FORCE_BOLD = 1 << 18  # ISO 32000-1, table 123


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a space between them, in one size; `size` is the height of the font's box."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    spaced: bool  # whether there is a space before it


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruled line, horizontal or vertical, as the box that it fills."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def upright(self) -> bool:
        """Whether the line is vertical."""
        return self.top - self.bottom > self.right - self.left


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `number` counts from 1. `drawn`: so much of it is pictures that they may show text."""

    number: int
    width: float
    height: float
    words: list[Word]
    rules: list[Rule]
    drawn: bool = False


def read_pages(data: bytes) -> tuple[list[Page], dict[str, str]]:
    """Return the pages and the document's properties ("Title", "CreationDate", …). Raises NotReadable."""
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pdfium.FPDF_ERR_PASSWORD:
                raise NotReadable("it is protected by a password: save it without one") from None
            raise NotReadable("the PDF is damaged") from None
        try:
            if len(document) > _MOST_PAGES:
                raise NotReadable(f"it has {len(document)} pages; the most is {_MOST_PAGES}")
            pages = [_page(document, place) for place in range(len(document))]
            return pages, document.get_metadata_dict(skip_empty=True)
        finally:
            document.close()


def _page(document: Any, place: int) -> Page:
    try:
        page = document[place]
        text = page.get_textpage()
        words = list(_words(text.raw, min(text.count_chars(), _MOST_CHARACTERS)))
        rules = list(_rules(page))
        width, height = page.get_size()
        drawn = _is_drawn(page, width * height)
        text.close()
        page.close()
    except (pypdfium2.PdfiumError, ctypes.ArgumentError):
        # The other pages can still be read.
        return Page(place + 1, 0.0, 0.0, [], [])
    return Page(place + 1, width, height, words, rules, drawn)


@dataclass(slots=True)
class _Letters:
    """The word being read; `signs` are its letters with their places, in the order of the file."""

    signs: list[tuple[float, str]]
    left: float
    right: float
    base: float
    size: float
    bold: bool
    spaced: bool

    def word(self) -> Word:
        text = "".join(sign for _, sign in self.signs)
        if RIGHT_TO_LEFT.search(text):
            # Files have such letters in either order; their places tell the right one. Figures run from left to right.
            text = "".join(sign for _, sign in sorted(self.signs, key=lambda placed: -placed[0]))
            text = re.sub(r"[0-9A-Za-z][0-9A-Za-z.,/]*", lambda run: run[0][::-1], text)
        return Word(text, self.left, self.right, self.base, self.size, self.bold, self.spaced)


def _words(text: Any, count: int) -> Iterator[Word]:
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    name, flags = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_int()
    open_word: _Letters | None = None
    spaced = True
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text, index)
        sign = _HYPHENS.get(code) or _sign(code)
        if sign.isspace() or not sign:
            if open_word is not None:
                yield open_word.word()
            open_word, spaced = None, True
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text, index, box):
            continue
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        pdfium.FPDFText_GetFontInfo(text, index, name, _NAME_BYTES, flags)
        bold = bool(flags.value & _FORCE_BOLD) or _is_bold(name.value)
        size = box.top - box.bottom
        if open_word is not None:
            reach = 0.25 * max(size, 1.0)
            same = abs(open_word.size - size) < 0.1 * max(size, 1.0) and abs(open_word.base - y.value) < reach
            # In text from right to left, the next letter is to the left of the last one.
            near = -4 * reach < box.left - open_word.right < reach or abs(open_word.left - box.right) < reach
            if same and near:
                open_word.signs.append((box.left, sign))
                open_word.left, open_word.right = (
                    min(open_word.left, box.left),
                    max(open_word.right, box.right),
                )
                open_word.bold = open_word.bold and bold
                continue
            yield open_word.word()
            spaced = not near
        open_word = _Letters([(box.left, sign)], box.left, box.right, y.value, size, bold, spaced)
        spaced = False
    if open_word is not None:
        yield open_word.word()


def _sign(code: int) -> str:
    if code == 0:
        return "\ufffd"  # the font does not say which letter it shows
    if code < 0x20 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return " "
    return chr(code)


def _is_bold(name: bytes) -> bool:
    lowered = name.lower()
    return any(weight in lowered for weight in (b"bold", b"black", b"heavy", b"demi"))


def _rules(page: Any) -> Iterator[Rule]:
    """Yield the thin boxes and the edges of drawn rectangles."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    for place in range(min(pdfium.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS)):
        shape = pdfium.FPDFPage_GetObject(page.raw, place)
        if pdfium.FPDFPageObj_GetType(shape) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        if not pdfium.FPDFPageObj_GetBounds(shape, left, bottom, right, top):
            continue
        box = Rule(left.value, bottom.value, right.value, top.value)
        width, height = box.right - box.left, box.top - box.bottom
        if min(width, height) <= _THIN_POINTS:
            if max(width, height) > 2 * _THIN_POINTS:
                yield box
        elif pdfium.FPDFPath_GetDrawMode(shape, fill, stroke) and stroke.value:
            yield Rule(box.left, box.bottom, box.right, box.bottom)
            yield Rule(box.left, box.top, box.right, box.top)
            yield Rule(box.left, box.bottom, box.left, box.top)
            yield Rule(box.right, box.bottom, box.right, box.top)


def _is_drawn(page: Any, size: float) -> bool:
    """Return whether so much of a page of this size is pictures or outlines that they may show text."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    covered, outlines = 0.0, 0
    for place in range(min(pdfium.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS)):
        shape = pdfium.FPDFPage_GetObject(page.raw, place)
        kind = pdfium.FPDFPageObj_GetType(shape)
        outlines += kind == pdfium.FPDF_PAGEOBJ_PATH
        # A scan may be in a form object of its own, and divided into strips.
        if kind not in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            continue
        if pdfium.FPDFPageObj_GetBounds(shape, left, bottom, right, top):
            covered += (right.value - left.value) * (top.value - bottom.value)
    return covered > _LEAST_COVERED * size or outlines > _LEAST_OUTLINES
