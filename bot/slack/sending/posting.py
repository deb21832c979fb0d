"""Posting a reply exactly once, and bringing one to its end that was begun.

Slack has no key that makes a repeated post harmless, and a post whose response was lost may have
arrived. So every reply carries its question's name as metadata, and after a doubtful failure Slack is
asked whether the reply is there before it is sent again. A reply that is told piece by piece bears that
name only once it is whole: what was posted of it before has another, and what Slack's own streaming
methods make has none until the stream is stopped.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import markdown
from bot.slack.blocks.messages import Message
from bot.slack.sending.clients import FAILURES, by_rate, own_trouble, reason
from store.jobs import RetryLater, SlackMessage

EVENT_TYPE = "itubot_reply"
# The part of a question's name that a reply bears which is not whole yet.
BEGUN = "/begun"
# Characters that a stream takes in one call.
STREAM_TEXT = 12_000

_PAGE = 200
# Slack's words for a message that cannot be updated, now or later.
_FIXED = {"message_not_found", "cant_update_message", "edit_window_closed"}
# Slack's word for a message that is still streamed into: only a stopped one can be updated.
_STREAMING = "streaming_state_conflict"
# Slack's word for a stream that is stopped.
_OVER = "message_not_in_streaming_state"


class Refused(Exception):
    """Slack will not take this message, now or later; `word` is Slack's reason."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Undelivered(RetryLater):
    """Slack could not be made to take the message within the tries; it may take it later."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A reply as it stands in Slack; `channel` is where, also of one that went to a person."""

    ts: str
    text: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A reply that is not whole yet. `streaming`: it may be a stream that is not stopped.

    `said` is what Slack has certainly been given of the answer's text by that stream, None where that is not certain.
    """

    ts: str
    streaming: bool = True
    said: str | None = None


class Poster:
    """Posts replies. `client` repeats only calls that were refused by rate, `reader` any call.

    `tries` bounds the attempts for one reply; between them `pause` seconds, doubled each time up to 30.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        reader: AsyncWebClient,
        bot_user: str,
        *,
        tries: int = 8,
        pause: float = 1.0,
    ) -> None:
        self._client = client
        self._reader = reader
        self._bot_user = bot_user
        self._pauses = [0.0, *(min(pause * 2**n, 30.0) for n in range(tries - 1))]
        self._check: Callable[[], Awaitable[None]] | None = None
        self._resumed = False

    def guarded(self, check: Callable[[], Awaitable[None]], *, resumed: bool = False) -> Poster:
        """Return this poster with `check` before each attempt: nothing is sent where it raises.

        `resumed`: somebody may have posted the same before; what is there already is not posted again.
        """
        guarded = copy.copy(self)
        guarded._check = check
        guarded._resumed = resumed
        return guarded

    async def post(self, asked: SlackMessage, message: Message, part: str = "") -> Posted:
        """Post the reply to a question once; `part` names one of several. Raises Refused or Undelivered."""
        doubtful, own = self._resumed, False
        for pause in self._pauses:
            await asyncio.sleep(pause)
            if doubtful:
                try:
                    found = await self.find(asked, part)
                except FAILURES as error:
                    never = isinstance(error, SlackApiError) and not (by_rate(error) or own_trouble(error))
                    if own or not never:
                        continue  # Blind: posting again could double the reply.
                    # Where nobody may ever look, one message too many is better than none.
                    found = None
                if found is not None:
                    return found
                doubtful = False
            await self._checked()
            try:
                return await self._post(asked, message, part)
            except SlackApiError as error:
                if by_rate(error):
                    continue
                if not own_trouble(error):
                    raise Refused(reason(error)) from error
                doubtful = own = True
            except aiohttp.ClientConnectorError:
                continue  # No connection, so nothing was sent.
            except FAILURES:
                doubtful = own = True
        raise Undelivered(asked.key)

    async def find(self, asked: SlackMessage, part: str = "") -> Posted | None:
        """Return the reply to a question if it is in Slack already."""
        async for message in self._since(asked):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if (
                message.get("user") == self._bot_user
                and metadata.get("event_type") == EVENT_TYPE
                and payload.get("question") == asked.key + part
            ):
                return Posted(message["ts"], message.get("text") or "", asked.channel)
        return None

    async def find_begun(self, asked: SlackMessage, others: Container[str]) -> Begun | None:
        """Return the reply to a question that was begun; `others` are the replies to other questions there."""
        async for message in self._since(asked):
            if message.get("user") != self._bot_user or not message["ts"] > asked.ts:
                continue
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            named = payload.get("question") == asked.key + BEGUN
            # A stream has no name until it ends; streams are in threads only.
            stream = (
                asked.thread and not metadata and not message.get("files") and message["ts"] not in others
            )
            if named or stream:
                return Begun(message["ts"])
        return None

    async def complete(self, asked: SlackMessage, message: Message, begun: Begun, text: str = "") -> Posted:
        """Let a reply that was begun say this in the end. Raises Refused or Undelivered.

        `text` is the answer's, of which a stream has had the beginning. Where the reply cannot be updated, as where
        somebody has deleted it, the message is posted anew.
        """
        await self._checked()
        whole = begun.streaming and await self._stop(asked, begun, message, text)
        for pause in self._pauses:
            await asyncio.sleep(pause)
            await self._checked()
            try:
                await self._reader.chat_update(
                    channel=asked.channel,
                    ts=begun.ts,
                    text=message.text,
                    blocks=list(message.blocks),
                    metadata=_name(asked),
                )
            except SlackApiError as error:
                word = reason(error)
                if word == _STREAMING:
                    await self._stop(asked, begun)
                elif word in _FIXED:
                    if whole:
                        break
                    return await self.post(asked, message)
                elif not (by_rate(error) or own_trouble(error)):
                    raise Refused(word) from error
            except FAILURES:
                continue
            else:
                break
        else:
            raise Undelivered(asked.key)
        return Posted(begun.ts, message.text, asked.channel)

    async def _checked(self) -> None:
        if self._check is not None:
            await self._check()

    async def _stop(
        self, asked: SlackMessage, begun: Begun, message: Message | None = None, text: str = ""
    ) -> bool:
        """Stop a stream, if it is one still; return whether it certainly says all of the message now."""
        ending: dict[str, Any] = {}
        if message is not None and message.below is not None and begun.said and text.startswith(begun.said):
            rest = markdown.escape(text[len(begun.said) :])
            if len(rest) <= STREAM_TEXT:
                ending = {"blocks": list(message.below), "metadata": _name(asked)}
                ending |= {"markdown_text": rest} if rest else {}
        try:
            await self._reader.chat_stopStream(channel=asked.channel, ts=begun.ts, **ending)
        except SlackApiError as error:
            if ending and reason(error) != _OVER:
                await self._stop(asked, begun)  # Its ending may be at fault.
            return False
        except FAILURES:
            return False  # If it is not stopped, the update will say so.
        return bool(ending)

    async def _post(self, asked: SlackMessage, message: Message, part: str) -> Posted:
        response = await self._client.chat_postMessage(
            channel=asked.channel,
            thread_ts=asked.thread or None,
            text=message.text,
            blocks=list(message.blocks),
            metadata=_name(asked, part),
            unfurl_links=False,
            unfurl_media=False,
        )
        return Posted(str(response["ts"]), message.text, str(response.get("channel") or asked.channel))

    async def _since(self, asked: SlackMessage) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the messages of the question's place that are later than the question."""
        cursor: str | None = None
        while True:
            if asked.thread:
                page = await self._reader.conversations_replies(
                    channel=asked.channel,
                    ts=asked.thread,
                    oldest=asked.ts,
                    limit=_PAGE,
                    cursor=cursor,
                    include_all_metadata=True,
                )
            else:
                page = await self._reader.conversations_history(
                    channel=asked.channel,
                    oldest=asked.ts,
                    limit=_PAGE,
                    cursor=cursor,
                    include_all_metadata=True,
                )
            for message in page.get("messages") or []:
                yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return


def _name(asked: SlackMessage, part: str = "") -> dict[str, Any]:
    """Return the metadata by which the reply to a question is known again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"question": asked.key + part}}
