"""Events of documents: from the dates and the text around them, what happens, when, where, and how certainly.

Every date is an event unless a rule excludes it: a missed deadline costs a meeting, a clumsy title a smile.
"""

from ingest.events.extraction import extract_events
from ingest.events.labels import dated_sections
from ingest.events.pieces import number_dates

__all__ = [
    "EVENTS_VERSION",
    "dated_sections",
    "extract_events",
    "number_dates",
]

# Increased when the rules change: the next ingest then rebuilds the events of all documents.
EVENTS_VERSION = "7"
