"""Events of texts as UN and ITU papers write them."""

from __future__ import annotations

from datetime import date

from store.records import Document, Event, Section
from tests.event_reading import read_events

PAPER = Document("C25/9", "paper.txt", "Report", date=date(2025, 3, 10))


def events(*texts: str, heading: str = "Activities", document: Document = PAPER) -> list[Event]:
    """Return the events of a document that has these sections."""
    sections = [
        Section(document.id, str(number), number, number, heading, text, text)
        for number, text in enumerate(texts, 1)
    ]
    return read_events(document, sections)


def only(*texts: str, heading: str = "Activities", document: Document = PAPER) -> Event:
    """Return the one event of a document that has these sections."""
    found = events(*texts, heading=heading, document=document)
    assert len(found) == 1, [(e.title, e.mentions[0].start) for e in found]
    return found[0]


def rows(*texts: str, heading: str = "Activities", document: Document = PAPER) -> list[tuple[str, str, str]]:
    """Return (title, kind, first day) of each event."""
    found = events(*texts, heading=heading, document=document)
    return [(e.title, e.kind, str(e.mentions[0].start)) for e in found]
