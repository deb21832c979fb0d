"""What is quoted for an entry of the register: the sentence that dates it, and the one that calls it off.

"The conference was initially scheduled for 18-22 June. However, it has been postponed." The first
sentence alone would say the opposite of what the register says.
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
    """Return the words of `section` that say what `mention` stands for, verbatim.

    Where they call the event off only in the next sentence, that one is included. What stands in the
    heading (a year, say) has no sentence: the heading is what says it.
    """
    start, end = mention.sentence_start, mention.sentence_end
    if mention.cue in ("postponed", "cancelled") and not _OFF.search(section.text[start:end]):
        following = next((span for span in split(section.text) if span[0] >= end), None)
        if following and _OFF.search(section.text[slice(*following)]):
            end = following[1]
    return section.quote(start, end) or section.heading
