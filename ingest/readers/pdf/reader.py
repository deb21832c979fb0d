"""Reads PDFs: lines and tables become numbered paragraphs, headings, items, rows and notes, each with its page."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import quantiles

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract, Properties, page_list
from ingest.readers.numbers import as_list_item, classify_numbers, typed_number
from ingest.readers.pdf.layout import reading_order
from ingest.readers.pdf.lines import Line
from ingest.readers.pdf.margins import Body, without_margins
from ingest.readers.pdf.pages import Page, read_pages
from ingest.readers.pdf.tables import Table
from ingest.readers.tables import CharacterBudget, has_header, row_blocks
from ingest.readers.text import looks_like_heading

# A scanned page with fewer letters has no text but a stamp.
_LEAST_LETTERS = 25
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
_CREATED = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)")


def read(data: bytes) -> Extract:
    """Read a PDF. Raises NotReadable, also if all pages are scans without text."""
    pages, properties = read_pages(data)
    letters = [sum(len(word.text) for word in page.words) for page in pages]
    scans = [
        page for page, count in zip(pages, letters, strict=True) if page.drawn and count < _LEAST_LETTERS
    ]
    if sum(letters) < _LEAST_LETTERS or (scans and max(letters) < _LEAST_LETTERS):
        raise NotReadable(_without_text(stamped=sum(letters) > 0, scanned=bool(scans)))
    unknown = sum(word.text.count("\ufffd") for page in pages for word in page.words)
    if unknown > 0.3 * sum(letters):
        raise NotReadable(
            f"its fonts do not say which letters they show: run it {_recognition('--force-ocr ')}"
        )
    ordered = [(page.height, reading_order(page)) for page in pages]
    size = _text_size(line for _, parts in ordered for line in parts if isinstance(line, Line))
    bodies, margins = without_margins(ordered, size)
    blocks = _Composition(bodies, size).blocks()
    return Extract(
        blocks=classify_numbers(blocks),
        title=_title(blocks),
        notes=_unread(scans),
        margins=margins,
        properties=Properties(
            title=properties.get("Title") or None,
            date=None
            if _PRINTED.search(properties.get("Producer", "") + " " + properties.get("Creator", ""))
            else _day(properties.get("ModDate", "")) or _day(properties.get("CreationDate", "")),
        ),
    )


def _without_text(*, stamped: bool, scanned: bool) -> str:
    what = (
        "it is a scan without text: run it"
        if scanned
        else "it has no text; if its pages are pictures, run it"
    )
    return f"{what} {_recognition('--force-ocr ' if stamped else '')}"


def _unread(scans: Sequence[Page]) -> list[str]:
    if not scans:
        return []
    # A stamp on a scan is text, so that `--skip-text` would skip the page.
    option = "--redo-ocr " if any(page.words for page in scans) else "--skip-text "
    verb, them = ("are scans", "them") if len(scans) > 1 else ("is a scan", "it")
    pages = page_list([page.number for page in scans])
    return [
        f"{pages} {verb} without text and not read; to have {them} too, run the file {_recognition(option)}"
    ]


def _recognition(option: str) -> str:
    return (
        f"through text recognition (OCR), for instance `ocrmypdf {option}in.pdf out.pdf`, and add the result"
    )


def _text_size(lines: Iterable[Line]) -> float:
    """Return the size in which most letters are set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 1.0


@dataclass
class _Paragraph:
    """Lines that belong together; `number` is the one that they begin with, `bold`: all of them are bold."""

    lines: list[Line]
    number: str | None
    bold: bool

    @classmethod
    def of(cls, line: Line) -> _Paragraph:
        """Return the paragraph that begins with `line`."""
        typed = typed_number(line.text)
        return cls([line], typed[0] if typed else None, line.bold)

    def add(self, line: Line) -> None:
        """Add a line at the end."""
        self.lines.append(line)
        self.bold = self.bold and line.bold

    @property
    def marks(self) -> list[str]:
        return [mark for line in self.lines for mark in line.notes]


class _Composition:
    """Puts lines together into paragraphs, across columns and pages."""

    def __init__(self, bodies: Sequence[Body], size: float) -> None:
        self._bodies = bodies
        self._size = size
        lines = [line for body in bodies for line in body.parts if isinstance(line, Line)]
        words = Counter(word for line in lines for word in _WORD.findall(line.text.rstrip("-").casefold()))
        self._words = words
        self._last = "0"  # the number of the paragraph before
        steps = [
            a.base - b.base
            for a, b in itertools.pairwise(lines)
            if a.page == b.page and a.column == b.column and 0 < a.base - b.base < 3 * size
        ]
        # The distance of lines within a paragraph. Between paragraphs, of which a page may have many, it is larger.
        self._step = quantiles(steps, n=4)[0] if len(steps) > 1 else 1.2 * size
        larger = {round(line.size, 1) for line in lines if line.size > _LARGE * size}
        self._levels = {one: place for place, one in enumerate(sorted(larger, reverse=True), 1)}

    def blocks(self) -> list[Block]:
        blocks: list[Block] = []
        budget = CharacterBudget()
        # The paragraph being filled, which may continue on the next page.
        waiting: list[tuple[Body, _Paragraph]] = []
        unread = {body.number: dict(body.notes) for body in self._bodies}

        def close() -> None:
            for body, paragraph in waiting:
                blocks.append(self._block(paragraph))
                notes = (unread[body.number].pop(mark, None) for mark in paragraph.marks)
                blocks.extend(
                    Block("note", self._text(lines), page=body.number) for lines in notes if lines is not None
                )
            waiting.clear()

        for body in self._bodies:
            for part in body.parts:
                if isinstance(part, Table):
                    close()
                    header = part.rows[0] if has_header(part.rows) else None
                    below = part.rows[1 if header else 0 :]
                    blocks.extend(row_blocks(below, budget, header=header, page=part.page))
                elif waiting and self._goes_on(waiting[0][1], part):
                    waiting[0][1].add(part)
                else:
                    close()
                    waiting.append((body, _Paragraph.of(part)))
            referred = {mark for part in body.parts if isinstance(part, Line) for mark in part.notes}
            loose = [note for note in body.notes if note[0] not in referred]
            if loose:
                close()
                blocks.extend(Block("note", self._text(lines), page=body.number) for _, lines in loose)
        close()
        return [block for block in blocks if block.raw.strip()]

    def _goes_on(self, paragraph: _Paragraph, line: Line) -> bool:
        """Return whether a line continues the paragraph of the lines before it.

        It does not in other type, as an item or a numbered paragraph, or after a wide gap. Else it depends on whether
        the line before is full and ends a sentence, and on how this one begins.
        """
        before = paragraph.lines[-1]
        full = before.right > before.column[1] - 0.12 * (before.column[1] - before.column[0])
        closed = _CLOSES.search(before.text) is not None
        lower = line.text[:1].islower() or (line.text[:1] == "(" and not as_list_item(line.text))
        if self._is_other_type(paragraph, line):
            return False
        if as_list_item(line.text) is not None and not (full and not closed and lower):
            return False
        if self._is_numbered_paragraph(paragraph, line, full=full, closed=closed):
            return False
        if before.page != line.page or before.column != line.column or line.base > before.base:
            return lower or (full and not closed)
        if before.base - line.base > max(1.35 * self._step, 1.25 * before.size):
            return False
        if before.size > _LARGE * self._size or paragraph.bold:
            return True
        shifted = abs(line.left - before.left) > 0.9 * self._size
        indented = line.left > before.left + 0.9 * self._size and len(paragraph.lines) > 1
        if closed and shifted and not full:
            return False
        return lower or (full and not indented) or not (closed or indented)

    def _is_other_type(self, paragraph: _Paragraph, line: Line) -> bool:
        """Return whether a line has another size than the one before, or one of both is a heading by its bold type."""
        before = paragraph.lines[-1]
        if abs(before.size - line.size) > 0.1 * self._size:
            return True
        return before.bold != line.bold and (paragraph.bold or (line.bold and looks_like_heading(line.text)))

    def _is_numbered_paragraph(self, paragraph: _Paragraph, line: Line, *, full: bool, closed: bool) -> bool:
        """Return whether the number at the start of a line is that of a new paragraph, not a number of the sentence."""
        typed = typed_number(line.text)
        if typed is None:
            return False
        next_one = not full and _follows(typed[0], paragraph.number or self._last)
        return "\t" in line.text[:12] or closed or next_one

    def _block(self, paragraph: _Paragraph) -> Block:
        lines = paragraph.lines
        text, page = self._text(lines), lines[0].page
        large = lines[0].size > _LARGE * self._size
        heading = (large and len(text.split()) <= 30) or (paragraph.bold and looks_like_heading(text))
        level = self._levels.get(round(lines[0].size, 1)) if heading and large else None
        if (typed := typed_number(text, heading=heading)) is not None:
            number, rest = typed
            self._last = number
            heading = heading or (paragraph.bold and looks_like_heading(rest))
            return Block("heading" if heading else "paragraph", rest, number, page, level)
        if not heading and (item := as_list_item(text)) is not None:
            return Block("item", item, page=page)
        if heading:
            return Block("heading", text, page=page, level=level)
        return Block("paragraph", text, page=page, rows=self._printed(lines) if page == 1 else ())

    def _printed(self, lines: Sequence[Line]) -> tuple[tuple[str, ...], ...]:
        """Return the parts between deliberate line breaks: in columns, or where the next word would have fitted."""
        parts = [[lines[0]]]
        for before, line in itertools.pairwise(lines):
            room = before.column[1] - before.right
            fitted = room > _LETTER_WIDTH * before.size * (1 + len(line.text.split()[0]))
            if fitted or "\t" in before.text + line.text:
                parts.append([])
            parts[-1].append(line)
        return tuple((self._text(part),) for part in parts)

    def _text(self, lines: Sequence[Line]) -> str:
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
        """Return whether the hyphen between two lines stays: the document has the word with it, or both halves."""
        first, second = _WORD.findall(text[:-1])[-1].casefold(), _WORD.findall(following)[0].casefold()
        halves = self._words[first] > 0 and self._words[second] > 1 and len(first) > 2 and len(second) > 1
        hyphenated = self._words[f"{first}-{second}"] > 0 or halves
        return text.endswith("-") and hyphenated and not self._words[first + second]


def _follows(number: str, last: str) -> bool:
    """Return whether paragraph `number` may follow paragraph `last`: the next on its level, one above, or one below."""
    own, before = number.split("."), last.split(".")
    if len(own) > len(before):
        return own[:-1] == before and own[-1] == "1"
    *above, final = before[: len(own)]
    return own[:-1] == above and final.isdecimal() and own[-1] == str(int(final) + 1)


def _runs_on(text: str, following: str) -> bool:
    """Return whether no space belongs between two lines: after the hyphen of a name, and in scripts without spaces."""
    hyphen = text.endswith("-") and text[-2:-1].isalnum() and following[:1].isalnum()
    return hyphen or (_is_wide(text[-1:]) and _is_wide(following[:1]))


def _is_wide(sign: str) -> bool:
    """Return whether a sign belongs to a script without spaces between words."""
    return "\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef"


def _title(blocks: Sequence[Block]) -> str | None:
    """Return the first of the largest headings of the first page, if it has no number."""
    first = [b for b in blocks if b.page == 1 and b.kind == "heading" and b.level == 1 and b.number is None]
    return " ".join(first[0].raw.split()) if first else None


def _day(stated: str) -> date | None:
    match = _CREATED.match(stated)
    try:
        return date(*map(int, match.groups())) if match is not None else None
    except ValueError:
        return None
