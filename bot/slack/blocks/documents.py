"""The documents that a channel sees, with their versions and dates. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.plural import and_more, counted
from bot.register.date_format import day, document_date
from bot.slack.blocks.elements import Message, context, fitting, header, pack_lines, section
from bot.slack.blocks.messages import NO_DOCUMENTS
from bot.slack.blocks.mrkdwn import escape_short
from store.records import EVERYBODY, Document

# Characters of a title and of the facts below it, and of all documents in a message's 13,000.
_TITLE, _FACTS, _ROOM = 150, 250, 10_000


def documents_message(documents: Sequence[Document]) -> Message:
    """Return the documents, the newest first; those that do not fit are counted."""
    if not documents:
        return NO_DOCUMENTS
    lines = fitting(map(document_line, newest_first(documents)), _ROOM, len)
    blocks = [header(counted(len(documents), "document")), *map(section, pack_lines(lines))]
    return Message.of([*blocks, *map(context, and_more(len(documents) - len(lines)))])


def newest_first(documents: Sequence[Document]) -> list[Document]:
    """Return the documents by their own date, those without one last."""
    return sorted(documents, key=lambda each: (each.date or date.min, each.source), reverse=True)


def document_line(document: Document) -> str:
    """Return one document as mrkdwn: its title, symbol, date and version, its file, and who sees it."""
    added = f", added {day(document.ingested_at.date())}" if document.ingested_at else ""
    facts = [
        document.symbol or "",
        document_date(document),
        f"version {document.version}{added}",
        document.source,
    ]
    if document.audience != EVERYBODY:
        facts.append("for this conversation only")
    title = escape_short(document.title or document.source, _TITLE)
    return f"• *{title}*, {escape_short(', '.join(fact for fact in facts if fact), _FACTS)}"
