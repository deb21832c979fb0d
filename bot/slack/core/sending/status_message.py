"""One message that shows the progress of a job: posted once, then updated at a pace that Slack allows."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Self

from bot.slack.core.sending.clients import (
    FAILURES,
    SlackClients,
    error_code,
    is_about_place,
    is_transient,
    retry_after,
)
from bot.slack.core.sending.posting import (
    NOT_UPDATED,
    Poster,
    Refused,
    Undelivered,
    update_message,
)
from bot.slack.core.ui.elements import Message
from store.jobs import MessageRef, SlackMessage

_LOG = logging.getLogger(__name__)

# Seconds for the last update of a process that is shutting down.
_LAST_UPDATE_SECONDS = 3.0


class StatusMessage:
    """The status message in the thread of `original`, if it names one; `key_suffix` is the suffix of its key.

    Only the final update is repeated, as the next one replaces any other; `update_every` seconds lie between them.
    After `notify_after` seconds the end is a new message, as Slack tells nobody of an update. Nothing is updated any
    more once the context ends: after a failure, the next try of the job shows its own progress.
    """

    def __init__(
        self,
        poster: Poster,
        clients: SlackClients,
        original: SlackMessage,
        key_suffix: str,
        update_every: float,
        notify_after: float,
    ) -> None:
        self._poster = poster
        self._clients = clients
        self._original = original
        self._key_suffix = key_suffix
        self._update_every = update_every
        self._notify_from = asyncio.get_running_loop().time() + notify_after
        self._posted: MessageRef | None = None
        self._next: Message | None = None
        self._updating: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._updating is not None:
            self._updating.cancel()

    async def open(self, message: Message, posted: MessageRef | None = None) -> MessageRef:
        """Post the message, or update the one that a former process posted. Raises Refused, Undelivered."""
        if posted is not None:
            self._posted = posted
            self.update(message)
        else:
            self._posted = await self.post(message, self._key_suffix)
        return self._posted

    def update(self, message: Message) -> None:
        """Show this next; of several messages within that time, the last."""
        self._next = message
        if self._updating is None and self._posted is not None and not self._closing.is_set():
            self._updating = asyncio.create_task(self._keep_updating())

    async def close(self, message: Message) -> MessageRef:
        """Show this in the end; return its message. Raises Refused, Undelivered."""
        await self._stop()
        if self._posted is None:
            return await self.post(message, self._key_suffix)
        # A former process may have posted the end.
        if self._poster.resumed or asyncio.get_running_loop().time() >= self._notify_from:
            end = await self.post(message, f"{self._key_suffix}/end")
            await self._delete(self._posted)
            return end
        try:
            await update_message(self._clients.retrying, self._posted, message)
        except FAILURES as error:
            if is_transient(error):
                raise Undelivered from error
            if error_code(error) not in NOT_UPDATED:
                raise Refused(error_code(error)) from error
            return await self.post(message, f"{self._key_suffix}/end")
        return self._posted

    async def leave(self, message: Message) -> None:
        """Show this if Slack takes it at once: a process that is shutting down does not wait for it."""
        with suppress(*FAILURES):
            async with asyncio.timeout(_LAST_UPDATE_SECONDS):
                await self._stop()
                if self._posted is not None:
                    await update_message(self._clients.unretried, self._posted, message)

    async def post(self, message: Message, key_suffix: str) -> MessageRef:
        """Post a message once for each `key_suffix`; to the user where the bot may not write in the channel.

        Raises Refused, Undelivered.
        """
        try:
            return await self._poster.post(self._original, message, key_suffix)
        except Refused as refused:
            if not is_about_place(refused.code):
                raise
            direct = await self._poster.open_direct(self._original.user)
            to_user = replace(self._original, channel=direct, thread="")
            return await self._poster.post(to_user, message, key_suffix)

    async def _delete(self, posted: MessageRef) -> None:
        try:
            await self._clients.retrying.chat_delete(channel=posted.channel, ts=posted.ts)
        except FAILURES as error:
            _LOG.info("the status of work that has ended stays: %s", error_code(error))

    async def _keep_updating(self) -> None:
        while self._next is not None and self._posted is not None:
            message, self._next, pause = self._next, None, self._update_every
            try:
                await update_message(self._clients.unretried, self._posted, message)
            except FAILURES as error:
                # The next update replaces it.
                pause = max(pause, retry_after(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause)
                break
        self._updating = None

    async def _stop(self) -> None:
        self._closing.set()
        if self._updating is not None:
            # An update under way must not arrive after the last one.
            await asyncio.wait({self._updating})
