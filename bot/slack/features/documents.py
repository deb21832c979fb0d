"""The words that list the documents, and that show what changed in one of them."""

from __future__ import annotations

from bot.errors import UnknownDocument
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.ui.documents import changes_message, documents_message, unknown_document_message
from bot.slack.core.ui.elements import Message
from bot.slack.core.words import ParsedCommand, Word


class Documents(Feature):
    """Lists the documents, and shows the changes between the last two versions of one."""

    words = (
        Word(
            "changes",
            "report",
            "what changed in a report since its version before; `changes NAME` for one of them",
            "document",
        ),
        Word("documents", "report", "the documents that I answer from"),
    )

    def report(self, data: ChannelData, request: ParsedCommand, _command: str) -> Message:
        """Return the list, or the changes of the document that the command names, of the newest one without a name."""
        if request.name == "documents":
            return documents_message(data.documents())
        try:
            return changes_message(data.changes(request.text or None))
        except UnknownDocument:
            return unknown_document_message(request.text, data.documents())
