"""Where a quote is in its paragraph. Pure."""

from __future__ import annotations

import re

from store.records import Section


def find_quote(section: Section, quote: str) -> tuple[str, int, int]:
    """Return a text of the section with the start and the end of `quote` in it; both 0 if it is nowhere.

    The quote is verbatim from the raw text, whose white space may differ from that of the displayed text. If the
    displayed text does not contain it, the raw text is returned.
    """
    words = r"\s+".join(re.escape(word) for word in quote.split())
    for body in (section.text, section.raw):
        found = re.search(words, body) if words else None
        if found:
            return body, found.start(), found.end()
    return section.text, 0, 0
