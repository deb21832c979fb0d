"""Shows the sources of an answer in a modal, and sends the file of a document to those who ask for it.

Slack takes a modal within three seconds of the press, so nothing here waits for long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.slack.access.channel_data import ChannelData
from bot.slack.access.people import is_public
from bot.slack.background import BackgroundTasks
from bot.slack.blocks.elements import Message, notice
from bot.slack.blocks.error_text import store_error_text
from bot.slack.blocks.mrkdwn import escape
from bot.slack.blocks.register import File
from bot.slack.blocks.sources import SourcePlace, read_button, read_view, source_notice, source_view
from bot.slack.handlers.endings import explanation
from bot.slack.handlers.presses import Press
from bot.slack.options import UploadOptions
from bot.slack.sending.clients import FAILURES, SlackClients, direct_channel, error_code
from bot.slack.sending.posting import send_file
from bot.slack.sending.private_replies import reply_privately
from bot.sources import SourcePage
from store.audiences import Audience, of_channel
from store.errors import StoreError
from store.files import FileStorage, StoredFile, local_copies
from store.jobs import QuestionStore
from store.records import EVERYBODY, Citation, Document

_LOG = logging.getLogger(__name__)

# Seconds that the modal waits for the address of a message.
_LINK_SECONDS = 1.0
# Members of a channel that one call returns: the most that Slack takes.
_PAGE = 999
_FORGOTTEN = notice(
    "This answer is too old: I keep what an answer cites for 30 days. Please ask the question again."
)
_NO_SOURCES = notice("Nothing is stored on the sources of this answer. Please ask the question again.")
_TOO_LATE = notice("Slack did not open the source in time. Please press the button again.")


class SourceHandler:
    """Handles the buttons of sources; public methods return at once.

    `channel_data` returns what a channel may see, and may block. Without `uploads` there are no files to send.
    """

    def __init__(
        self,
        channel_data: Callable[[Audience], ChannelData],
        question_store: QuestionStore,
        uploads: UploadOptions | None,
        clients: SlackClients,
        tasks: BackgroundTasks,
    ) -> None:
        self._channel_data = channel_data
        self._question_store = question_store
        self._uploads = uploads
        self._clients = clients
        self._tasks = tasks

    def open(self, press: Press) -> None:
        """Start opening the modal of a source."""
        self._start(press, self._open(press))

    def choose(self, press: Press) -> None:
        """Start showing another source of the answer in the modal."""
        self._start(press, self._turn(press, marker=int(press.value)))

    def turn(self, press: Press) -> None:
        """Start showing another paragraph of the document in the modal."""
        self._start(press, self._turn(press, section_id=press.value))

    def send_file(self, press: Press) -> None:
        """Start sending the original file of the shown source to the user alone."""
        self._start(press, self._send_file(press))

    def _start(self, press: Press, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(self._handle(press, work))

    async def _handle(self, press: Press, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except FAILURES as error:
            _LOG.warning("a source could not be shown: %s", error_code(error))
            await self._tell(press, _TOO_LATE)
        except Exception as error:
            await self._tell(press, explanation(error, "the press %s", press.trigger))

    async def _tell(self, press: Press, message: Message) -> None:
        """Tell what did not work; after a press in the modal, in place of the source."""
        if not press.view:
            return await reply_privately(self._clients, press.recipient, message)
        with suppress(*FAILURES):
            view_id, view = press.view["id"], source_notice(message)
            await self._clients.unretried.views_update(view_id=view_id, view=view)

    async def _open(self, press: Press) -> None:
        view = await self._view(read_button(press.value, press.channel))
        await self._clients.unretried.views_open(trigger_id=press.trigger, view=view)

    async def _turn(self, press: Press, marker: int = 0, section_id: str = "") -> None:
        place = await self._place(press)
        await self._update(press, replace(place, marker=marker or place.marker), section_id)

    async def _place(self, press: Press) -> SourcePlace:
        """Return the source that the modal shows, without its channel if that is private and the person has left it."""
        place = read_view(press.view)
        client = self._clients.retrying
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
        await self._clients.unretried.views_update(view_id=press.view["id"], view=view)

    async def _view(self, place: SourcePlace, section_id: str = "", note: str = "") -> dict[str, Any]:
        cited, page = await asyncio.to_thread(self._read, place, section_id)
        if not cited:
            return source_notice(_FORGOTTEN if cited is None else _NO_SOURCES)
        document = page.shown if page else None
        link = await self._link(document, place.channel) if document else ""
        has_file = self._uploads is not None and document is not None and document.original is not None
        return source_view(place, cited, page, link=link, has_file=has_file, note=note)

    def _read(
        self, place: SourcePlace, section_id: str = ""
    ) -> tuple[tuple[Citation, ...] | None, SourcePage | None]:
        """Return the citations of an answer, None if it is forgotten, and the paragraph that is to be shown.

        What is shown is for the channel of the answer; a button that is pressed elsewhere shows what is for everybody.
        """
        question = self._question_store.answered(place.key)
        if question is None:
            return None, None
        citations = question.record.citations if question.record else ()
        citation = next((one for one in citations if one.marker == place.marker), None)
        if citation is None:
            return (), None
        asked = question.message
        audience = of_channel(asked.team, asked.channel) if place.channel == asked.channel else EVERYBODY
        return citations, self._channel_data(audience).source(citation, section_id)

    async def _link(self, document: Document, channel: str) -> str:
        """Return the address of the message with the document's file, "" where there is none for this channel."""
        if self._uploads is None or document.original is None:
            return ""
        try:
            async with asyncio.timeout(_LINK_SECONDS):
                sent = await asyncio.to_thread(self._uploads.submissions.message_with, document.original)
                client = self._clients.unretried
                if sent is None or not (sent.channel == channel or await is_public(client, sent.channel)):
                    return ""
                response = await client.chat_getPermalink(channel=sent.channel, message_ts=sent.ts)
                return str(response.get("permalink") or "")
        except (StoreError, *FAILURES) as error:
            _LOG.info("there is no link to the file of %s: %s", document.source, error_code(error))
            return ""

    async def _send_file(self, press: Press) -> None:
        place = await self._place(press)
        _, page = await asyncio.to_thread(self._read, place)
        document = page.shown if page else None
        uploads = self._uploads
        if uploads is None or document is None or document.original is None:
            return await self._update(press, place, note="I have no file of this document.")
        name = document.source.partition("/")[0]
        try:
            data = await asyncio.to_thread(_read_file, uploads.storage, name, document.original)
            title = document.title or name
            channel = await direct_channel(self._clients.retrying, press.user)
            await send_file(self._clients.posting, channel, File(name, title, escape(title), data))
        except StoreError as error:
            _LOG.warning("the file of %s was not sent: %s", document.source, error)
            note = f"The file was not sent: {store_error_text(error)}."
        except FAILURES as error:
            _LOG.warning("the file of %s was not sent: %s", document.source, error_code(error))
            note = "Slack did not take the file just now. Please try again in a minute."
        else:
            note = "The file is in your direct messages with me."
        await self._update(press, place, note=note)


def _read_file(storage: FileStorage, name: str, digest: str) -> bytes:
    with local_copies(storage, [StoredFile(name, digest, 0.0)]) as copies:
        [copy] = copies
        return copy.read_bytes()
