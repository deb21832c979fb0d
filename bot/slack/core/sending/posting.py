"""Posting a reply exactly once.

Slack has no idempotency key, and a post whose response was lost may have arrived. So every reply carries its
question's key as metadata, and after a doubtful failure Slack is asked for the reply before it is sent again. A
message of Slack's streaming methods carries no metadata until the stream is stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO

import aiohttp
from slack_sdk.errors import SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.core.sending.clients import (
    FAILURES,
    direct_channel,
    error_code,
    is_about_content,
    is_transient,
    is_undone,
)
from bot.slack.core.ui.elements import File, Message
from store.jobs import Job, MessageRef, RetryLater, Runner, SlackMessage

_LOG = logging.getLogger(__name__)

EVENT_TYPE = "itubot_reply"

# A file is sent in pieces of so many bytes, and given up where one is not taken for so long.
_PIECE_BYTES = 1 << 18
_SILENCE_SECONDS = 60.0

# The clocks of Slack, of the database and of this machine may differ by so much.
_SKEW_SECONDS = 600.0
# Error codes for a message that cannot be updated, now or later.
NOT_UPDATED = {"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"}


class Refused(Exception):
    """Slack will not take this message, now or later; `code` is Slack's error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Undelivered(RetryLater):
    """Slack has not taken the message within the tries; it may take it later."""

    def __init__(self) -> None:
        super().__init__("Slack has not taken the message")


async def _no_check() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts replies. `client` repeats only rate-limited calls, `reader` any call.

    `tries` bounds the attempts for one reply, each with the client's own repeats; between them `pause` seconds, doubled
    each time up to 30. `check` is called before each attempt, and nothing is sent where it raises. `resumed`: another
    process may have posted the reply; if it is in Slack, it is not posted again.
    """

    client: AsyncWebClient
    reader: AsyncWebClient
    bot_user: str
    tries: int = 8
    pause: float = 1.0
    check: Callable[[], Awaitable[None]] = _no_check
    resumed: bool = False

    @property
    def _pauses(self) -> list[float]:
        return [0.0, *(min(self.pause * 2**n, 30.0) for n in range(self.tries - 1))]

    def for_job(self, job: Job[Any], runner: Runner) -> Poster:
        """Return a copy that posts for a job of `runner` while its lease is held, and sends nothing once it is lost."""
        # A later term: an earlier process may have posted the reply.
        return replace(self, check=partial(runner.check, job.lease), resumed=job.lease.term > 1)

    async def post(self, original: SlackMessage, message: Message, key_suffix: str = "") -> MessageRef:
        """Post the reply to a question once; `key_suffix` distinguishes several.

        Where Slack does not take its blocks, its text is posted. Raises Refused or Undelivered.
        """
        try:
            return await self._post(original, message, key_suffix)
        except Refused as refused:
            if not (message.blocks and is_about_content(refused.code)):
                raise
            _LOG.warning("a reply is posted without its blocks: %s", refused.code)
            return await self._post(original, message.without_blocks, key_suffix)

    async def _post(self, original: SlackMessage, message: Message, key_suffix: str) -> MessageRef:
        may_be_posted, response_lost = self.resumed, False
        for pause in self._pauses:
            await asyncio.sleep(pause)
            if may_be_posted:
                try:
                    found = await self.find(original, key_suffix)
                except FAILURES as error:
                    if response_lost or is_transient(error):
                        continue  # Posting again could double the reply.
                    # The bot may not read this channel, so post again at the risk of a duplicate.
                    found = None
                if found is not None:
                    return found
                may_be_posted = False
            await self.check()
            try:
                response = await self.client.chat_postMessage(
                    channel=original.channel,
                    thread_ts=original.thread or None,
                    text=message.text,
                    blocks=list(message.blocks),
                    metadata=metadata_of(original, key_suffix),
                    unfurl_links=False,
                    unfurl_media=False,
                )
            except FAILURES as error:
                if not is_undone(error):
                    may_be_posted = response_lost = True
                elif not is_transient(error):
                    raise Refused(error_code(error)) from error
                # Else it is tried again after the next pause.
            else:
                # For a message to a person, it is the direct message.
                channel = str(response.get("channel") or original.channel)
                return MessageRef(channel, str(response["ts"]))
        raise Undelivered

    async def open_direct(self, user: str) -> str:
        """Return the id of the direct messages with a user, in which a post can be found again.

        Slack posts to a user's id too, but returns no history for it. Raises Refused or Undelivered.
        """
        try:
            return await direct_channel(self.reader, user)
        except FAILURES as error:
            if is_transient(error):
                raise Undelivered from error
            raise Refused(error_code(error)) from error

    async def find(self, original: SlackMessage, key_suffix: str = "") -> MessageRef | None:
        """Return the reply to a question if it is in Slack."""
        async for message in self._own_messages(original):
            if payload_of(message).get("question") == original.key + key_suffix:
                return MessageRef(original.channel, message["ts"])
        return None

    async def find_stream(self, original: SlackMessage, others: Container[str]) -> str | None:
        """Return the `ts` of the reply to a question that is not whole; `others` are those to others of its thread."""
        async for message in self._own_messages(original):
            # A stream has no metadata until it ends.
            is_stream = not message.get("metadata") and not message.get("files")
            if is_stream and message["ts"] > original.ts and message["ts"] not in others:
                return str(message["ts"])
        return None

    async def discard(self, original: SlackMessage, ts: str) -> None:
        """Delete a stream that does not become the whole reply. Raises Undelivered, LeaseLost."""
        await self.check()
        # It may be stopped already.
        with suppress(*FAILURES):
            await self.reader.chat_stopStream(channel=original.channel, ts=ts)
        try:
            await self.reader.chat_delete(channel=original.channel, ts=ts)
        except FAILURES as error:
            if is_transient(error):
                raise Undelivered from error
            _LOG.info("a reply that is not whole stays: %s", error_code(error))

    async def _own_messages(self, original: SlackMessage) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the bot's messages in the question's thread or channel since the question."""
        async for message in messages_since(self.reader, original.channel, original.ts, original.thread):
            if message.get("user") == self.bot_user:
                yield message


def unasked(team: str, channel: str, since: float) -> SlackMessage:
    """Return the stored stand-in question of an unasked message in a channel: a digest, an alert, a reminder.

    `since`: seconds since 1970; the message was certainly not posted before.
    """
    return SlackMessage(team, channel, f"{since - _SKEW_SECONDS:.6f}", "", "", "")


async def update_message(client: AsyncWebClient, where: MessageRef, message: Message) -> None:
    """Replace a message's content; where Slack does not take the blocks, by the text. Raises one of FAILURES."""
    update = partial(client.chat_update, channel=where.channel, ts=where.ts, text=message.text)
    try:
        await update(blocks=list(message.blocks))
    except FAILURES as error:
        if not (message.blocks and is_about_content(error_code(error))):
            raise
        _LOG.warning("a message is updated without its blocks: %s", error_code(error))
        await update(blocks=[])


async def send_file(client: AsyncWebClient, channel: str, file: File) -> str:
    """Upload a file to a channel, by its id; return its address, or the channel's where Slack gives none.

    Raises one of FAILURES. `files_upload_v2` of the library has these steps too, but reads a file whole.
    """
    content = BytesIO(file.data) if isinstance(file.data, bytes) else file.data
    size = await asyncio.to_thread(content.seek, 0, SEEK_END)
    begun = await client.files_getUploadURLExternal(filename=file.name, length=size, alt_txt=file.alt)
    await _upload(client, str(begun["upload_url"]), content, size)
    response = await client.files_completeUploadExternal(
        files=[{"id": str(begun["file_id"]), "title": file.title}],
        channel_id=channel,
        initial_comment=file.comment,
    )
    permalink = next((uploaded.get("permalink") for uploaded in response.get("files") or []), None)
    return str(permalink or f"https://slack.com/app_redirect?channel={channel}")


async def _upload(client: AsyncWebClient, url: str, content: BinaryIO, size: int) -> None:
    """Send a file piece by piece to the address that Slack gave for it. Raises one of FAILURES."""
    async with asyncio.timeout(_SILENCE_SECONDS) as limit:

        async def pieces() -> AsyncIterator[bytes]:
            await asyncio.to_thread(content.seek, 0)
            while piece := await asyncio.to_thread(content.read, _PIECE_BYTES):
                yield piece
                with suppress(RuntimeError):  # The timeout is over.
                    limit.reschedule(asyncio.get_running_loop().time() + _SILENCE_SECONDS)

        # With the length, the pieces are one body as of any other client, and no chunks.
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
            session.post(url, data=pieces(), headers=headers, proxy=client.proxy) as response,
        ):
            if response.status != 200:
                raise SlackRequestError(f"the file was refused with HTTP {response.status}")


async def messages_since(
    client: AsyncWebClient, channel: str, oldest: str, thread: str = ""
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield the messages of a channel, or of a thread in it, since `oldest`, with their metadata."""
    options = {"channel": channel, "oldest": oldest, "limit": 200, "include_all_metadata": True}
    method = "conversations.history"
    if thread:
        method, options["ts"] = "conversations.replies", thread
    async for page in await client.api_call(method, http_verb="GET", params=options):
        for message in page.get("messages") or []:
            yield message


def payload_of(message: Mapping[str, Any]) -> dict[str, str]:
    """Return the payload of a message's metadata, {} where it has none of EVENT_TYPE."""
    metadata = message.get("metadata") or {}
    return (metadata.get("event_payload") or {}) if metadata.get("event_type") == EVENT_TYPE else {}


def metadata_of(original: SlackMessage, key_suffix: str = "") -> dict[str, Any]:
    """Return the metadata by which the reply to a question is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"question": original.key + key_suffix}}
