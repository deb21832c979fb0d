"""Shows single entries of the register, sends and shares them, and lets those who may correct them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.register.corrections import EntryEdit
from bot.slack.access.library_users import LibraryUsers
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message, notice, one_line
from bot.slack.blocks.entry import corrected, details, fits_calendar, form, shared, undone
from bot.slack.blocks.register import event_file
from bot.slack.handlers.interactions import GONE, NOT_NOW, Interaction, Interactions
from bot.slack.options import CorrectionAccess
from bot.slack.sending.clients import FAILURES, SlackClients, error_code
from bot.slack.sending.files import upload_file
from bot.slack.sending.posting import NO_ACCESS, Poster, Refused, Undelivered, unasked

_LOG = logging.getLogger(__name__)

_NO_DAY = notice("This date is not known to the day, so a calendar cannot hold it.")
_SENT = notice("I sent you the calendar file in a direct message.")
_TOO_LATE = notice("Slack did not open the form in time. Please press the button again.")


class EntryHandler:
    """Handles interactions with single entries; public methods return at once.

    Without `corrections` nobody may correct anything.
    """

    def __init__(
        self,
        interactions: Interactions,
        corrections: CorrectionAccess | None,
        clients: SlackClients,
        poster: Poster,
        *,
        may_remind: bool = False,
    ) -> None:
        self._may_remind = may_remind
        self._interactions = interactions
        self._corrections = corrections
        self._clients = clients
        self._poster = poster
        users = corrections.users if corrections else ()
        self._editors = LibraryUsers(users, clients.retrying, "correct the register")
        self._start, self._find = interactions.start, interactions.find

    def show(self, interaction: Interaction) -> None:
        """Start showing an entry's details."""

        async def work() -> Message:
            found = await self._find(interaction)
            if found.entry is None:
                return GONE
            may_correct = self._corrections is not None and await self._refusal(interaction) is None
            return details(
                found.entry,
                found.register,
                found.today,
                may_correct=may_correct,
                may_share=not interaction.channel.startswith("D"),
                may_remind=self._may_remind,
            )

        self._start(interaction, work)

    def send_calendar(self, interaction: Interaction) -> None:
        """Start sending an entry's calendar file to the user, in a direct message."""

        async def work() -> Message | None:
            sendable = await self._interactions.find_for_direct_message(interaction)
            if isinstance(sendable, Message):
                return sendable
            channel, found, entry = sendable
            if not fits_calendar(entry):
                return _NO_DAY
            file = event_file(entry, found.register, found.today, datetime.now(UTC))
            failed = await upload_file(self._clients.posting, channel, file)
            return failed or (None if channel == interaction.channel else _SENT)

        self._start(interaction, work)

    def share(self, interaction: Interaction) -> None:
        """Start posting an entry to the channel that was shown it."""

        async def work() -> Message | None:
            found = await self._find(interaction)
            if found.entry is None:
                return GONE
            message = shared(found.entry, found.register, found.today, interaction.user)
            press = unasked(interaction.team, interaction.channel, time.time())
            try:
                await self._poster.post(press, message, f"/shared/{interaction.trigger}")
            except Refused as refused:
                return blocks.NOT_A_MEMBER if refused.code in NO_ACCESS else NOT_NOW
            except Undelivered:
                return NOT_NOW
            return None

        self._start(interaction, work)

    def open_form(self, interaction: Interaction) -> None:
        """Start opening the form that corrects an entry; Slack allows three seconds for it."""

        async def work() -> Message | None:
            line, found = await asyncio.gather(self._refusal(interaction), self._find(interaction))
            if line is not None:
                return one_line(line)
            if found.entry is None:
                return GONE
            view = form(found.entry, interaction.response_url, interaction.audience)
            try:
                await self._clients.unretried.views_open(trigger_id=interaction.trigger, view=view)
            except FAILURES as error:
                _LOG.warning("the form of an entry could not be opened: %s", error_code(error))
                return _TOO_LATE
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

    async def _refusal(self, interaction: Interaction) -> str | None:
        return await self._editors.refusal(interaction.user)
