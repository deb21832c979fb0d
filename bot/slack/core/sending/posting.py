"""Posting a reply exactly once, and completing a partial one.

Slack has no idempotency key, and a post whose response was lost may have arrived. So every reply carries its
question's key as metadata, and after a doubtful failure Slack is asked for the reply before it is sent again. A
partial reply carries that key with a suffix until it is complete; a message of Slack's streaming methods carries no
metadata until the stream is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.locales import _
from bot.slack.core.sending.clients import (
    FAILURES,
    UpdateBudget,
    direct_channel,
    error_code,
    is_transient,
    is_undone,
)
from bot.slack.core.ui.elements import Block, File, Message, plain_message
from bot.slack.core.ui.messages import not_a_member
from bot.slack.core.ui.mrkdwn import escape_markdown, escape_short
from store.jobs import Job, MessageRef, RetryLater, Runner, SlackMessage

EVENT_TYPE = "itubot_reply"
# The suffix of a partial reply's key.
PARTIAL = "/begun"
# A streaming call takes so many.
STREAM_CHARS = 12_000

# A file is sent in pieces of so many bytes, and given up where one is not taken for so long.
_PIECE_BYTES = 1 << 18
_SILENCE_SECONDS = 60.0

# The clocks of Slack, of the database and of this machine may differ by so much.
_SKEW_SECONDS = 600.0
# Error codes for a channel that the bot is not in, or may not write to.
NO_ACCESS = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "invalid_channel"}
# Error codes for a message that cannot be updated, now or later.
NOT_UPDATED = {"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"}
# Error code for an update of a stream that is not stopped.
_STREAMING = "streaming_state_conflict"
# Error code for a stream that is stopped already.
_STOPPED = "message_not_in_streaming_state"
# An error code of Slack, as it is shown.
_CODE_CHARS = 60


class Refused(Exception):
    """Slack will not take this message, now or later; `code` is Slack's error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Undelivered(RetryLater):
    """Slack has not taken the message within the tries; it may take it later."""

    def __init__(self) -> None:
        super().__init__("Slack has not taken the message")


@dataclass(frozen=True, slots=True)
class PartialReply:
    """A reply that is not complete. `streaming`: it may be a stream that is not stopped.

    `received` is the text that the stream has certainly received, None in doubt. `cards` are the task cards of a stream
    that takes chunks, in their last form; None for one that takes plain text.
    """

    ts: str
    streaming: bool = True
    received: str | None = None
    cards: tuple[Block, ...] | None = None


async def _no_check() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts replies. `client` repeats only rate-limited calls, `reader` any call.

    `tries` bounds the attempts for one reply, each with the client's own repeats; between them `pause` seconds, doubled
    each time up to 30.
    """

    client: AsyncWebClient
    reader: AsyncWebClient
    bot_user: str
    tries: int = 8
    pause: float = 1.0
    updates: UpdateBudget = field(default_factory=UpdateBudget)
    """What the updates of all messages share."""
    check: Callable[[], Awaitable[None]] = _no_check
    resumed: bool = False

    @property
    def _pauses(self) -> list[float]:
        return [0.0, *(min(self.pause * 2**n, 30.0) for n in range(self.tries - 1))]

    def guarded(self, check: Callable[[], Awaitable[None]], *, resumed: bool = False) -> Poster:
        """Return a copy that calls `check` before each attempt, and sends nothing where it raises.

        `resumed`: another process may have posted the reply; if it is in Slack, it is not posted again.
        """
        return replace(self, check=check, resumed=resumed)

    def for_job(self, job: Job[Any], runner: Runner) -> Poster:
        """Return a copy that posts for a job of `runner` while its lease is held; see `guarded`."""
        # A later term: an earlier process may have posted the reply.
        return self.guarded(partial(runner.check, job.lease), resumed=job.lease.term > 1)

    async def post(self, original: SlackMessage, message: Message, key_suffix: str = "") -> MessageRef:
        """Post the reply to a question once; `key_suffix` distinguishes several. Raises Refused or Undelivered."""
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
                metadata = _metadata(original, key_suffix)
                response = await post_message(
                    self.client, original.channel, message, metadata, original.thread
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

    async def find_partial(self, original: SlackMessage, others: Container[str]) -> PartialReply | None:
        """Return the partial reply to a question; `others` are the replies to other questions of the thread."""
        async for message in self._own_messages(original):
            # A stream has no metadata until it ends; streams are in threads only.
            is_stream = (
                original.thread
                and not message.get("metadata")
                and not message.get("files")
                and message["ts"] not in others
            )
            is_named = payload_of(message).get("question") == original.key + PARTIAL
            if message["ts"] > original.ts and (is_stream or is_named):
                return PartialReply(message["ts"])
        return None

    async def complete(
        self, original: SlackMessage, message: Message, partial_reply: PartialReply, text: str = ""
    ) -> MessageRef:
        """Complete a partial reply with the whole message. Raises Refused or Undelivered.

        `text` is the answer's text, whose beginning a stream has received. A reply that cannot be updated, such as a
        deleted one, is posted again.
        """
        where = MessageRef(original.channel, partial_reply.ts)
        await self.check()
        whole = partial_reply.streaming and await self._stop(original, partial_reply, message, text)
        for pause in self._pauses:
            await asyncio.sleep(pause)
            await self.check()
            try:
                self.updates.count()
                await update_message(self.reader, where, message, metadata=_metadata(original))
            except FAILURES as error:
                code = error_code(error)
                if code == _STREAMING:
                    await self._stop(original, partial_reply)
                elif code in NOT_UPDATED:
                    return where if whole else await self.post(original, message)
                elif not is_transient(error):
                    raise Refused(code) from error
            else:
                return where
        raise Undelivered

    async def _stop(
        self,
        original: SlackMessage,
        partial_reply: PartialReply,
        message: Message | None = None,
        text: str = "",
    ) -> bool:
        """Stop a stream, if it is one; return True where it certainly has the whole message now."""
        ending: dict[str, Any] = {}
        if (
            message is not None
            and message.below is not None
            and partial_reply.received is not None
            and text.startswith(partial_reply.received)
        ):
            rest = escape_markdown(text[len(partial_reply.received) :])
            if len(rest) <= STREAM_CHARS:
                ending = _ending(rest, list(message.below), partial_reply.cards)
                ending["metadata"] = _metadata(original)
        try:
            await self.reader.chat_stopStream(channel=original.channel, ts=partial_reply.ts, **ending)
        except SlackApiError as error:
            if ending and error_code(error) != _STOPPED:
                await self._stop(original, partial_reply)  # Slack may object to the ending.
            return False
        except FAILURES:
            return False  # Ignored: if the stream is still open, the update after it reports it.
        return bool(ending)

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


async def post_message(
    client: AsyncWebClient, channel: str, message: Message, metadata: dict[str, Any], thread: str = ""
) -> AsyncSlackResponse:
    """Post a message with the metadata that identifies it."""
    return await client.chat_postMessage(
        channel=channel,
        thread_ts=thread or None,
        text=message.text,
        blocks=list(message.blocks),
        metadata=metadata,
        unfurl_links=False,
        unfurl_media=False,
    )


async def update_message(client: AsyncWebClient, where: MessageRef, message: Message, **options: Any) -> None:
    """Replace a message's content."""
    blocks = list(message.blocks)
    await client.chat_update(channel=where.channel, ts=where.ts, text=message.text, blocks=blocks, **options)


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


def _ending(text: str, blocks: list[Block], cards: Sequence[Block] | None) -> dict[str, Any]:
    """Return the arguments that end a stream: chunks for one that has cards, else text and blocks."""
    if cards is None:
        return {"blocks": blocks, **({"markdown_text": text} if text else {})}
    chunks = [*cards, *([{"type": "markdown_text", "text": text}] if text else [])]
    return {"chunks": [*chunks, {"type": "blocks", "blocks": blocks}]}


def _metadata(original: SlackMessage, key_suffix: str = "") -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"question": original.key + key_suffix}}


def refused_post(refused: Refused) -> Message:
    """Return what a person is told whose message Slack does not take in a channel."""
    if refused.code in NO_ACCESS:
        return not_a_member()
    code = escape_short(refused.code, _CODE_CHARS)
    return plain_message(_("Slack does not take this message ({code}). Please tell {contact}.", code=code))
