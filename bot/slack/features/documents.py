"""The words that list the documents, and that show what changed in one of them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import UnknownDocument
from bot.locales import N_, _, and_more, commas, ngettext
from bot.register.versions import grouped
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.ui.documents import changes_message, document_line, newest_first
from bot.slack.core.ui.elements import Message, context, fitting, header, pack_lines, plain_message, section
from bot.slack.core.ui.messages import no_documents
from bot.slack.core.words import CommandWord, ParsedCommand
from store.records import Document

# All documents in a message's 13,000 characters.
_MESSAGE_CHARS = 10_000


def documents_message(documents: Sequence[Document]) -> Message:
    """Return the documents, the newest first; those that do not fit are counted."""
    if not documents:
        return no_documents()
    groups = grouped(newest_first(documents))
    lines = fitting(map(document_line, groups), _MESSAGE_CHARS, len)
    count = ngettext("{count} document", "{count} documents", len(groups))
    blocks = [header(count), *map(section, pack_lines(lines))]
    return Message.of([*blocks, *map(context, and_more(len(groups) - len(lines)))])


def unknown_document_message(name: str, documents: Sequence[Document]) -> Message:
    """Return the message for an unknown document, which lists the known ones."""
    known = commas(document.source for document in documents)
    return plain_message(
        _("I have no document {name}. I have: {known}.", name=repr(name), known=known)
        if known
        else _("I have no document {name}.", name=repr(name))
    )


class Documents(Feature):
    """Lists the documents, and shows the changes between the last two versions of one."""

    words = (
        CommandWord(
            "changes",
            "report",
            N_("what changed in a report since its version before; `changes NAME` for one of them"),
            "document",
        ),
        CommandWord("documents", "report", N_("the documents that I answer from")),
    )

    def report(self, data: ChannelData, request: ParsedCommand, _command: str) -> Message:
        """Return the list, or the changes of the document that the command names, of the newest one without a name."""
        if request.name == "documents":
            return documents_message(data.documents())
        try:
            return changes_message(data.changes(request.text or None))
        except UnknownDocument:
            return unknown_document_message(request.text, data.documents())
