"""The services of one workspace that its handlers use, and how a press is handled, with a reply to the user alone.

Slack is acknowledged at once, or after what is stored; replies come in the same conversation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from bot.register import RegisterEntry
from bot.slack.access.admission import Admission
from bot.slack.access.budget import Budget
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.people import Names, TimeZones
from bot.slack.background import BackgroundTasks
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Block, File, Message, plain_message
from bot.slack.blocks.forms import NOT_OPENED
from bot.slack.handlers.replies import NotDone, explanation
from bot.slack.options import SlackOptions
from bot.slack.payloads import Press
from bot.slack.sending.clients import FAILURES, SlackClients, direct_channel, error_code, open_view
from bot.slack.sending.posting import Poster, send_file
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.audiences import Audience, of_channel
from store.jobs import QuestionStore

_LOG = logging.getLogger(__name__)

ENTRY_GONE = plain_message("This entry is not in the register any more. Ask for the deadlines again.")
# The rule of docs/slack.md: a document of one conversation is used in that conversation only.
KEPT_TO_CONVERSATION = plain_message(
    "This date is from a document that only the people in this conversation may see, so it does not go into a direct "
    "message."
)
NOT_NOW = plain_message("Slack did not take it just now. Please try again in a minute.")

# Does what a press is for, and returns the reply, if any.
Work = Callable[[Press], Awaitable[Message | None]]


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry with the register that it is in and today's date."""

    entry: RegisterEntry
    register: Sequence[RegisterEntry]
    today: date


@dataclass(frozen=True, slots=True)
class WorkspaceServices:
    """What all handlers of the bot in one workspace use.

    `channel_data` returns what a channel may see, and may block. `team` and `bot_user` are the ids of the workspace and
    of the bot.
    """

    options: SlackOptions
    channel_data: Callable[[Audience], ChannelData]
    question_store: QuestionStore
    clients: SlackClients
    poster: Poster
    admission: Admission
    budget: Budget
    names: Names
    zones: TimeZones
    team: str
    bot_user: str
    tasks: BackgroundTasks = field(default_factory=BackgroundTasks)

    async def is_new(self, event: str) -> bool:
        """Return True for what is done the first time, by its key. Raises StoreError."""
        return await asyncio.to_thread(self.question_store.claim_event, event)

    def start_work(self, work: Work, press: Press) -> None:
        """Start the work on a press, which is done once; its message, if any, is the reply. Returns at once."""

        async def handle() -> None:
            if message := await self._reply(partial(self._once, work), press):
                await reply_privately(self.clients, press.recipient, message)

        self.tasks.start(handle())

    async def complete_work(self, work: Work, press: Press) -> None:
        """Do what a press is for, which may be done twice, then start the reply."""
        if message := await self._reply(work, press):
            self.tell(press.recipient, message)

    def tell(self, to: Recipient, message: Message) -> None:
        """Start a reply that one person alone sees."""
        self.tasks.start(reply_privately(self.clients, to, message))

    async def find(self, audience: Audience, entry_id: str) -> FoundEntry | None:
        """Return an entry, if `audience` may see it."""

        def read() -> FoundEntry | None:
            data = self.channel_data(audience)
            today = data.today()
            register = data.register(today)
            entries = (entry for entry in register if any(one.startswith(entry_id) for one in entry.ids))
            return next((FoundEntry(entry, register, today) for entry in entries), None)

        return await asyncio.to_thread(read)

    async def find_for_direct_message(self, press: Press, entry_id: str) -> tuple[str, FoundEntry]:
        """Return the direct message with the user, and the entry that may be sent there. Raises NotDone."""
        channel = await self.open_direct(press.user)
        found = await self.find(of_channel(press.team, channel), entry_id)
        if found is None:
            is_kept = await self.find(press.audience, entry_id) is not None
            raise NotDone(KEPT_TO_CONVERSATION if is_kept else ENTRY_GONE)
        return channel, found

    async def open_direct(self, user: str) -> str:
        """Return the id of the direct messages with a user. Raises NotDone."""
        try:
            return await direct_channel(self.clients.retrying, user)
        except FAILURES as error:
            _LOG.warning("no direct message can be opened: %s", error_code(error))
            lacks_scope = error_code(error) == "missing_scope"
            raise NotDone(blocks.NO_DIRECT_MESSAGES if lacks_scope else NOT_NOW) from error

    async def open_form(self, trigger: str, view: Block, otherwise: Message = NOT_OPENED) -> Message | None:
        """Open a form, for which Slack allows three seconds; return what to tell the user where it does not open."""
        return None if await open_view(self.clients.unretried, trigger, view) else otherwise

    async def send_file(self, channel: str, file: File) -> str:
        """Send a file to direct messages, and return its address. Raises NotDone."""
        try:
            return await send_file(self.clients.posting, channel, file)
        except FAILURES as error:
            _LOG.warning("%s could not be sent: %s", file.name, error_code(error))
            raise NotDone(blocks.FILE_NOT_SENT) from error

    async def _reply(self, work: Work, press: Press) -> Message | None:
        """Do the work, and return its message or that of its error."""
        try:
            return await work(press)
        except Exception as error:
            return explanation(error, "the press")

    async def _once(self, work: Work, press: Press) -> Message | None:
        return await work(press) if await self.is_new(f"press/{press.trigger}") else None
