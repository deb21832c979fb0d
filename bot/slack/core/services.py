"""What all features of the bot in one workspace use: its clients and caches, and the replies to one person alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bot.answering.answer import Answer
from bot.locales import _
from bot.register import RegisterEntry
from bot.slack.core.access import Admission, Budget, LibraryUsers
from bot.slack.core.errors import NotDone, explanation
from bot.slack.core.feature import Feature
from bot.slack.core.options import ChannelData, SlackOptions
from bot.slack.core.payloads import Press
from bot.slack.core.people import Names, People
from bot.slack.core.sending.clients import FAILURES, SlackClients, error_code
from bot.slack.core.sending.posting import Poster, Refused, send_file
from bot.slack.core.sending.private_replies import Recipient, reply_privately, show_privately
from bot.slack.core.ui.elements import Block, File, Message, one_line, plain_message
from bot.slack.core.ui.forms import loading, not_done, result_view
from bot.slack.core.ui.messages import (
    kept_alone_message,
    unconfirmed_reply_message,
)
from bot.slack.core.ui.mrkdwn import escape, shorten
from bot.slack.manifest import is_agent
from store.audiences import Audience, of_channel
from store.errors import NoStore
from store.jobs import MessageRef, QuestionStore, Runner, SlackMessage
from store.records import EVERYBODY

_LOG = logging.getLogger(__name__)

# Slack allows 200; lists of conversations show fewer.
_TITLE_CHARS = 80
# Running tasks are cancelled for so long at most.
_CANCEL_SECONDS = 3.0


def entry_gone() -> Message:
    """Return the message that an entry is not in the register any more."""
    return plain_message(_("This entry is not in the register any more. Ask for the deadlines again."))


class BackgroundTasks:
    """Starts tasks, keeps them referenced, and lets them finish at shutdown; all features share one object."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start a task; returns at once."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self, shutdown_patience: float) -> None:
        """Wait at most `shutdown_patience` seconds for all tasks, then cancel the rest and wait for their end."""
        if self._running:
            await asyncio.wait(self._running, timeout=shutdown_patience)
        if cancelled := list(self._running):
            for task in cancelled:
                task.cancel()
            await asyncio.wait(cancelled, timeout=_CANCEL_SECONDS)


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry with the register that it is in and today's date."""

    entry: RegisterEntry
    register: Sequence[RegisterEntry]
    today: date


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where the result of what somebody asked for goes: `message` is the request, in the conversation that gets it.

    `alone`: only the person sees the result there, as it may quote documents of that conversation. `pointed`: it was
    asked for elsewhere, so a line there says where it is.
    """

    message: SlackMessage
    alone: bool = False
    pointed: bool = False

    @property
    def audience(self) -> Audience:
        """What the result may be made from."""
        return of_channel(self.message.team, self.message.channel)


@dataclass(frozen=True, slots=True)
class WorkspaceServices:
    """What all features of the bot in one workspace use.

    `channel_data` returns what a channel may see, and may block. `team` and `bot_user` are the ids of the workspace and
    of the bot. `features` are those that `routes.py` lists, in its order.
    """

    options: SlackOptions
    channel_data: Callable[[Audience], ChannelData]
    question_store: QuestionStore
    clients: SlackClients
    poster: Poster
    admission: Admission
    library_users: LibraryUsers
    budget: Budget
    names: Names
    people: People
    team: str
    bot_user: str
    runner: Runner
    """Does the jobs of all features."""
    tasks: BackgroundTasks = field(default_factory=BackgroundTasks)
    features: list[Feature] = field(default_factory=list)

    def below_answer(self, answer: Answer, key: str) -> list[Block]:
        """Return the buttons of all features below the answer to the question `key`."""
        return [block for feature in self.features for block in feature.below_answer(answer, key)]

    def entry_buttons(self, entry: RegisterEntry, as_of: date) -> list[Block]:
        """Return the buttons of all features below the details of an entry of the register."""
        return [block for feature in self.features for block in feature.entry_buttons(entry, as_of)]

    async def language_of(self, channel: str, user: str) -> str:
        """Return the language of what nobody asked for: a channel's by its setting, in direct messages the person's."""
        if channel.startswith("D"):
            return await self.people.language(user)
        return self.options.settings.channel_languages.get(channel, "en")

    async def is_new(self, event: str) -> bool:
        """Return True for what is done the first time, by its key. Raises StoreError."""
        return await asyncio.to_thread(self.question_store.claim_event, event)

    def tell(self, to: Recipient, message: Message) -> None:
        """Start a reply that one person alone sees."""
        self.tasks.start(reply_privately(self.clients, to, message))

    def tell_of(self, press: Press, message: Message) -> None:
        """Start to tell a person what their press has led to: in its window, or where they alone see it."""
        if press.in_window:
            self.tasks.start(self.update_window(press.view, result_view(press.view, message)))
        else:
            self.tell(press.recipient, message)

    async def arrival(self, asked: SlackMessage) -> Arrival:
        """Return where the result of what a person asks for goes. Raises Undelivered, StoreError.

        That is their direct messages with the bot, except from a conversation that has documents of its own: what
        quotes them stays there.
        """
        try:
            direct = await self.poster.open_direct(asked.user)
        except Refused as refused:
            _LOG.error("no direct message can be opened: %s", refused.code)
            return Arrival(asked, alone=True)
        if asked.channel in (direct, asked.user):
            return Arrival(replace(asked, channel=direct))
        if await asyncio.to_thread(self._has_own_documents, of_channel(asked.team, asked.channel)):
            return Arrival(asked, alone=True)
        return Arrival(replace(asked, channel=direct, thread=""), pointed=True)

    async def point(self, to: Recipient, posted: MessageRef, words: str) -> None:
        """Tell a person where they asked for something that it is in their direct messages."""
        line = f"<{await self.link_to(posted)}|{escape(words)}> →"
        await reply_privately(self.clients, to, one_line(line))

    async def link_to(self, posted: MessageRef) -> str:
        """Return the address of a message; where Slack does not say it, of its conversation."""
        try:
            response = await self.clients.unretried.chat_getPermalink(
                channel=posted.channel, message_ts=posted.ts
            )
            return str(response["permalink"]).replace("&", "&amp;")
        except FAILURES as error:
            _LOG.info("a message has no address: %s", error_code(error))
            return f"https://slack.com/app_redirect?channel={posted.channel}"

    async def show_alone(self, to: Recipient, message: Message, key: str = "") -> None:
        """Show a result to a person alone, where they asked for it.

        With the `key` of a stored one, a direct message has the button that shows it again: Slack forgets it.
        """
        outcome = await show_privately(self.clients, to, message)
        if key:
            direct = Recipient(to.user)
            await reply_privately(self.clients, direct, kept_alone_message(to.channel, key))
        elif outcome != "shown":
            await reply_privately(self.clients, Recipient(to.user), unconfirmed_reply_message(to.channel))

    async def find(self, audience: Audience, entry_id: str) -> FoundEntry | None:
        """Return an entry, if `audience` may see it."""

        def read() -> FoundEntry | None:
            data = self.channel_data(audience)
            today = data.today()
            register = data.register(today)
            entries = (entry for entry in register if any(id_.startswith(entry_id) for id_ in entry.ids))
            return next((FoundEntry(entry, register, today) for entry in entries), None)

        return await asyncio.to_thread(read)

    async def find_for_direct_message(self, press: Press, entry_id: str) -> tuple[str, FoundEntry]:
        """Return the direct message with the user, and the entry that may be sent there. Raises NotDone."""
        channel = await self.open_direct(press.user)
        found = await self.find(of_channel(press.team, channel), entry_id)
        if found is None:
            if await self.find(press.audience, entry_id) is None:
                raise NotDone(entry_gone())
            # docs/howto/slack.md
            line = _(
                "This date is from a document that only the people in this conversation may see, so it does not go "
                "into a direct message."
            )
            raise NotDone(plain_message(line))
        return channel, found

    async def open_direct(self, user: str) -> str:
        """Return the id of the direct messages with a user. Raises NotDone."""
        try:
            return await self.people.cache.direct(self.clients.retrying, user)
        except FAILURES as error:
            _LOG.warning("no direct message can be opened: %s", error_code(error))
            line = _(
                "I cannot write to you directly just now. Please try again in a minute; if it stays so, tell {contact}."
            )
            raise NotDone(plain_message(line)) from error

    def _has_own_documents(self, audience: Audience) -> bool:
        """Whether a conversation sees documents that not everybody sees. Blocks. Raises StoreError."""
        with suppress(NoStore):
            return any(d.audience != EVERYBODY for d in self.channel_data(audience).documents())
        return False

    async def open_window(self, press: Press, making: Coroutine[Any, Any, Block]) -> None:
        """Open a window with what `making` returns; where that takes longer than a moment, it is filled in later.

        Raises what `making` raises, and NotDone where Slack opens none; once the window is open, it shows that.
        """
        made = asyncio.create_task(making)
        try:
            await asyncio.wait({made}, timeout=self.options.timing.window_after)
            if made.done():
                await self._open(press, made.result())
                return
            opened = await self._open(press, loading())
            try:
                view = await made
            except Exception as error:
                view = not_done(explanation(error, "the window").blocks)
            await self.update_window(opened, view)
        finally:
            made.cancel()

    async def _open(self, press: Press, view: Block) -> Mapping[str, Any]:
        """Open a window, in one as the next of its stack, and return it. Raises NotDone.

        Slack allows three seconds after the press.
        """
        client = self.clients.unretried
        open_view = client.views_push if press.in_window else client.views_open
        try:
            opened: Mapping[str, Any] = (await open_view(trigger_id=press.trigger, view=view))["view"]
            return opened
        except FAILURES as error:
            _LOG.warning("the window %s could not be opened: %s", view["callback_id"], error_code(error))
            line = _("The window did not open in time. Please try again.")
            raise NotDone(plain_message(line)) from error

    async def update_window(self, shown: Mapping[str, Any], view: Block) -> None:
        """Replace a window, unless it is another one by now than the one that is `shown`.

        Its `hash` says that (https://docs.slack.dev/surfaces/modals, "Handling race conditions").
        """
        try:
            await self.clients.retrying.views_update(view_id=shown["id"], hash=shown.get("hash"), view=view)
        except FAILURES as error:
            _LOG.warning("a window was not updated: %s", error_code(error))

    @property
    def is_first(self) -> bool:
        """Whether what is for everybody, and not for a workspace, is done here: in the first of several."""
        return self.options.settings.first_workspace in ("", self.team)

    async def name_conversation(self, posted: MessageRef, message: Message, title: str = "") -> None:
        """Give the conversation that a direct message of the bot's own begins a title, by default the first line.

        Only agents have conversations with titles: https://docs.slack.dev/ai/agent-sessions
        """
        if not posted.channel.startswith("D") or not is_agent(self.options.settings):
            return
        try:
            await self.clients.unretried.agents_sessions_setStatus(
                channel_id=posted.channel,
                thread_ts=posted.ts,
                status="active",
                title=shorten(title or message.text.partition("\n")[0], _TITLE_CHARS),
            )
        except FAILURES as error:
            _LOG.info("a conversation has no title: %s", error_code(error))

    async def send_file(self, channel: str, file: File) -> str:
        """Send a file to direct messages, and return its address. Raises NotDone."""
        try:
            return await send_file(self.clients.posting, channel, file)
        except FAILURES as error:
            _LOG.warning("a file could not be sent: %s", error_code(error))
            line = _(
                "The file could not be sent. Please try again in a minute; if it stays so, tell {contact}."
            )
            raise NotDone(plain_message(line)) from error
