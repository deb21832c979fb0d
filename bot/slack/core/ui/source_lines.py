"""The sources of an answer, and the passage nearest to a question: a line each, whose button opens a window. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from bot.answering.remarks import related
from bot.locales import _, and_more, commas, quoted
from bot.safe_text import visible
from bot.slack.core.ui.elements import BUTTON_VALUE_CHARS, Block, button, context, section
from bot.slack.core.ui.mrkdwn import escape_short, shorten
from store.records import Citation

# The buttons have the number of their source: ids within a message have to differ.
SOURCE_OPEN = re.compile(r"source_\d+")

# The window has a list of all.
_MOST_SOURCES = 10
_TITLE_CHARS = 90
_NAME_CHARS = 150
_QUOTE_CHARS = 300
# What a screen reader reads in place of a button's text.
_SPOKEN_CHARS = 75


def source_lines(citations: Sequence[Citation], key: str, *, named: bool) -> Iterable[Block]:
    """Yield the sources of the answer to the question `key`, a line each; further ones are counted.

    `named`: there are several documents, so a source has its document's title, unless the one before has the same.
    """
    before = ""
    for citation in citations[:_MOST_SOURCES]:
        place = place_of(citation, named=named and citation.source != before)
        before = citation.source
        spoken = _(
            "Open source {number}: {paragraph}", number=citation.marker, paragraph=_paragraph(citation)
        )
        yield _line(f"*[{citation.marker}]* {place}", _("Open"), spoken, citation, key)
    yield from map(context, and_more(len(citations) - _MOST_SOURCES))


def nearest_line(citation: Citation, key: str, *, named: bool) -> Block:
    """Return the passage nearest to the question `key`, which the documents do not answer."""
    quote = quoted(escape_short(citation.quote, _QUOTE_CHARS))
    text = related(place_of(citation, named=named), quote)
    return _line(text, _("More"), _("Open the nearest passages"), citation, key)


def place_of(citation: Citation, *, named: bool) -> str:
    """Return where a source is: its document, where that is `named`, and its paragraph and page."""
    document = escape_short(citation.document or citation.source, _TITLE_CHARS) if named else ""
    page = "" if citation.page is None else _("p. {page}", page=citation.page)
    return commas([document, escape_short(_paragraph(citation), _NAME_CHARS), page])


def with_button(line: Block, number: int, citations: Sequence[Citation]) -> Block:
    """Return a line with the button that opens what it cites, of which nothing is stored, if that is not too long.

    `number` is that of the button in its message.
    """
    short = [replace(citation, quote=citation.quote[:_QUOTE_CHARS]) for citation in citations]
    key = json.dumps([asdict(citation) for citation in short], ensure_ascii=False, separators=(",", ":"))
    value = f"{short[0].marker} {key}" if short else ""
    if not value or len(value) > BUTTON_VALUE_CHARS:
        return line
    spoken = _("Open source {number}: {paragraph}", number=number, paragraph=_paragraph(short[0]))
    return {**line, "accessory": _opening(_("Open"), spoken, number, value)}


def unstored(key: str) -> tuple[Citation, ...]:
    """Return the citations that a button has in place of the key of a question; none if it has that."""
    return tuple(Citation(**values) for values in json.loads(key)) if key.startswith("[") else ()


def _paragraph(citation: Citation) -> str:
    return f"§ {citation.section} {citation.heading}".strip()


def _line(text: str, label: str, spoken: str, citation: Citation, key: str) -> Block:
    opens = _opening(label, spoken, citation.marker, f"{citation.marker} {key}")
    return {**section(text), "accessory": opens}


def _opening(label: str, spoken: str, number: int, value: str) -> Block:
    opens = button(label, f"source_{number}", value)
    return {**opens, "accessibility_label": shorten(visible(spoken), _SPOKEN_CHARS)}
