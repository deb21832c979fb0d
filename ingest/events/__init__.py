"""Events of documents: dates and the structure around them into what happens, when, where, and how firmly.

Every date is an event unless it is known to be none: a missed deadline costs a meeting, a clumsy title a smile.
"""

from ingest.events.chains import chain_events, match_chain
from ingest.events.extraction import dated_sections, extract_events

__all__ = ["EVENTS_VERSION", "chain_events", "dated_sections", "extract_events", "match_chain"]

# Raised with the rules: the next ingest then makes the events of all documents anew.
EVENTS_VERSION = "1"
