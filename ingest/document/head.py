"""The head of a document as lines: the text above its salutation, its first number or its first running text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from ingest.dates.words import GATHERINGS
from ingest.readers.base import Block, Extract

_HEAD_BLOCKS = 40
_HEAD_LINES = 60
_TAIL_BLOCKS = 10
# A single block may have a million lines, and a line a million letters: no head has more than this.
_MOST_LINES = 400
_LINE_CHARS = 2_000
# A paragraph of so many words that ends like a sentence is running text.
_PROSE_WORDS = 15
# A line with at most so many words is divided at the marks of a letterhead. In a longer one, such as a sentence, the
# same marks refer to other documents.
_LETTERHEAD_WORDS = 25

_SALUTATION = re.compile(
    r"(?:dear\b|sirs?\b|madam\b|mesdames\b|messieurs\b|madame\b|monsieur\b|(?:your )?excellenc|ladies and gentlemen)",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"[.!?:;][\"'”’)\]]*$|[a-z)][.!?] [A-Z]")
_COLON = re.compile(
    r"(?P<label>[^\W\d_][\w .'’()/-]{1,40}?)(?:\s?:(?:\s+|$)|(?<=[a-z]):(?=[A-Z\d]))(?P<text>.*)", re.DOTALL
)
_GAPS = re.compile(
    r"\t|\s{2,}|\s[|·•]\s|\s[–—-]\s(?=(?:Page|published|issued|prepared|updated|posted|sent)\b)|,\s(?=p\. ?\d)|\s(?=©)"
    r"|\s(?=\(\d{6}\))"
)
_LETTERHEAD = re.compile(r"(?:original|(?:our )?r[eé]f(?:erence)?\.?|distr\.?)\s*:", re.IGNORECASE)
_BEFORE = re.compile(r"(?<!\s)\s+(?=(?:Document\s+[A-Z]\S*\d|Original\s?:|Distr\.\s?:))")
_AFTER = re.compile(
    r"((?:Document|Doc\.)\s+[A-Z]\S*\d\S*|Original\s?:\s?\w+)\s+(?=[A-Z][a-z]+\b(?!\.)|\d{1,2}\s[A-Z][a-z]{2})"
)
# A gathering of people; a council or an assembly may also be a body.
GATHERING = re.compile(
    rf"\b(?:{'|'.join(sorted(GATHERINGS - frozenset(['council', 'assembly'])))}|round table)\b", re.IGNORECASE
)
# A text that is the label of the cell or line next to it.
FIELD = re.compile(
    r"(?:(?:[\w-]+ ){0,3}(?:dates?|dated|issued|published|posted|released|circulated|updated?|modified|revised|"
    r"deadline|due|opening|opens|closing|closes|starts?|ends?|expires)|version|subject|title|re|(?:your |our )?ref|"
    r"references?|document|doc|symbol|source|from|to|cc|contact|tel|telephone|phone|fax|e-?mail|purpose|"
    r"(?:submitted|issued) by|author|venue|place|location|time|when|where|what|who|registration|(?:agenda )?item|"
    r"action|action required|original|distr|distribution|languages?|status|valid|held|meeting|session|event|"
    r"applications|contributions|questions?|objet|asunto|fecha|participants|apologies|abstract|summary|keywords|"
    r"chair|website|web|annex|enclosures?|embargo)(?: (?:by|on|at|no|for|\d+))?(?:\(s\))?\.?",
    re.IGNORECASE,
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

    def labelled(self, pattern: re.Pattern[str]) -> bool:
        """Whether the whole label matches `pattern`."""
        return pattern.fullmatch(self.label.casefold().rstrip(".")) is not None


def head(extract: Extract) -> list[HeadLine]:
    """Return the lines of the head, with the first paragraph of running text as its last."""
    lines: list[HeadLine] = []
    blocks = [*extract.banner, *extract.blocks[:_HEAD_BLOCKS]]
    for group in _tables_together(blocks):
        if group[0].kind == "row":
            lines += _letterhead(group)
            continue
        for block in group:
            if block.number is not None:
                return _joined(lines)
            for text in _printed(block):
                if _SALUTATION.match(text.strip()):
                    return _joined(lines)
                if block.kind == "paragraph" and is_prose(text):
                    return _joined([*lines, HeadLine(" ".join(text.split())[:_LINE_CHARS], prose=True)])
                if block.kind in ("paragraph", "heading"):
                    lines += _lines(text, block.level)
        if len(lines) > _HEAD_LINES:
            break
    return _joined(lines)


def tail(extract: Extract) -> list[HeadLine]:
    """Return the lines at the end, where letters are signed and pages name who issued them."""
    blocks = [
        b for b in extract.blocks[-_TAIL_BLOCKS:] if b.kind in ("paragraph", "heading") and not b.number
    ]
    return _joined([line for block in blocks for line in lines_of(block)][-_MOST_LINES:])


def running(extract: Extract) -> list[HeadLine]:
    """Return the lines of the running heads and feet."""
    return _joined(islice((line for text in extract.margins for line in _cut(text, None)), _MOST_LINES))


def lines_of(block: Block) -> list[HeadLine]:
    """Return the printed lines of a block."""
    return [line for text in _printed(block) for line in _lines(text, block.level)]


def _printed(block: Block) -> list[str]:
    """Return the printed lines of a paragraph if its reader has recorded them, else its whole text."""
    return [text for (text, *_) in block.rows] if block.rows and block.kind != "row" else [block.raw]


def _lines(text: str, level: int | None) -> list[HeadLine]:
    return [line for printed in text.splitlines() for line in _cut(printed, level)]


def is_prose(text: str) -> bool:
    """Whether a paragraph is running text and not a long line of a letterhead."""
    words = text.split()
    named = _COLON.match(text)
    if named is not None and FIELD.fullmatch(named["label"]):
        return False
    return len(words) >= _PROSE_WORDS and _CLOSES.search(text) is not None and "\t" not in text


def _tables_together(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    for _, group in groupby(blocks, key=lambda block: block.kind == "row"):
        yield list(group)


def _letterhead(blocks: Sequence[Block]) -> list[HeadLine]:
    """Return the cells of a letterhead's table as lines; nothing for other tables, which have more than two columns."""
    rows = [[cell for cell in row if cell.strip()] for block in blocks for row in block.rows]
    wide = sum(len(row) > 2 for row in rows) > len(rows) / 2
    named = any(_LETTERHEAD.match(cell.strip(" *_")) for row in rows for cell in row)
    if wide and not named:
        return []
    return [line for row in rows for line in _beside(row, None)]


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
            if not text:
                continue
            named = _COLON.fullmatch(text)
            if named is not None:
                lines.append(HeadLine(named["text"].strip(), named["label"].strip(), level))
            elif place + 1 < len(cells) and "\n" not in cell.strip() and _is_field(text):
                lines.append(HeadLine("", text, level))
            else:
                lines.append(HeadLine(text, "", level))
    return lines


def _is_field(text: str) -> bool:
    """Whether a cell is the label of the next one; names of bodies in capitals are not."""
    return (
        len(text) <= 45
        and not (text.isupper() and len(text.split()) > 2)
        and FIELD.fullmatch(text) is not None
    )


def _joined(lines: Iterable[HeadLine]) -> list[HeadLine]:
    """Return the lines, with each label that is alone on its line joined to the next line."""
    joined: list[HeadLine] = []
    for line in islice(lines, _MOST_LINES):
        if joined and joined[-1].label and not joined[-1].text and not line.label and not line.prose:
            line = HeadLine(line.text, joined.pop().label, line.level)
        joined.append(line)
    return joined
