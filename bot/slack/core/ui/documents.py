"""The documents that a channel sees, and the changes of one as a message: ~removed words~, *added words*. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.changes import Changes, ParagraphChange
from bot.changes.wording import (
    compared_words,
    counts_words,
    date_words,
    nothing_words,
    paragraph_words,
    renumbered_words,
    shown_pieces,
)
from bot.locales import _, and_more, commas, ngettext, semicolons
from bot.register.versions import languages_of
from bot.register.wording import document_date, paragraph_mark, title
from bot.slack.core.ui.elements import (
    Block,
    Message,
    button,
    context,
    fallback_text,
    fitting,
    plain_message,
    section,
)
from bot.slack.core.ui.mrkdwn import JOINER, escape_short, linked
from store.records import EVERYBODY, Document

DOCUMENT_CHANGES = "document_changes"

_TITLE_CHARS = 150
# What follows the title of a document in its line.
_FACTS_CHARS = 250
# All documents, or all dates and paragraphs, in a message's 13,000.
_MESSAGE_CHARS = 10_000
_PARAGRAPH_CHARS = 1_200
_NAME_CHARS = 110
# All dates in a section's 3,000.
_DATES_CHARS = 2_800
# What is removed, as `_marked` shows it.
_REMOVED = re.compile(rf"(?<!\w)~(?![\s{JOINER}])(.+?)(?<!\s)~(?!\w)")
# Blocks of a message are 50; the head, the dates and the foot take some.
_MOST_TEXTS = 30
_MOST_DATES = 12


def newest_first(documents: Sequence[Document]) -> list[Document]:
    """Return the documents by their own date, those without one last."""
    return sorted(documents, key=lambda each: (each.date or date.min, each.source), reverse=True)


def document_line(group: Sequence[Document]) -> str:
    """Return one document as mrkdwn: its title, symbol, date and version, its languages, and who sees it."""
    document, languages = group[0], languages_of(group)
    symbol = (document.neutral_symbol if languages else document.symbol) or ""
    version = _("version {number}", number=document.version) if document.version > 1 else ""
    facts = [document_date(document), version, languages]
    if document.audience != EVERYBODY:
        facts.append(_("for this conversation only"))
    name = escape_short(document.title or document.source, _TITLE_CHARS)
    shown = [linked(symbol, _FACTS_CHARS), escape_short(commas(facts), _FACTS_CHARS)]
    return commas([f"*{name}*", *shown])


def document_blocks(groups: Sequence[Sequence[Document]]) -> list[Block]:
    """Return a line for each document; one that has a version before has a button that shows what changed."""
    return [{**section(document_line(group)), **changes_button(group[0])} for group in groups]


def changes_button(document: Document) -> dict[str, Block]:
    """Return what gives a section the button that shows what changed; {} for a first version."""
    if document.version == 1:
        return {}
    return {"accessory": button(_("What changed"), DOCUMENT_CHANGES, document.id)}


def changes_message(changes: Changes) -> Message:
    """Return the changes, dates first; those that do not fit are counted."""
    if not changes or changes.before is None:
        return plain_message(nothing_words(changes))
    sum_up = counts_words(changes)
    versions = compared_words(changes)
    name = changes.after.title or changes.after.source
    blocks: list[Block] = [
        section(f"*{escape_short(name, _NAME_CHARS)}*\n{escape_short(sum_up, _PARAGRAPH_CHARS)}"),
        context(escape_short(versions, _PARAGRAPH_CHARS)),
    ]
    dates = [
        _date(escape_short(title(c.entry), _NAME_CHARS), date_words(c), c.entry.section)
        for c in changes.dates
    ]
    shown_dates = fitting(dates[:_MOST_DATES], _DATES_CHARS, len)
    if dates:
        lines = ["*" + _("Dates") + "*", *shown_dates, *and_more(len(dates) - len(shown_dates))]
        blocks.append(section("\n".join(lines)))
    texts = [_paragraph(change) for change in changes.paragraphs if change.kind != "renumbered"]
    texts += [
        "*"
        + _("Heading:")
        + f"* ~{escape_short(h.before, _NAME_CHARS)}~ *{escape_short(h.after, _NAME_CHARS)}*"
        for h in changes.headings
    ]
    shown = fitting(texts[:_MOST_TEXTS], _MESSAGE_CHARS - sum(map(len, shown_dates)), len)
    blocks += [section(text) for text in shown]
    footnotes = [escape_short(semicolons(renumbered_words(changes.paragraphs)), _PARAGRAPH_CHARS)]
    if left := len(texts) - len(shown):
        footnotes.append(
            ngettext(
                "{count} more change does not fit into a message.",
                "{count} more changes do not fit into a message.",
                left,
            )
        )
    if any(footnotes):
        blocks.append(context("\n".join(line for line in footnotes if line)))
    return Message(fallback_text(_in_words(block) for block in blocks), tuple(blocks))


def _in_words(block: Block) -> Block:
    """Return a block in which words, not strokes, say what was removed."""
    if block["type"] != "section":
        return block
    return section(_REMOVED.sub(lambda found: _("[removed: {text}]", text=found[1]), block["text"]["text"]))


def _date(name: str, what: str, number: str) -> str:
    return f"*{name}* {escape_short(what, 2 * _NAME_CHARS)}  [§ {escape_short(number, _NAME_CHARS)}]"


def _paragraph(change: ParagraphChange) -> str:
    place = f"{paragraph_mark(change.section.number)} {change.section.heading}".strip()
    what = escape_short(paragraph_words(change), _NAME_CHARS)
    return f"*{escape_short(place, _NAME_CHARS)}*  ({what})\n{_wording(change)}"


def _wording(change: ParagraphChange) -> str:
    parts, room = [], _PARAGRAPH_CHARS
    for op, text in shown_pieces(change):
        if room < _NAME_CHARS:
            parts.append("…")
            break
        parts.append(escape_short(text, room) if op == "same" else _marked(text, op, room))
        room -= len(parts[-1])
        # Two adjacent marks would not be formatted.
        if op == "removed" or text != text.rstrip():
            parts.append(" ")
    return "".join(parts).strip()


def _marked(words: str, op: str, room: int) -> str:
    # Slack formats within one line, and not after a space inside the mark: `escape_short` sees to both.
    sign = "*" if op == "added" else "~"
    text = escape_short(words, room)
    return f"{sign}{text}{sign}" if text else ""
