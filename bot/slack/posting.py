"""Posting a reply exactly once.

Slack has no key that makes a repeated post harmless, and a post whose response was lost may have
arrived. So every reply carries its question's name as metadata, and after a doubtful failure Slack is
asked whether the reply is there before it is sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Message
from bot.slack.clients import FAILURES, by_rate, own_trouble, reason
from store.state import Asked

EVENT_TYPE = "itubot_reply"

_PAGE = 200


class Refused(Exception):
    """Slack will not take this message, now or later; `word` is Slack's reason."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Undelivered(Exception):
    """Slack could not be made to take the message within the tries; it may take it later."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A reply as it stands in Slack; `channel` is where, also of one that went to a person."""

    ts: str
    text: str
    channel: str = ""


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

    async def post(self, asked: Asked, message: Message, part: str = "") -> Posted:
        """Post the reply to a question once; `part` names one of several. Raises Refused or Undelivered."""
        doubtful = False
        for pause in self._pauses:
            await asyncio.sleep(pause)
            if doubtful:
                try:
                    found = await self.find(asked, part)
                except FAILURES:
                    continue  # Blind: posting again could double the reply.
                if found is not None:
                    return found
                doubtful = False
            try:
                return await self._post(asked, message, part)
            except SlackApiError as error:
                if by_rate(error):
                    continue
                if not own_trouble(error):
                    raise Refused(reason(error)) from error
                doubtful = True
            except aiohttp.ClientConnectorError:
                continue  # No connection, so nothing was sent.
            except FAILURES:
                doubtful = True
        raise Undelivered(asked.key)

    async def find(self, asked: Asked, part: str = "") -> Posted | None:
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

    async def _post(self, asked: Asked, message: Message, part: str) -> Posted:
        response = await self._client.chat_postMessage(
            channel=asked.channel,
            thread_ts=asked.thread or None,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": EVENT_TYPE, "event_payload": {"question": asked.key + part}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return Posted(str(response["ts"]), message.text, str(response.get("channel") or asked.channel))

    async def _since(self, asked: Asked) -> AsyncIterator[Mapping[str, Any]]:
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
