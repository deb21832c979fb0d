"""Reads PDFs: lines and tables become numbered paragraphs, headings, items, rows and notes, each with its page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import quantiles

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract, Properties, first_day, page_list
from ingest.readers.numbers import as_list_item, classify_numbers, typed_number
from ingest.readers.pdf_pages import Page, PrintedLine, Table, read_pages
from ingest.readers.tables import CharacterBudget, has_header, row_blocks
from ingest.readers.text import looks_like_heading

# A scanned page with fewer letters has no text but a stamp.
_LEAST_LETTERS = 25
_RECOGNITION = "through text recognition (OCR), for instance `ocrmypdf {}in.pdf out.pdf`, and add the result"
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


def read(data: bytes) -> Extract:
    """Read a PDF. Raises NotReadable, also if all pages are scans without text."""
    pages, properties = read_pages(data)
    letters = sum(page.letters for page in pages)
    scans = [page for page in pages if page.drawn and page.letters < _LEAST_LETTERS]
    if letters < _LEAST_LETTERS or (scans and all(page.letters < _LEAST_LETTERS for page in pages)):
        what = "it is a scan without text:" if scans else "it has no text; if its pages are pictures,"
        raise NotReadable(f"{what} run it {_RECOGNITION.format('--force-ocr ' if letters else '')}")
    if sum(page.unknown for page in pages) > 0.3 * letters:
        raise NotReadable(
            f"its fonts do not say which letters they show: run it {_RECOGNITION.format('--force-ocr ')}"
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
        notes=_unread(scans),
        margins=margins,
        properties=Properties(
            title=properties.get("Title") or None,
            date=first_day(day.removeprefix("D:")[:8] for day in stated),
        ),
    )


def _lines(parts: Iterable[PrintedLine | Table]) -> Iterator[PrintedLine]:
    return (part for part in parts if isinstance(part, PrintedLine))


def _unread(scans: Sequence[Page]) -> list[str]:
    if not scans:
        return []
    # A stamp on a scan is text, so that `--skip-text` would skip the page.
    option = _RECOGNITION.format("--redo-ocr " if any(page.letters for page in scans) else "--skip-text ")
    verb, them = ("are scans", "them") if len(scans) > 1 else ("is a scan", "it")
    pages = page_list([page.number for page in scans])
    return [f"{pages} {verb} without text and not read; to have {them} too, run the file {option}"]


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
        budget = CharacterBudget()
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
                    header = part.rows[0] if has_header(part.rows) else None
                    below = part.rows[1 if header else 0 :]
                    blocks.extend(row_blocks(below, budget, header=header, page=body.number))
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
        shifted = abs(line.left - before.left) > 0.9 * self._size
        indented = line.left > before.left + 0.9 * self._size and len(paragraph) > 1
        if closed and shifted and not full:
            return False
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
        """Whether the hyphen between two lines stays: the document has the word with it, or both halves."""
        first, second = _WORD.findall(text[:-1])[-1].casefold(), _WORD.findall(following)[0].casefold()
        halves = self._words[first] > 0 and self._words[second] > 1 and len(first) > 2 and len(second) > 1
        hyphenated = self._words[f"{first}-{second}"] > 0 or halves
        return text.endswith("-") and hyphenated and not self._words[first + second]


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
