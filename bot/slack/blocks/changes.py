"""What changed in a document, as a Slack message: ~what went out~, *what came in*. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.changes import Changes, ParagraphChange
from bot.changes.wording import (
    compared_words,
    counts_words,
    date_words,
    nothing_words,
    paragraph_words,
    place_words,
    renumbered_words,
    shown_pieces,
)
from bot.slack.blocks.elements import Block, Message, context, section
from bot.slack.blocks.messages import notice
from bot.slack.blocks.mrkdwn import brief
from store.records import Document

# Characters: of a paragraph, of a name in it, and of all of them together in a message's 13,000.
_PARAGRAPH, _NAME, _ROOM = 1_200, 110, 9_000
# Blocks of a message are 50; the head, the dates and the foot take some.
_MOST, _MOST_DATES = 30, 12


def changes_message(changes: Changes) -> Message:
    """Return what changed, dates first; what does not fit is counted."""
    if not changes or changes.before is None:
        return notice(nothing_words(changes))
    sum_up = counts_words(changes)
    versions = compared_words(changes)
    title = changes.after.title or changes.after.source
    blocks: list[Block] = [
        section(f"*{brief(title, _NAME)}*\n{brief(sum_up, _PARAGRAPH)}"),
        context(brief(versions, _PARAGRAPH)),
    ]
    dates = [_date(brief(c.entry.title, _NAME), date_words(c), c.entry.section) for c in changes.dates]
    if dates:
        more = [f"… and {len(dates) - _MOST_DATES} more"] if len(dates) > _MOST_DATES else []
        blocks.append(section("\n".join(["*Dates*", *dates[:_MOST_DATES], *more])))
    told = [_paragraph(change) for change in changes.paragraphs if change.kind != "renumbered"]
    told += [f"*Heading:* ~{brief(h.before, _NAME)}~ *{brief(h.after, _NAME)}*" for h in changes.headings]
    shown = list(_fitting(told))
    blocks += [section(text) for text in shown]
    small = [brief("; ".join(renumbered_words(changes.paragraphs)), _PARAGRAPH)]
    if len(shown) < len(told):
        small.append(f"{len(told) - len(shown)} more changes are left out here; `itubot changes` shows them.")
    if any(small):
        blocks.append(context("\n".join(line for line in small if line)))
    return Message(brief(f"{title}: {sum_up}", _PARAGRAPH), tuple(blocks))


def unknown_document(name: str, documents: Sequence[Document]) -> Message:
    """Return what is said for a name that no document has: which there are."""
    known = ", ".join(document.source for document in documents)
    return notice(
        f"I have no document {name!r}. I have: {known}." if known else f"I have no document {name!r}."
    )


def _fitting(told: Sequence[str]) -> Iterator[str]:
    room = _ROOM
    for text in told[:_MOST]:
        room -= len(text)
        if room < 0:
            return
        yield text


def _date(title: str, what: str, number: str) -> str:
    return f"*{title}* {brief(what, 2 * _NAME)}  [§ {brief(number, _NAME)}]"


def _paragraph(change: ParagraphChange) -> str:
    place = f"{place_words(change.section)} {change.section.heading}".strip()
    return f"*{brief(place, _NAME)}*  ({brief(paragraph_words(change), _NAME)})\n{_wording(change)}"


def _wording(change: ParagraphChange) -> str:
    parts, room = [], _PARAGRAPH
    for op, text in shown_pieces(change):
        if room < _NAME:
            parts.append("…")
            break
        parts.append(brief(text, room) if op == "same" else _marked(text, op, room))
        room -= len(parts[-1])
        # Side by side, two marks would be none.
        if op == "removed" or text != text.rstrip():
            parts.append(" ")
    return "".join(parts).strip()


def _marked(words: str, op: str, room: int) -> str:
    # A mark holds on one line only, and not where a space stands inside it; `brief` sees to both.
    sign = "*" if op == "added" else "~"
    said = brief(words, room)
    return f"{sign}{said}{sign}" if said else ""
