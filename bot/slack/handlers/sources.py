"""Shows the sources of an answer in a modal, and sends the file of a document to those who ask for it.

Slack takes a modal within three seconds of the press, so nothing here waits for long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.slack.access.people import is_public
from bot.slack.blocks.elements import File, Message, plain_message
from bot.slack.blocks.forms import known
from bot.slack.blocks.messages import store_error_text
from bot.slack.blocks.mrkdwn import escape
from bot.slack.blocks.sources import SourcePlace, read_button, source_message, source_view
from bot.slack.handlers.replies import NotDone, explanation
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.payloads import Press
from bot.slack.sending.clients import FAILURES, error_code
from bot.slack.sending.private_replies import reply_privately
from bot.sources import SourcePage
from store.audiences import of_channel
from store.errors import StoreError
from store.records import EVERYBODY, Citation, Document

_LOG = logging.getLogger(__name__)

# Seconds that the modal waits for the address of a message.
_LINK_SECONDS = 1.0
# Members of a channel that one call returns: the most that Slack takes.
_PAGE = 999
_FORGOTTEN = plain_message(
    "This answer is too old: I keep what an answer cites for 30 days. Please ask the question again."
)
_NO_SOURCES = plain_message("Nothing is stored on the sources of this answer. Please ask the question again.")
_TOO_LATE = plain_message("Slack did not open the source in time. Please press the button again.")


class SourceHandler:
    """Handles the buttons of sources."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._uploads = services.options.uploads

    def start(self, work: Callable[[Press], Awaitable[None]], press: Press) -> None:
        """Start the work on a press; returns at once."""

        async def handle() -> None:
            try:
                await work(press)
            except FAILURES as error:
                _LOG.warning("a source could not be shown: %s", error_code(error))
                await self._tell(press, _TOO_LATE)
            except Exception as error:
                await self._tell(press, explanation(error, "the press"))

        self._services.tasks.start(handle())

    async def open(self, press: Press) -> None:
        """Open the modal of a source."""
        view = await self._view(read_button(press.value, press.channel))
        await self._services.clients.unretried.views_open(trigger_id=press.trigger, view=view)

    async def choose(self, press: Press) -> None:
        """Show another source of the answer in the modal."""
        await self._update(press, replace(await self._place(press), marker=int(press.value)))

    async def turn(self, press: Press) -> None:
        """Show another paragraph of the document in the modal."""
        await self._update(press, await self._place(press), press.value)

    async def send_file(self, press: Press) -> None:
        """Send the original file of the shown source to the user alone."""
        place = await self._place(press)
        _, page = await asyncio.to_thread(self._read, place)
        document = page.shown if page else None
        if document is None or document.original is None:
            return await self._update(press, place, note="I have no file of this document.")
        try:
            note = await self._send(press.user, document, document.original)
        except NotDone as error:
            note = error.message.text
        except StoreError as error:
            _LOG.warning("the file of %s was not sent: %s", document.source, error)
            note = f"The file was not sent: {store_error_text(error)}."
        await self._update(press, place, note=note)

    async def _send(self, user: str, document: Document, digest: str) -> str:
        """Send a document's file to a user; return what they are told. Raises NotDone, StoreError."""
        name = document.source.partition("/")[0]
        title = document.title or name
        channel = await self._services.open_direct(user)
        async with self._uploads.sending:
            with await asyncio.to_thread(self._uploads.storage.open, digest) as content:
                await self._services.send_file(channel, File(name, title, escape(title), content))
        return "The file is in your direct messages with me."

    async def _tell(self, press: Press, message: Message) -> None:
        """Tell what did not work; after a press in the modal, in place of the source."""
        if not press.view:
            return await reply_privately(self._services.clients, press.recipient, message)
        with suppress(*FAILURES):
            view_id, view = press.view["id"], source_message(message)
            await self._services.clients.unretried.views_update(view_id=view_id, view=view)

    async def _place(self, press: Press) -> SourcePlace:
        """Return the source that the modal shows, without its channel if that is private and the person has left it."""
        place = SourcePlace(**known(press.view))
        client = self._services.clients.retrying
        if place.channel.startswith("D") or await is_public(client, place.channel):
            return place
        try:
            async for page in await client.conversations_members(channel=place.channel, limit=_PAGE):
                if press.user in (page.get("members") or []):
                    return place
        except FAILURES as error:
            _LOG.info("the members of %s are not known: %s", place.channel, error_code(error))
        return replace(place, channel="")

    async def _update(self, press: Press, place: SourcePlace, section_id: str = "", note: str = "") -> None:
        view = await self._view(place, section_id, note)
        # No hash: the last press counts.
        await self._services.clients.unretried.views_update(view_id=press.view["id"], view=view)

    async def _view(self, place: SourcePlace, section_id: str = "", note: str = "") -> dict[str, Any]:
        cited, page = await asyncio.to_thread(self._read, place, section_id)
        if not cited:
            return source_message(_FORGOTTEN if cited is None else _NO_SOURCES)
        document = page.shown if page else None
        link = await self._link(document, place.channel) if document else ""
        has_file = document is not None and document.original is not None
        return source_view(place, cited, page, link=link, has_file=has_file, note=note)

    def _read(
        self, place: SourcePlace, section_id: str = ""
    ) -> tuple[tuple[Citation, ...] | None, SourcePage | None]:
        """Return the citations of an answer, None if it is forgotten, and the paragraph that is to be shown.

        What is shown is for the channel of the answer; a button that is pressed elsewhere shows what is for everybody.
        """
        question = self._services.question_store.answered(place.key)
        if question is None:
            return None, None
        citations = question.record.citations if question.record else ()
        citation = next((one for one in citations if one.marker == place.marker), None)
        if citation is None:
            return (), None
        asked = question.message
        audience = of_channel(asked.team, asked.channel) if place.channel == asked.channel else EVERYBODY
        return citations, self._services.channel_data(audience).source(citation, section_id)

    async def _link(self, document: Document, channel: str) -> str:
        """Return the address of the message with the document's file, "" where there is none for this channel."""
        if document.original is None:
            return ""
        try:
            async with asyncio.timeout(_LINK_SECONDS):
                sent = await asyncio.to_thread(self._uploads.submissions.message_with, document.original)
                client = self._services.clients.unretried
                if sent is None or not (sent.channel == channel or await is_public(client, sent.channel)):
                    return ""
                response = await client.chat_getPermalink(channel=sent.channel, message_ts=sent.ts)
                return str(response.get("permalink") or "")
        except (StoreError, *FAILURES) as error:
            _LOG.info("there is no link to the file of %s: %s", document.source, error_code(error))
            return ""
