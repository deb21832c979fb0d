"""Shows single entries of the register, sends and shares them, and lets those who may correct them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.errors import BotError
from bot.register.corrections import EntryEdit
from bot.slack.access.library_users import LibraryUsers
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message, notice, one_line
from bot.slack.blocks.entry import corrected, details, fits_calendar, form, shared, undone
from bot.slack.blocks.forms import NOT_OPENED
from bot.slack.blocks.register import event_file
from bot.slack.handlers.endings import explanation, refused_post
from bot.slack.handlers.interactions import GONE, NOT_NOW, Interactions
from bot.slack.handlers.presses import Press
from bot.slack.options import CorrectionAccess
from bot.slack.sending.clients import FAILURES, SlackClients, error_code, open_view
from bot.slack.sending.posting import Poster, Refused, Undelivered, send_file, unasked

_LOG = logging.getLogger(__name__)

_NO_DAY = notice("This date is not known to the day, so a calendar cannot hold it.")
_SENT = notice("I sent you the calendar file in a direct message.")


class EntryHandler:
    """Handles presses about single entries; most have the entry's id as their value. Most methods return at once.

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

    def show(self, press: Press) -> None:
        """Start showing an entry's details."""

        async def work() -> Message:
            found = await self._find(press.audience, press.value)
            if found.entry is None:
                return GONE
            return details(
                found.entry,
                found.register,
                found.today,
                may_correct=await self._editors.may(press.user),
                may_share=not press.channel.startswith("D"),
                may_remind=self._may_remind,
            )

        self._start(press, work)

    def send_calendar(self, press: Press) -> None:
        """Start sending an entry's calendar file to the user, in a direct message."""

        async def work() -> Message | None:
            sendable = await self._interactions.find_for_direct_message(press, press.value)
            if isinstance(sendable, Message):
                return sendable
            channel, found, entry = sendable
            if not fits_calendar(entry):
                return _NO_DAY
            file = event_file(entry, found.register, found.today, datetime.now(UTC))
            try:
                await send_file(self._clients.posting, channel, file)
            except FAILURES as error:
                _LOG.warning("%s could not be sent: %s", file.name, error_code(error))
                return blocks.FILE_NOT_SENT
            return None if channel == press.channel else _SENT

        self._start(press, work)

    def share(self, press: Press) -> None:
        """Start posting an entry to the channel that was shown it."""

        async def work() -> Message | None:
            found = await self._find(press.audience, press.value)
            if found.entry is None:
                return GONE
            message = shared(found.entry, found.register, found.today, press.user)
            origin = unasked(press.team, press.channel, time.time())
            try:
                await self._poster.post(origin, message, f"/shared/{press.trigger}")
            except Refused as refused:
                return refused_post(refused)
            except Undelivered:
                return NOT_NOW
            return None

        self._start(press, work)

    def open_form(self, press: Press) -> None:
        """Start opening the form that corrects an entry; Slack allows three seconds for it."""

        async def work() -> Message | None:
            line, found = await asyncio.gather(self._refusal(press), self._find(press.audience, press.value))
            if line is not None:
                return one_line(line)
            if found.entry is None:
                return GONE
            view = form(found.entry, press.response_url, press.audience)
            return None if await open_view(self._clients.unretried, press.trigger, view) else NOT_OPENED

        self._start(press, work)

    async def correct(self, press: Press, edit: EntryEdit) -> None:
        """Correct an entry, then start saying so. Raises StoreError."""

        def change(corrections: CorrectionAccess) -> Message:
            user = f"@{press.user}"  # unlike any login name of the command line
            entry = corrections.correct(press.audience, press.value, edit, user)
            return corrected(entry, edit)

        try:
            message = await self._edited(press, change)
        except BotError as error:
            message = explanation(error, "the correction %s", press.trigger)

        async def tell() -> Message | None:
            return message

        self._start(press, tell)

    async def undo(self, press: Press) -> None:
        """Undo a correction, then start the reply; the value is the entry's id and the revision of the correction."""
        entry_id, _, revision = press.value.partition(" ")

        def change(corrections: CorrectionAccess) -> Message:
            return undone(corrections.undo(press.audience, entry_id, int(revision or 0)))

        await self._interactions.store(press, lambda: self._edited(press, change))

    async def _edited(self, press: Press, change: Callable[[CorrectionAccess], Message]) -> Message | None:
        """Change the register, and return the confirmation, or the refusal. Raises BotError, StoreError."""
        # Checked again: the user may have lost the right since the button was shown.
        line = await self._refusal(press)
        if line is not None:
            return one_line(line)
        return await asyncio.to_thread(change, self._corrections) if self._corrections else None

    async def _refusal(self, press: Press) -> str | None:
        return await self._editors.refusal(press.user)
