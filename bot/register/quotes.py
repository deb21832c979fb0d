"""Quotes of register entries: the sentence with the date, and the next one if that calls the event off.

Of "The conference was initially scheduled for 18-22 June. However, it has been postponed." the first sentence alone
would contradict the register.
"""

from __future__ import annotations

import re

from ingest.document.sentences import split
from store.records import Mention, Section

_OFF = re.compile(
    r"\b(?:postpon\w+|defer(?:red|ral)|re-?schedul\w+|put (?:off|back)|pushed back|moved|shifted|delayed"
    r"|cancel\w+|called off|abandoned|withdrawn|no longer|not (?:be held|take place))\b",
    re.IGNORECASE,
)


def quote(mention: Mention, section: Section) -> str:
    """Return the sentence of `mention`, verbatim, with the next one if only that calls the event off.

    For a date in the heading it is the heading.
    """
    start, end = mention.sentence_start, mention.sentence_end
    if mention.cue in ("postponed", "cancelled") and not _OFF.search(section.text[start:end]):
        following = next((span for span in split(section.text) if span[0] >= end), None)
        if following and _OFF.search(section.text[slice(*following)]):
            end = following[1]
    return section.quote(start, end) or section.heading
