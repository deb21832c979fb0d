"""The events of a document alone, as an ingest reads them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from ingest.events import EventReader
from ingest.events.plain import PlainReader
from ingest.events.same_event import Chains, assign_chains, merge
from store.records import Document, Event, Section


def read_events(
    document: Document, sections: Sequence[Section], reader: EventReader | None = None
) -> list[Event]:
    """Return the events of a document, with chains of its own; `reader` is by default the plain one."""
    datings = (reader or PlainReader()).read(document, sections).datings
    events = merge(document, [dating for section in sections for dating in datings.get(section.id, ())])
    numbers = count()
    return assign_chains(events, (), Chains(), lambda: f"chain{next(numbers)}")
