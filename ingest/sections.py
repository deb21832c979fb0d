"""Blocks into Sections: which paragraph is which, and what belongs to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingest.cleaning import clean
from ingest.readers.base import Block
from store.records import Section

# Unnumbered text is cut at paragraphs into sections of about this many characters: what one screen shows.
_UNNUMBERED_LENGTH = 1500


@dataclass
class _Open:
    """The section being filled."""

    number: str
    heading: str
    page: int | None = None
    numbered: bool = False
    raws: list[str] = field(default_factory=list)


def to_sections(document_id: str, blocks: Iterable[Block]) -> list[Section]:
    """Return the sections of a document, in reading order; no text of `blocks` is lost but headings'.

    A numbered paragraph is a section, with the list items and unnumbered paragraphs that follow it. An
    unnumbered paragraph directly under heading 4 is "4"; what stands before the first number is "0".
    """
    sections: list[Section] = []
    seen: Counter[str] = Counter()
    for position, part in enumerate(_parts(blocks)):
        raw = "\n\n".join(part.raws)
        text, offsets = clean(raw)
        sections.append(
            Section(
                document_id=document_id,
                number=part.number,
                ordinal=seen[part.number],
                position=position,
                heading=part.heading,
                text=text,
                raw=raw,
                offsets=offsets,
                page=part.page,
            )
        )
        seen[part.number] += 1
    return sections


def _parts(blocks: Iterable[Block]) -> Iterator[_Open]:
    part = _Open("0", "")
    for block in blocks:
        if block.kind == "heading":
            yield from _filled(part)
            number = block.number or part.number
            part = _Open(number, clean(block.raw)[0])
        elif block.number is not None:
            yield from _filled(part)
            part = _Open(block.number, part.heading, block.page, numbered=True, raws=[block.raw])
        else:
            full = (
                not part.numbered
                and block.kind == "paragraph"
                and sum(map(len, part.raws)) > _UNNUMBERED_LENGTH
            )
            if full:
                yield from _filled(part)
                part = _Open(part.number, part.heading)
            if not part.raws:
                part.page = block.page
            part.raws.append(block.raw)
    yield from _filled(part)


def _filled(part: _Open) -> Iterator[_Open]:
    if any(clean(raw)[0] for raw in part.raws):
        yield part
