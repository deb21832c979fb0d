"""The head of a document as lines: the text above its salutation, its first number or its first running text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from ingest.readers.base import Block, Extract
from ingest.text.lexicon import listed, tables

_HEAD_BLOCKS = 40
_TAIL_BLOCKS = 10
# A single block may have a million lines, and a line a million letters: no head has more than this.
_MOST_LINES = 60
_LINE_CHARS = 2_000
# A paragraph of so many words that ends like a sentence is running text.
_PROSE_WORDS = 15
# A line with at most so many words is divided at the marks of a letterhead. In a longer one, such as a sentence, the
# same marks refer to other documents.
_LETTERHEAD_WORDS = 25
_CLOSES = re.compile(r"[.!?:;。][\"'”’)\]]*$|[a-z)][.!?] [A-Z]")
_COLON = re.compile(r"(?P<label>[^\W\d_][\w .'’()/-]{1,40}?)(?:\s?[:：](?:\s*|$))(?P<text>.*)", re.DOTALL)
_GAPS = re.compile(r"\t|\s{2,}|\s[|·•]\s|,\s(?=p\. ?\d)|\s(?=©)|\s(?=\(\d{6}\))")
_LETTERHEAD = re.compile(r"(?:original|(?:our )?r[eé]f(?:erence)?\.?|distr\.?)\s*:", re.IGNORECASE)
_BEFORE = re.compile(r"(?<!\s)\s+(?=(?:Document\s+[A-Z]\S*\d|Original\s?:|Distr\.\s?:))")
_AFTER = re.compile(
    r"((?:Document|Doc\.)\s+[A-Z]\S*\d\S*|Original\s?:\s?\w+)\s+(?=[A-Z][a-z]+\b(?!\.)|\d{1,2}\s[A-Z][a-z]{2})"
)
# Labels of cells, also of those that say when something else is.
_FIELDS = ("title", "symbol", "date", "updated", "meeting")
_OTHER_FIELDS = frozenset(
    "deadline due opening closing start end to from cc contact tel source original distr".split()
)


@dataclass(frozen=True, slots=True)
class HeadLine:
    """One line of a head: `label` is the text before its colon, or in the cell to its left."""

    text: str
    label: str = ""
    level: int | None = None
    prose: bool = False

    @property
    def whole(self) -> str:
        """The text with its label in front."""
        return f"{self.label}: {self.text}" if self.label else self.text


@lru_cache
def labels(*kinds: str) -> frozenset[str]:
    """Return the labels of these kinds ("title", "date", ...) in all languages, casefolded."""
    return frozenset(
        word.casefold()
        for table in tables().values()
        for kind in kinds
        for word in listed(table[kind if kind == "salutation" else f"label_{kind}"])
    )


def head(extract: Extract) -> list[HeadLine]:
    """Return the lines of the head, with the first paragraph of running text as its last."""
    return _joined(_head_lines([*extract.banner, *extract.blocks[:_HEAD_BLOCKS]]))


def tail(extract: Extract) -> list[HeadLine]:
    """Return the lines at the end, where letters are signed and pages name who issued them."""
    blocks = [
        b for b in extract.blocks[-_TAIL_BLOCKS:] if b.kind in ("paragraph", "heading") and not b.number
    ]
    return _joined([line for block in blocks for line in lines_of(block)][-_MOST_LINES:])


def running(extract: Extract) -> list[HeadLine]:
    """Return the lines of the running heads and feet."""
    return _joined(line for text in extract.margins for line in _cut(text, None))


def lines_of(block: Block) -> list[HeadLine]:
    """Return the printed lines of a block."""
    return [line for text in _printed(block) for line in _lines(text, block.level)]


def _head_lines(blocks: Iterable[Block]) -> Iterator[HeadLine]:
    for block in blocks:
        if block.number is not None:
            return
        if block.kind == "row":
            yield from _letterhead(block)
        for text in _printed(block) if block.kind in ("paragraph", "heading") else ():
            start = text.strip()[:60].casefold()
            if any(re.match(rf"{re.escape(word)}(?![^\W\d_])", start) for word in labels("salutation")):
                return
            if block.kind == "paragraph" and _is_prose(text):
                yield HeadLine(" ".join(text.split())[:_LINE_CHARS], prose=True)
                return
            yield from _lines(text, block.level)


def _printed(block: Block) -> list[str]:
    """Return the printed lines of a paragraph if its reader has recorded them, else its whole text."""
    return [text for (text, *_) in block.rows] if block.rows and block.kind != "row" else [block.raw]


def _lines(text: str, level: int | None) -> list[HeadLine]:
    return [line for printed in text.splitlines() for line in _cut(printed, level)]


def _is_prose(text: str) -> bool:
    """Whether a paragraph is running text and not a long line of a letterhead."""
    named = _COLON.match(text)
    long = len(text.split()) >= _PROSE_WORDS or len(text) > 120
    labelled = named is not None and _is_field(named["label"])
    return long and not labelled and "\t" not in text and _CLOSES.search(text) is not None


def _letterhead(block: Block) -> Iterator[HeadLine]:
    """Yield the cells of a letterhead's rows as lines; of other tables, those of rows with two cells at most."""
    for row in block.rows:
        cells = [cell for cell in row if cell.strip()]
        if len(cells) <= 2 or any(_LETTERHEAD.match(cell.strip(" *_")) for cell in cells):
            yield from _beside(cells, None)


def _cut(text: str, level: int | None) -> list[HeadLine]:
    """Return the parts of one printed line: its columns, and parts that follow each other without a gap."""
    text = text[:_LINE_CHARS]
    if len(text.split()) <= _LETTERHEAD_WORDS:
        text = _AFTER.sub(r"\1\t", _BEFORE.sub("\t", text))
    return _beside([part for part in _GAPS.split(text) if part.strip(" \xa0|·•")], level)


def _beside(cells: Sequence[str], level: int | None) -> list[HeadLine]:
    """Return the lines of cells in one row; a cell that is the name of a field labels the next one."""
    lines: list[HeadLine] = []
    for place, cell in enumerate(cells):
        for printed in cell.splitlines():
            text = " ".join(printed.split()).strip("*_ ")
            named = _COLON.fullmatch(text)
            if named is not None:
                lines.append(HeadLine(named["text"].strip(), named["label"].strip(), level))
            elif place + 1 < len(cells) and _is_field(text):
                lines.append(HeadLine("", text, level))
            elif text:
                lines.append(HeadLine(text, "", level))
    return lines


def _is_field(text: str) -> bool:
    fold = text.casefold().rstrip(".")
    return fold in labels(*_FIELDS) or fold in _OTHER_FIELDS


def _joined(lines: Iterable[HeadLine]) -> list[HeadLine]:
    """Return the lines, with each label that is alone on its line joined to the next line."""
    joined: list[HeadLine] = []
    for line in islice(lines, _MOST_LINES):
        if joined and joined[-1].label and not joined[-1].text and not line.label and not line.prose:
            line = HeadLine(line.text, joined.pop().label, line.level)
        joined.append(line)
    return joined
