"""One message that tells how something goes: posted once, then updated, not more often than Slack likes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.messages import Message
from bot.slack.sending.clients import FAILURES, by_rate, own_trouble, reason
from bot.slack.sending.posting import Poster, Refused, Undelivered
from store.jobs import MessageRef, SlackMessage

# Slack's words for a message that cannot be updated, now or later.
_FIXED = {"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"}
# Slack's words for a place where the bot may not write.
_OUTSIDE = ("not_in_channel", "channel_not_found", "is_archived", "restricted_action")

# Seconds that a last word may take where the process has to end.
_FAREWELL = 3.0


class Status:
    """The message about `asked`, in its thread; `part` tells it from other replies to the same message.

    `quick` repeats nothing, as the next update says it anyway; `patient` repeats the last one until it is there.
    `pace` is the seconds between updates.
    """

    def __init__(
        self,
        poster: Poster,
        quick: AsyncWebClient,
        patient: AsyncWebClient,
        asked: SlackMessage,
        part: str,
        *,
        pace: float = 3.0,
    ) -> None:
        self._poster = poster
        self._quick = quick
        self._patient = patient
        self._asked = replace(asked, thread=asked.thread or asked.ts)
        self._part = part
        self._pace = pace
        self._posted_message: MessageRef | None = None
        self._wanted: Message | None = None
        self._pumping: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def open(self, message: Message, posted: MessageRef | None = None) -> MessageRef:
        """Post the message, or take up the one that stands already; where the bot may not write, to the user.

        Raises Refused, Undelivered.
        """
        if posted is not None:
            self._posted_message = posted
            self.show(message)
        else:
            self._posted_message = await self.say(message, self._part)
        return self._posted_message

    def show(self, message: Message) -> None:
        """Let the message say this next; what is overtaken before it is sent is left out."""
        self._wanted = message
        if self._pumping is None and self._posted_message is not None and not self._closing.is_set():
            self._pumping = asyncio.create_task(self._pump())

    async def close(self, message: Message) -> None:
        """Let the message say this in the end. Raises Refused, Undelivered."""
        await self._stop()
        if self._posted_message is None:
            await self.say(message, self._part)
            return
        try:
            await self._update(self._patient, self._posted_message, message)
        except SlackApiError as error:
            if by_rate(error) or own_trouble(error):
                raise Undelivered(self._asked.key) from error
            if reason(error) not in _FIXED:
                raise Refused(reason(error)) from error
            await self.say(message, f"{self._part}/end")
        except FAILURES as error:
            raise Undelivered(self._asked.key) from error

    async def leave(self, message: Message) -> None:
        """Let the message say this if Slack takes it at once: whoever leaves does not wait for it."""
        with suppress(*FAILURES):
            async with asyncio.timeout(_FAREWELL):
                await self._stop()
                if self._posted_message is not None:
                    await self._update(self._quick, self._posted_message, message)

    async def say(self, message: Message, part: str) -> MessageRef:
        """Post another message beside this one, once for each `part`. Raises Refused, Undelivered."""
        try:
            posted = await self._poster.post(self._asked, message, part)
        except Refused as refused:
            if refused.word not in _OUTSIDE:
                raise
            posted = await self._poster.post(
                replace(self._asked, channel=self._asked.user, thread=""), message, part
            )
        return MessageRef(posted.channel, posted.ts)

    async def _pump(self) -> None:
        while self._wanted is not None and self._posted_message is not None:
            message, self._wanted = self._wanted, None
            with suppress(*FAILURES):  # The next one says more.
                await self._update(self._quick, self._posted_message, message)
            try:
                await asyncio.wait_for(self._closing.wait(), self._pace)
                break
            except TimeoutError:
                continue
        self._pumping = None

    async def _stop(self) -> None:
        self._closing.set()
        if self._pumping is not None:
            # An update under way must not arrive after the last one.
            await asyncio.wait({self._pumping})

    @staticmethod
    async def _update(client: AsyncWebClient, posted: MessageRef, message: Message) -> None:
        await client.chat_update(
            channel=posted.channel, ts=posted.ts, text=message.text, blocks=list(message.blocks)
        )
