"""Shows single entries of the register, and lets those who may correct them.

Slack is acknowledged at once; replies go to the user alone, below the list of entries.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bot.errors import BotError, UnknownEntry
from bot.register import RegisterEntry
from bot.register.corrections import EntryEdit
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.library_users import LibraryUsers
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message
from bot.slack.blocks.entry import corrected, details, fits_calendar, form, shared, undone
from bot.slack.blocks.library import one_line
from bot.slack.blocks.register import event_file
from bot.slack.errors import log_failure
from bot.slack.handlers.background import BackgroundTasks
from bot.slack.options import CorrectionAccess
from bot.slack.sending.clients import FAILURES, SlackClients, direct_channel, error_code, respond
from bot.slack.sending.files import upload_file
from bot.slack.sending.posting import NO_ACCESS, Poster, Refused, Undelivered
from store.audiences import Audience, of_channel
from store.errors import StoreError
from store.jobs import QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)

# Seconds by which the clocks of this machine and of Slack may differ.
_SKEW = 600.0
_GONE = "This entry is not in the register any more. Ask for the deadlines again."
_KEPT = (
    "This date is from a document that only the people in this conversation may see, so it does not go into a direct "
    "message."
)
_SENT = "I sent you the calendar file in a direct message."
_NOT_SENT = "Slack did not take it just now. Please try again in a minute."
_TOO_LATE = "Slack did not open the form in time. Please press the button again."


@dataclass(frozen=True, slots=True)
class Interaction:
    """A user's choice, button press or submitted form about an entry that the channel `audience` was shown."""

    trigger: str
    user: str
    entry_id: str
    response_url: str = field(repr=False)
    audience: Audience

    @property
    def team(self) -> str:
        """Id of the workspace."""
        return self.audience.partition("/")[0]

    @property
    def channel(self) -> str:
        """Id of the channel that was shown the entry."""
        return self.audience.partition("/")[2]


@dataclass(frozen=True, slots=True)
class _Found:
    """An entry, None if it is gone, with the register that it is in and today's date."""

    entry: RegisterEntry | None
    register: Sequence[RegisterEntry]
    today: date


Work = Callable[[], Awaitable[Message | None]]


class EntryHandler:
    """Handles interactions with single entries; public methods return at once.

    `channel_data` returns what a channel may see, and may block. Without `corrections` nobody may correct anything.
    """

    def __init__(
        self,
        channel_data: Callable[[Audience], ChannelData],
        corrections: CorrectionAccess | None,
        question_store: QuestionStore,
        clients: SlackClients,
        poster: Poster,
    ) -> None:
        self._poster = poster
        self._channel_data = channel_data
        self._corrections = corrections
        self._question_store = question_store
        self._clients = clients
        users = corrections.users if corrections else ()
        self._editors = LibraryUsers(users, clients.retrying, "correct the register")
        self._tasks = BackgroundTasks()
        self.close = self._tasks.close

    def show(self, interaction: Interaction) -> None:
        """Start showing an entry's details."""

        async def work() -> Message:
            found = await self._find(interaction)
            if found.entry is None:
                return blocks.notice(_GONE)
            may_correct = self._corrections is not None and await self._refusal(interaction) is None
            return details(
                found.entry,
                found.register,
                found.today,
                may_correct=may_correct,
                may_share=not interaction.channel.startswith("D"),
            )

        self._start(interaction, work)

    def send_calendar(self, interaction: Interaction) -> None:
        """Start sending an entry's calendar file to the user, in a direct message."""

        async def work() -> Message | None:
            try:
                channel = await direct_channel(self._clients.retrying, interaction.user)
            except FAILURES as error:
                _LOG.warning("no direct message with %s: %s", interaction.user, error_code(error))
                return blocks.FILE_NOT_SENT
            found = await self._find(interaction, of_channel(interaction.team, channel))
            if found.entry is None:
                known = (await self._find(interaction)).entry
                return blocks.notice(_KEPT if known else _GONE)
            if not fits_calendar(found.entry):
                return blocks.notice("This date is not known to the day, so a calendar cannot hold it.")
            file = event_file(found.entry, found.register, found.today, datetime.now(UTC))
            failed = await upload_file(self._clients.posting, channel, file)
            return failed or (None if channel == interaction.channel else blocks.notice(_SENT))

        self._start(interaction, work)

    def share(self, interaction: Interaction) -> None:
        """Start posting an entry to the channel that was shown it."""

        async def work() -> Message | None:
            found = await self._find(interaction)
            if found.entry is None:
                return blocks.notice(_GONE)
            message = shared(found.entry, found.register, found.today, interaction.user)
            # Since then the post is looked for if its response is lost; clocks differ.
            since = f"{time.time() - _SKEW:.6f}"
            press = SlackMessage(interaction.team, interaction.channel, since, "", interaction.user, "")
            try:
                await self._poster.post(press, message, f"/shared/{interaction.trigger}")
            except Refused as refused:
                return blocks.NOT_A_MEMBER if refused.code in NO_ACCESS else blocks.notice(_NOT_SENT)
            except Undelivered:
                return blocks.notice(_NOT_SENT)
            return None

        self._start(interaction, work)

    def open_form(self, interaction: Interaction) -> None:
        """Start opening the form that corrects an entry; Slack allows three seconds for it."""

        async def work() -> Message | None:
            line, found = await asyncio.gather(self._refusal(interaction), self._find(interaction))
            if line is not None:
                return one_line(line)
            if found.entry is None:
                return blocks.notice(_GONE)
            view = form(found.entry, interaction.response_url, interaction.audience)
            try:
                await self._clients.unretried.views_open(trigger_id=interaction.trigger, view=view)
            except FAILURES as error:
                _LOG.warning("the form of an entry could not be opened: %s", error_code(error))
                return blocks.notice(_TOO_LATE)
            return None

        self._start(interaction, work)

    def correct(self, interaction: Interaction, edit: EntryEdit) -> None:
        """Start correcting an entry."""

        def work(corrections: CorrectionAccess) -> Message:
            user = f"@{interaction.user}"  # unlike any login name of the command line
            entry = corrections.correct(interaction.audience, interaction.entry_id, edit, user)
            return corrected(entry, edit)

        self._start_editing(interaction, work)

    def undo(self, interaction: Interaction, revision: int) -> None:
        """Start undoing the correction with this revision."""

        def work(corrections: CorrectionAccess) -> Message:
            return undone(corrections.undo(interaction.audience, interaction.entry_id, revision))

        self._start_editing(interaction, work)

    def _start_editing(self, interaction: Interaction, change: Callable[[CorrectionAccess], Message]) -> None:
        async def work() -> Message | None:
            # Checked again: the user may have lost the right since the button was shown.
            line = await self._refusal(interaction)
            if line is not None:
                return one_line(line)
            return await asyncio.to_thread(change, self._corrections) if self._corrections else None

        self._start(interaction, work)

    def _start(self, interaction: Interaction, work: Work) -> None:
        self._tasks.start(self._handle(interaction, work))

    async def _handle(self, interaction: Interaction, work: Work) -> None:
        """Do the work once for each interaction, and reply with its message or the error's."""
        try:
            if not await asyncio.to_thread(self._question_store.claim_event, f"press/{interaction.trigger}"):
                return
            message = await work()
        except UnknownEntry as error:
            message = blocks.notice(f"That did not work: {error.what}. Ask for the deadlines again.")
        except (BotError, StoreError) as error:
            message = blocks.notice(f"That did not work: {error}.")
        except Exception:
            message = blocks.apology(log_failure("an entry of the register"))
        if message is not None:
            await self._reply(interaction, message)

    async def _refusal(self, interaction: Interaction) -> str | None:
        return await self._editors.refusal(interaction.user)

    async def _find(self, interaction: Interaction, audience: Audience = "") -> _Found:
        """Return the entry, if the channel may see it, or another `audience`."""

        def read() -> _Found:
            data = self._channel_data(audience or interaction.audience)
            today = data.today()
            register = data.register(today)
            entries = (entry for entry in register if entry.id.startswith(interaction.entry_id))
            return _Found(next(entries, None), register, today)

        return await asyncio.to_thread(read)

    async def _reply(self, interaction: Interaction, message: Message) -> None:
        """Reply to the user alone: below the list, or directly once the response URL has expired."""
        if await respond(interaction.response_url, message, replace_original=False):
            return
        try:
            await self._clients.retrying.chat_postMessage(
                channel=interaction.user, text=message.text, blocks=list(message.blocks)
            )
        except FAILURES as error:
            _LOG.warning("no reply on an entry reached %s: %s", interaction.user, error_code(error))
