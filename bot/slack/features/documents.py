"""The windows with the documents, and with what changed in one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.errors import UnknownDocument
from bot.locales import _, and_more, ngettext
from bot.register.versions import grouped
from bot.slack.core.errors import NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.documents import DOCUMENT_CHANGES, changes_message, document_blocks, newest_first
from bot.slack.core.ui.elements import Block, button, context, plain_message
from bot.slack.core.ui.forms import modal
from bot.slack.core.ui.messages import no_documents
from store.records import Document

DOCUMENTS = "documents"

# A window has 100 blocks.
_MOST_DOCUMENTS = 90


def documents_view(documents: Sequence[Document], channel: str) -> Block:
    """Return the window with the documents, the newest first; those that do not fit are counted."""
    groups = grouped(newest_first(documents))
    blocks = document_blocks(groups[:_MOST_DOCUMENTS]) or list(no_documents().blocks)
    blocks += map(context, and_more(len(groups) - _MOST_DOCUMENTS))
    count = ngettext("{count} document", "{count} documents", len(groups))
    return modal("documents", count, blocks, known={"channel": channel})


class Documents(Feature):
    """Lists the documents of a conversation, and shows the changes between the last two versions of one."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons that open the windows."""
        routes.press(DOCUMENTS, self.open)
        routes.press(DOCUMENT_CHANGES, self.show_changes)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that opens the list."""
        return [button(_("Documents"), DOCUMENTS, DOCUMENTS)]

    async def open(self, press: Press) -> None:
        """Open the window with the documents of the conversation. Raises NotDone."""
        await self._services.open_window(press, self._list(press))

    async def _list(self, press: Press) -> Block:
        data = self._services.channel_data(press.audience)
        return documents_view(await asyncio.to_thread(data.documents), press.channel)

    async def show_changes(self, press: Press) -> None:
        """Open the window with what changed in the document that the button names. Raises NotDone."""
        await self._services.open_window(press, self._changes(press))

    async def _changes(self, press: Press) -> Block:
        data = self._services.channel_data(press.audience)
        try:
            changes = await asyncio.to_thread(data.changes, press.value)
        except UnknownDocument as error:
            gone = _("This document is not in the library any more, or not for this channel.")
            raise NotDone(plain_message(gone)) from error
        return modal("changes", _("What changed"), changes_message(changes).blocks)
