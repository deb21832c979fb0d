"""The sources of an answer: the buttons below it, and the modal with a cited paragraph and its neighbours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from bot.answers.quotes import find_quote
from bot.register.date_format import day, document_date
from bot.safe_text import visible
from bot.slack.blocks.elements import Block, Message, actions, button, context, menu, option, section
from bot.slack.blocks.forms import modal
from bot.slack.blocks.mrkdwn import escape, escape_short, shorten
from bot.sources import SourcePage, is_cited
from store.records import Citation, Document, Section

# The buttons below an answer have the number of their source: ids within a block have to differ.
SOURCE_OPEN = re.compile(r"source_\d+")
SOURCE_CHOOSE, SOURCE_FILE = "source_choose", "source_file"
SOURCE_TURN = re.compile(r"source_(?:previous|next|cited)")

# With more sources than this, one button opens the first, and the modal has a list of all.
_MOST_BUTTONS = 5
# Options of a list are 100 in Slack.
_MOST_OPTIONS = 100
# The text of a button or an option, and what a screen reader reads in its place.
_LABEL_CHARS = 30
_SPOKEN_CHARS = 75
_FACTS_CHARS = 300
# The paragraph before or after the cited one.
_NEIGHBOUR_CHARS = 700
# One block of the cited paragraph, and all of them.
_PART_CHARS = 2_800
_PARAGRAPH_CHARS = 28_000
# What is shown of a longer paragraph before its quote.
_LEAD_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """A source of an answer, as buttons and the modal name it: the question's key, and the source's number.

    `channel` is where the button was pressed.
    """

    key: str
    marker: int
    channel: str = ""


def source_buttons(citations: Sequence[Citation], key: str) -> list[Block]:
    """Return the row of buttons that open the sources of the answer to the question `key`."""
    if not citations:
        return []
    if len(citations) > _MOST_BUTTONS:
        first = citations[0].marker
        return [actions(button(f"All {len(citations)} sources", f"source_{first}", f"{first} {key}"))]
    return [actions(*(_source_button(citation, key) for citation in citations))]


def read_button(value: str, channel: str) -> SourcePlace:
    """Return the source that a button below an answer opens."""
    marker, _, key = value.partition(" ")
    return SourcePlace(key, int(marker), channel)


def source_view(
    place: SourcePlace,
    citations: Sequence[Citation],
    page: SourcePage | None,
    *,
    link: str = "",
    has_file: bool = False,
    note: str = "",
) -> Block:
    """Return the modal with one paragraph.

    `link` is the address of the message with the file, `has_file`: the file can be sent. `note` is a line on what was
    done last.
    """
    citation = next(one for one in citations if one.marker == place.marker)
    blocks = [_head(citation, page)]
    if len(citations) > 1:
        blocks[0] |= {"accessory": _choice(citations, citation)}
    if page is None:
        blocks.append(section("This document is not in my library any more, or it is not for this channel."))
    elif page.section is None or page.shown is None:
        blocks += _gone(citation, page.live)
    else:
        blocks += _paragraph(citation, page, page.section, page.shown)
    if page is not None:
        blocks += _original(link, has_file)
    if note:
        blocks.append(context(escape(note)))
    return modal("source", f"Source [{place.marker}]", blocks, known=asdict(place))


def source_message(message: Message) -> Block:
    """Return a modal with a message in place of a source."""
    return modal("source", "Source", message.blocks)


def _source_button(citation: Citation, key: str) -> Block:
    made = button(
        shorten(f"[{citation.marker}] § {visible(citation.section)}", _LABEL_CHARS),
        f"source_{citation.marker}",
        f"{citation.marker} {key}",
    )
    spoken = f"Open source {citation.marker}: § {citation.section} {citation.heading}".strip()
    return {**made, "accessibility_label": shorten(visible(spoken), _SPOKEN_CHARS)}


def _choice(citations: Sequence[Citation], chosen: Citation) -> Block:
    options = {
        one.marker: option(
            str(one.marker),
            shorten(visible(f"[{one.marker}] § {one.section} {one.heading}"), 2 * _LABEL_CHARS),
        )
        for one in citations[:_MOST_OPTIONS]
    }
    initial = {"initial_option": options[chosen.marker]} if chosen.marker in options else {}
    return {**menu("Another source", SOURCE_CHOOSE, list(options.values())), **initial}


def _head(citation: Citation, page: SourcePage | None) -> Block:
    document = page and (page.shown or page.live)
    title = (document.title or document.source) if document else citation.document or citation.source
    facts = citation.symbol or citation.source
    if document:
        facts = f"{document.symbol or document.source}, {document_date(document)}, version {document.version}"
    return section(f"*{escape_short(title, _FACTS_CHARS)}*\n{escape_short(facts, _FACTS_CHARS)}")


def _gone(citation: Citation, live: Document) -> Iterator[Block]:
    of_version = f" of version {citation.version}" if citation.version else ""
    number = escape_short(citation.section, _FACTS_CHARS)
    yield section(
        f"The answer cites § {number}{of_version}, which is no longer stored. I have {_version(live)}."
    )
    if citation.quote:
        yield from _rich_text(visible(citation.quote), 0, len(visible(citation.quote)))


def _paragraph(citation: Citation, page: SourcePage, own: Section, shown: Document) -> Iterator[Block]:
    if line := _version_line(citation, page, shown):
        yield context(escape(line))
    if page.before is not None:
        yield _neighbour(page.before)
    body, start, end = find_quote(own, citation.quote) if own.id == citation.section_id else (own.text, 0, 0)
    place = f"§ {own.number} {own.heading}".strip() + ("" if own.page is None else f", p. {own.page}")
    yield section(f"*{escape_short(place, _FACTS_CHARS)}*")
    yield from _rich_text(body, start, end)
    if page.after is not None:
        yield _neighbour(page.after)
    turns = [
        ("Previous paragraph", "source_previous", page.before),
        ("Next paragraph", "source_next", page.after),
    ]
    buttons = [button(text, action, near.id) for text, action, near in turns if near is not None]
    if own.id != citation.section_id:
        buttons.append(button("Back to the cited one", "source_cited", citation.section_id))
    if buttons:
        yield actions(*buttons)


def _version_line(citation: Citation, page: SourcePage, shown: Document) -> str:
    """Return what has become of the cited version, "" if it is the present one."""
    lines = []
    if not is_cited(shown, citation) and citation.version:
        lines.append(f"The answer cites version {citation.version}, which is no longer stored.")
    if shown.version != page.live.version:
        same = (
            "has this paragraph unchanged"
            if page.still_there
            else "has changed this paragraph or left it out"
        )
        lines.append(f"This is version {shown.version}. The newer {_version(page.live)} {same}.")
    return " ".join(lines)


def _version(document: Document) -> str:
    return f"version {document.version}" + (f" of {day(document.date)}" if document.date else "")


def _neighbour(near: Section) -> Block:
    return context(escape_short(f"§ {near.number}  {near.text}", _NEIGHBOUR_CHARS))


def _original(link: str, has_file: bool) -> Iterator[Block]:
    if link:
        yield context(f"<{link}|The message with the original file>")
    if has_file:
        yield actions(button("Send me the original file", SOURCE_FILE, SOURCE_FILE))


def _rich_text(body: str, start: int, end: int) -> Iterator[Block]:
    """Yield `body` with the part from `start` to `end` in bold, in as many blocks as it needs."""
    first = max(0, start - _LEAD_CHARS) if len(body) > _PARAGRAPH_CHARS else 0
    last = min(len(body), first + _PARAGRAPH_CHARS)
    for part in range(first, last, _PART_CHARS):
        until = min(part + _PART_CHARS, last)
        cuts = sorted({part, until, *(at for at in (start, end) if part < at < until)})
        pieces = [(body[a:b], start <= a and b <= end) for a, b in pairwise(cuts)]
        if part == first > 0:
            pieces.insert(0, ("… ", False))
        if until == last < len(body):
            pieces.append((" …", False))
        texts = [_text(text, bold=bold) for text, bold in pieces if visible(text)]
        if texts:
            yield {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": texts}]}


def _text(text: str, *, bold: bool) -> Block:
    return {"type": "text", "text": visible(text), **({"style": {"bold": True}} if bold else {})}
