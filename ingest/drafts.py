"""Reads a draft, a text that somebody writes, into its sentences. Nothing of it is stored."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ingest.document.sections import clean
from ingest.errors import NotReadable, fault
from ingest.text.sentences import split
from store.nul import without_nul

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft, or a row of one of its tables.

    `before` is what it may refer to: the heading that it is under, and up to two sentences before it.
    `place` is the text by which it is found in the draft: of a row, its first cell.
    """

    text: str
    before: str = ""
    is_heading: bool = False
    place: str = ""


def read_draft(name: str, data: bytes) -> list[DraftSentence]:
    """Return the sentences of a file, in reading order. Raises NotReadable."""
    # The readers of all formats take some tenths of a second to import.
    from ingest.readers.sandbox.process import ReaderFault, ReadingProcess

    try:
        with ReadingProcess() as process:
            extract = without_nul(process.read(name, data))
    except ReaderFault as error:
        # Not the traceback: it may have text of the draft.
        _LOG.warning("a draft cannot be read")
        raise NotReadable(fault(error)) from None
    found: list[DraftSentence] = []
    heading = ""
    previous: list[str] = []
    for block in (*extract.banner, *extract.blocks):
        text, _ = clean(block.raw)
        if block.kind == "heading":
            heading, previous = text, []
            found.append(DraftSentence(text, is_heading=True, place=text))
        elif block.kind == "row":
            cells = [cell for cell in block.rows[-1] if cell.strip()] if block.rows else []
            found.append(DraftSentence(text, heading, place=cells[0] if cells else text))
        else:
            for start, end in split(text):
                sentence = text[start:end]
                before = f"{heading}\n{' '.join(previous[-2:])}".strip()
                found.append(DraftSentence(sentence, before, place=sentence))
                previous.append(sentence)
    if not any(sentence.text for sentence in found):
        raise NotReadable("no text was found in it")
    return [sentence for sentence in found if sentence.text]
