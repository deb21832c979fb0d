"""The word that lists the documents, and the window with what changed in one of them."""

from __future__ import annotations

import asyncio

from bot.errors import UnknownDocument
from bot.locales import N_, _, and_more, ngettext
from bot.register.versions import grouped
from bot.slack.core.errors import NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.documents import DOCUMENT_CHANGES, changes_message, document_blocks, newest_first
from bot.slack.core.ui.elements import Block, Message, context, header, plain_message
from bot.slack.core.ui.forms import modal
from bot.slack.core.ui.messages import no_documents
from bot.slack.core.words import CommandWord, ParsedCommand
from store.records import Document

# Each may have 400 characters, of a message's 13,000.
_MOST_DOCUMENTS = 30


def documents_message(documents: list[Document]) -> Message:
    """Return the documents, the newest first; those that do not fit are counted."""
    if not documents:
        return no_documents()
    groups = grouped(newest_first(documents))
    count = ngettext("{count} document", "{count} documents", len(groups))
    lines = document_blocks(groups[:_MOST_DOCUMENTS])
    return Message.of([header(count), *lines, *map(context, and_more(len(groups) - _MOST_DOCUMENTS))])


def document_gone() -> Message:
    """Return the message that a document is not in the library any more."""
    return plain_message(_("This document is not in my library any more, or it is not for this channel."))


class Documents(Feature):
    """Lists the documents, and shows the changes between the last two versions of one."""

    words = (
        CommandWord("documents", "report", N_("the documents that I answer from, and what changed in them")),
    )

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services

    def add_routes(self, routes: Routes) -> None:
        """Route the button that shows what changed."""
        routes.press(DOCUMENT_CHANGES, self.show_changes)

    def report(self, data: ChannelData, _request: ParsedCommand, _command: str) -> Message:
        """Return the list."""
        return documents_message(data.documents())

    async def show_changes(self, press: Press) -> None:
        """Open the window with what changed in the document that the button names. Raises NotDone."""
        await self._services.open_window(press.trigger, self._changes(press))

    async def _changes(self, press: Press) -> Block:
        data = self._services.channel_data(press.audience)
        try:
            changes = await asyncio.to_thread(data.changes, press.value)
        except UnknownDocument as error:
            raise NotDone(document_gone()) from error
        return modal("changes", _("What changed"), changes_message(changes).blocks)
