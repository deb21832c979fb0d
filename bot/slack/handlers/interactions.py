"""What people do with entries of the register: each choice, press or submitted form is handled once.

Slack is acknowledged at once, or after what is stored; replies go to the user alone, in the same conversation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from bot.register import RegisterEntry
from bot.slack.access.channel_data import ChannelData
from bot.slack.background import BackgroundTasks
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message, notice
from bot.slack.handlers.endings import explanation
from bot.slack.handlers.presses import Press
from bot.slack.sending.clients import FAILURES, SlackClients, direct_channel, error_code
from bot.slack.sending.private_replies import reply_privately
from store.audiences import Audience, of_channel
from store.jobs import QuestionStore

_LOG = logging.getLogger(__name__)

GONE = notice("This entry is not in the register any more. Ask for the deadlines again.")
# The rule of docs/slack.md: a document of one conversation is used in that conversation only.
KEPT = notice(
    "This date is from a document that only the people in this conversation may see, so it does not go into a direct "
    "message."
)
NOT_NOW = notice("Slack did not take it just now. Please try again in a minute.")


async def open_direct(client: AsyncWebClient, user: str) -> str | Message:
    """Return the id of the direct messages with a user, else what to tell them."""
    try:
        return await direct_channel(client, user)
    except FAILURES as error:
        _LOG.warning("no direct message with %s: %s", user, error_code(error))
        return blocks.NO_DIRECT_MESSAGES if error_code(error) == "missing_scope" else NOT_NOW


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry, None if it is gone, with the register that it is in and today's date."""

    entry: RegisterEntry | None
    register: Sequence[RegisterEntry]
    today: date


class Interactions:
    """Handles presses, and finds the entries that they are about.

    `channel_data` returns what a channel may see, and may block.
    """

    def __init__(
        self,
        channel_data: Callable[[Audience], ChannelData],
        question_store: QuestionStore,
        clients: SlackClients,
        tasks: BackgroundTasks,
    ) -> None:
        self._channel_data = channel_data
        self._question_store = question_store
        self._clients = clients
        self._tasks = tasks

    def start(self, press: Press, work: Callable[[], Awaitable[Message | None]]) -> None:
        """Start the work on a press; its message, if any, is the reply. Returns at once."""

        async def handle() -> None:
            if message := await self._message(press, partial(self._once, press, work)):
                await reply_privately(self._clients, press.recipient, message)

        self._tasks.start(handle())

    async def store(self, press: Press, work: Callable[[], Awaitable[Message | None]]) -> None:
        """Do what a press is for, which may be done twice, then start the reply: Slack is acknowledged after it."""
        if message := await self._message(press, work):
            self.reply(press, message)

    def reply(self, press: Press, message: Message) -> None:
        """Start a reply to whoever pressed, where they did."""
        self._tasks.start(reply_privately(self._clients, press.recipient, message))

    async def find(self, audience: Audience, entry_id: str) -> FoundEntry:
        """Return an entry, if `audience` may see it."""

        def read() -> FoundEntry:
            data = self._channel_data(audience)
            today = data.today()
            register = data.register(today)
            entries = (entry for entry in register if any(one.startswith(entry_id) for one in entry.ids))
            return FoundEntry(next(entries, None), register, today)

        return await asyncio.to_thread(read)

    async def find_for_direct_message(
        self, press: Press, entry_id: str
    ) -> tuple[str, FoundEntry, RegisterEntry] | Message:
        """Return the direct message with the user, and the entry that may be sent there; else the refusal."""
        channel = await open_direct(self._clients.retrying, press.user)
        if isinstance(channel, Message):
            return channel
        found = await self.find(of_channel(press.team, channel), entry_id)
        if found.entry is None:
            return KEPT if (await self.find(press.audience, entry_id)).entry else GONE
        return channel, found, found.entry

    async def _once(self, press: Press, work: Callable[[], Awaitable[Message | None]]) -> Message | None:
        """Do the work if the press is not known yet."""
        is_new = await asyncio.to_thread(self._question_store.claim_event, f"press/{press.trigger}")
        return await work() if is_new else None

    async def _message(self, press: Press, work: Callable[[], Awaitable[Message | None]]) -> Message | None:
        """Do the work, and return its message or that of its error."""
        try:
            return await work()
        except Exception as error:
            return explanation(error, "the press %s", press.trigger)
