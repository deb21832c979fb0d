"""Where entries of the register are looked at one by one, and corrected by those who may.

Slack is answered at once; what takes longer is told to the person alone, where the list of entries was.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError, UnknownEntry
from bot.register import RegisterEntry
from bot.register.corrections import EntryEdit
from bot.slack.access.members import Members
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.entry import corrected, details, form, taken_back
from bot.slack.blocks.library import refused
from bot.slack.blocks.messages import Message
from bot.slack.handlers.commands import Library
from bot.slack.sending.clients import FAILURES, reason, respond
from store.audiences import Audience
from store.errors import StoreError
from store.jobs import QuestionStore

_LOG = logging.getLogger(__name__)

_GONE = "This entry is not in the register any more. Ask for the deadlines again."
_TOO_LATE = "Slack did not open the form in time. Please press the button again."


@dataclass(frozen=True, slots=True)
class Corrections:
    """Who may correct the register (ids), and what does it: of an entry's id, by a person's id with "@" in front.

    The first argument is the channel that the entry was shown in: what is not seen there is not corrected. `undo`
    takes back the correction with a revision. Both may block.
    """

    users: Sequence[str]
    correct: Callable[[Audience, str, EntryEdit, str], RegisterEntry]
    undo: Callable[[Audience, str, int], RegisterEntry]


@dataclass(frozen=True, slots=True)
class Press:
    """A choice, a button, or a form that was sent off: of which entry, by whom, and where that person is told.

    `audience` is the channel that the entry was shown in.
    """

    trigger: str
    user: str
    entry_id: str
    response_url: str = field(repr=False)
    audience: Audience

    @property
    def person(self) -> str:
        """The user as a correction keeps it: no login name of the command line looks so."""
        return f"@{self.user}"


class EntryDesk:
    """Serves what people do with single entries. `client` repeats any call, `quick` none.

    `library` returns what those in a channel may see; it may block. Without `corrections` nobody is offered any.
    """

    def __init__(
        self,
        library: Callable[[Audience], Library],
        corrections: Corrections | None,
        state: QuestionStore,
        client: AsyncWebClient,
        quick: AsyncWebClient,
    ) -> None:
        self._library = library
        self._corrections = corrections
        self._state = state
        self._client = client
        self._quick = quick
        users = corrections.users if corrections else ()
        self._members = Members(users, client, "correct the register")
        self._under_way: set[asyncio.Task[None]] = set()

    def show(self, press: Press) -> None:
        """Start telling the details of an entry; returns at once, as all that follow."""
        self._begin(press, self._show)

    def open_form(self, press: Press) -> None:
        """Start opening the form in which an entry is corrected."""
        self._begin(press, self._open_form)

    def correct(self, press: Press, change: EntryEdit) -> None:
        """Start correcting an entry."""

        async def work(press: Press) -> Message | None:
            if self._corrections is None:
                return None
            entry = await asyncio.to_thread(
                self._corrections.correct, press.audience, press.entry_id, change, press.person
            )
            return corrected(entry, change)

        self._begin(press, self._allowed(work))

    def undo(self, press: Press, revision: int) -> None:
        """Start taking back the correction with this revision."""

        async def work(press: Press) -> Message | None:
            if self._corrections is None:
                return None
            return taken_back(
                await asyncio.to_thread(self._corrections.undo, press.audience, press.entry_id, revision)
            )

        self._begin(press, self._allowed(work))

    async def close(self, patience: float) -> None:
        """Finish what is under way within `patience` seconds."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=patience)
        for task in list(self._under_way):
            task.cancel()

    def _begin(self, press: Press, work: Callable[[Press], Awaitable[Message | None]]) -> None:
        task = asyncio.create_task(self._serve(press, work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _serve(self, press: Press, work: Callable[[Press], Awaitable[Message | None]]) -> None:
        try:
            if not await asyncio.to_thread(self._state.claim_event, f"press/{press.trigger}"):
                return
            message = await work(press)
        except UnknownEntry as error:
            message = blocks.notice(f"That did not work: {error.what}. Ask for the deadlines again.")
        except (BotError, StoreError) as error:
            message = blocks.notice(f"That did not work: {error}.")
        except Exception:
            reference = f"R-{secrets.token_hex(4).upper()}"
            _LOG.exception("%s: an entry of the register failed", reference)
            message = blocks.apology(reference)
        if message is not None:
            await self._tell(press, message)

    def _allowed(
        self, work: Callable[[Press], Awaitable[Message | None]]
    ) -> Callable[[Press], Awaitable[Message | None]]:
        async def checked(press: Press) -> Message | None:
            # Asked anew: the button may be from before somebody's right ended.
            line = await self._members.refusal(press.user)
            return await work(press) if line is None else refused(line)

        return checked

    async def _show(self, press: Press) -> Message:
        entry, day = await asyncio.to_thread(self._find, press)
        if entry is None:
            return blocks.notice(_GONE)
        may = self._corrections is not None and await self._members.refusal(press.user) is None
        return details(entry, day, may_correct=may)

    async def _open_form(self, press: Press) -> Message | None:
        line, (entry, _) = await asyncio.gather(
            self._members.refusal(press.user), asyncio.to_thread(self._find, press)
        )
        if line is not None:
            return refused(line)
        if entry is None:
            return blocks.notice(_GONE)
        try:
            await self._quick.views_open(
                trigger_id=press.trigger, view=form(entry, press.response_url, press.audience)
            )
        except FAILURES as error:
            why = reason(error) if isinstance(error, SlackApiError) else error
            _LOG.warning("the form of an entry could not be opened: %s", why)
            return blocks.notice(_TOO_LATE)
        return None

    def _find(self, press: Press) -> tuple[RegisterEntry | None, date]:
        """Return the entry, if it is seen where it was shown, and the day that it is."""
        library = self._library(press.audience)
        day = library.today()
        entries = (entry for entry in library.register(day) if entry.id.startswith(press.entry_id))
        return next(entries, None), day

    async def _tell(self, press: Press, message: Message) -> None:
        """Tell the person alone: where the list is, or directly once Slack takes no more replies there."""
        parts = list(message.blocks)
        if not await respond(press.response_url, message.text, parts, replace_original=False):
            return
        try:
            await self._client.chat_postMessage(channel=press.user, text=message.text, blocks=parts)
        except FAILURES as error:
            _LOG.warning("%s could not be told of an entry: %s", press.user, error)
