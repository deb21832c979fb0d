"""Events of documents: from the dates and the text around them, what happens, when, where, and how certainly.

Every date is an event unless a rule excludes it: a missed deadline costs a meeting, a clumsy title a smile.
"""

# Increased when the rules change: the next ingest then rebuilds the events of all documents.
EVENTS_VERSION = "3"
