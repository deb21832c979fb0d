"""The sources of an answer, and the passage nearest to a question, with the button that opens their window. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.answering.remarks import related
from bot.locales import _, and_more, commas, ngettext, quoted
from bot.safe_text import visible
from bot.slack.core.ui.elements import (
    Block,
    actions,
    button,
    context,
    fitting,
    section,
)
from bot.slack.core.ui.mrkdwn import escape_short, shorten
from store.records import Citation

# The buttons have the number of their source: ids within a message have to differ.
SOURCE_OPEN = re.compile(r"source_\d+")

# The window has a list of all.
_MOST_SOURCES = 10
# All of them in a line of small print, of Slack's 3,000.
_PLACES_CHARS = 2_800
_PLACES_APART = " · "
_TITLE_CHARS = 90
_NAME_CHARS = 150
_QUOTE_CHARS = 300
# What a screen reader reads in place of a button's text.
_SPOKEN_CHARS = 75


def source_lines(citations: Sequence[Citation], key: str, *, named: bool) -> Iterable[Block]:
    """Yield where the sources of the answer to the question `key` are, and the button that opens them.

    A paragraph that is cited several times is named once; of more than ten paragraphs, the further ones are counted.
    `named`: there are several documents, so a source has its document's title, unless the one before has the same.
    """
    if not citations:
        return
    cited: dict[tuple[str, str], list[Citation]] = {}
    for citation in citations:
        cited.setdefault((citation.source, citation.section), []).append(citation)
    before, places = "", []
    for (source, _section), same in list(cited.items())[:_MOST_SOURCES]:
        markers = "".join(f"[{citation.marker}]" for citation in same)
        places.append(f"{markers} {place_of(same[0], named=named and source != before)}")
        before = source
    shown = fitting(places, _PLACES_CHARS, len)
    yield context(_PLACES_APART.join([*shown, *and_more(len(cited) - len(shown))]))
    first = citations[0]
    label = ngettext("Source ({count})", "Sources ({count})", len(cited))
    spoken = _("Open source {number}: {paragraph}", number=first.marker, paragraph=_paragraph(first))
    yield actions(_opening(label, spoken, first.marker, f"{first.marker} {key}"))


def nearest_line(citation: Citation, key: str, *, named: bool) -> Block:
    """Return the passage nearest to the question `key`, which the documents do not answer."""
    quote = quoted(escape_short(citation.quote, _QUOTE_CHARS))
    text = related(place_of(citation, named=named), quote)
    opens = _opening(_("More"), _("Open the nearest passages"), citation.marker, f"{citation.marker} {key}")
    return {**section(text), "accessory": opens}


def place_of(citation: Citation, *, named: bool) -> str:
    """Return where a source is: its document, where that is `named`, and its paragraph and page."""
    document = escape_short(citation.document or citation.source, _TITLE_CHARS) if named else ""
    page = "" if citation.page is None else _("p. {page}", page=citation.page)
    return commas([document, escape_short(_paragraph(citation), _NAME_CHARS), page])


def _paragraph(citation: Citation) -> str:
    return f"§ {citation.section} {citation.heading}".strip()


def _opening(label: str, spoken: str, number: int, value: str) -> Block:
    opens = button(label, f"source_{number}", value)
    return {**opens, "accessibility_label": shorten(visible(spoken), _SPOKEN_CHARS)}
