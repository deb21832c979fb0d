"""What all features of the bot in one workspace use: its clients and caches, and the replies to one person alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
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
from bot.slack.core.sending.clients import FAILURES, SlackClients, direct_channel, error_code, open_view
from bot.slack.core.sending.posting import Poster, send_file
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.ui.elements import Block, File, Message, plain_message, section
from bot.slack.core.ui.forms import modal, not_done, not_opened
from bot.slack.core.ui.messages import file_not_sent, no_direct_messages, no_files, reply_gone
from bot.slack.core.ui.mrkdwn import shorten
from bot.slack.core.words import CommandWord, ParsedCommand
from bot.slack.manifest import is_agent
from store.audiences import Audience, of_channel
from store.jobs import MessageRef, QuestionStore, Runner
from store.records import EVERYBODY

_LOG = logging.getLogger(__name__)

# Slack allows 200; lists of conversations show fewer.
_TITLE_CHARS = 80
# Running tasks are cancelled for so long at most.
_CANCEL_SECONDS = 3.0


def entry_gone() -> Message:
    """Return the message that an entry is not in the register any more."""
    return plain_message(_("This entry is not in the register any more. Ask for the deadlines again."))


def kept_to_conversation() -> Message:
    """Return the message that a date does not leave the conversation of its document (docs/howto/slack.md)."""
    return plain_message(
        _(
            "This date is from a document that only the people in this conversation may see, so it does not go into a "
            "direct message."
        )
    )


def _loading() -> Block:
    return modal("loading", _("One moment"), [section(_("Loading…"))])


def not_now() -> Message:
    """Return the message that Slack has not taken something."""
    return plain_message(_("Slack did not take it just now. Please try again in a minute."))


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

    @property
    def words(self) -> list[CommandWord]:
        """The words of the slash command."""
        return [word for feature in self.features for word in feature.words]

    def feature_of(self, request: ParsedCommand) -> tuple[Feature, CommandWord]:
        """Return the feature that a command is for, and its word. Raises NotDone for a word that there is no more."""
        for feature in self.features:
            for word in feature.words:
                if word.name == request.name:
                    return feature, word
        raise NotDone(reply_gone())

    def below_answer(self, answer: Answer, key: str) -> list[Block]:
        """Return the buttons of all features below the answer to the question `key`."""
        return [block for feature in self.features for block in feature.below_answer(answer, key)]

    def entry_buttons(self, entry: RegisterEntry, as_of: date) -> list[Block]:
        """Return the buttons of all features below the details of an entry of the register."""
        return [block for feature in self.features for block in feature.entry_buttons(entry, as_of)]

    async def report(self, audience: Audience, request: ParsedCommand, command: str) -> Message | File:
        """Return what an audience may see of what a command asks for. Raises NoStore.

        `command` is the name of the slash command.
        """
        feature = self.feature_of(request)[0]
        return await asyncio.to_thread(lambda: feature.report(self.channel_data(audience), request, command))

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
            is_kept = await self.find(press.audience, entry_id) is not None
            raise NotDone(kept_to_conversation() if is_kept else entry_gone())
        return channel, found

    async def open_direct(self, user: str) -> str:
        """Return the id of the direct messages with a user. Raises NotDone."""
        try:
            return await direct_channel(self.clients.retrying, user)
        except FAILURES as error:
            _LOG.warning("no direct message can be opened: %s", error_code(error))
            lacks_scope = error_code(error) == "missing_scope"
            raise NotDone(no_direct_messages() if lacks_scope else not_now()) from error

    async def is_with_bot(self, channel: str, user: str) -> bool:
        """Whether a channel is the direct messages of a user with the bot, and not with somebody else."""
        try:
            return channel.startswith("D") and channel == await self.open_direct(user)
        except NotDone:
            return False

    def has_own_documents(self, audience: Audience) -> bool:
        """Whether a conversation sees documents that not everybody sees. Blocks. Raises StoreError."""
        return any(d.audience != EVERYBODY for d in self.channel_data(audience).documents())

    async def open_window(
        self, trigger: str, making: Coroutine[Any, Any, Block], otherwise: Message | None = None
    ) -> None:
        """Open a window with what `making` returns; where that takes longer than a moment, it is filled in later.

        Raises what `making` raises; once the window is open, it shows that. Raises NotDone, with `otherwise`, where
        Slack does not open it.
        """
        made = asyncio.create_task(making)
        try:
            await asyncio.wait({made}, timeout=self.options.timing.window_after)
            if made.done():
                if not await open_view(self.clients.unretried, trigger, made.result()):
                    raise NotDone(otherwise or not_opened())
                return
            opened = await open_view(self.clients.unretried, trigger, _loading())
            if not opened:
                raise NotDone(otherwise or not_opened())
            try:
                view = await made
            except Exception as error:
                view = not_done(explanation(error, "the window").blocks)
            try:
                await self.clients.retrying.views_update(view_id=opened, view=view)
            except FAILURES as error:
                _LOG.warning("a window was not filled: %s", error_code(error))
        finally:
            made.cancel()

    @property
    def is_first(self) -> bool:
        """Whether what is for everybody, and not for a workspace, is done here: in the first of several."""
        return self.options.settings.first_workspace in ("", self.team)

    async def name_conversation(self, posted: MessageRef, message: Message) -> None:
        """Give the conversation that a direct message of the bot's own begins a title: the first line.

        Only agents have conversations with titles: https://docs.slack.dev/ai/agent-sessions
        """
        if not posted.channel.startswith("D") or not is_agent(self.options.settings):
            return
        try:
            await self.clients.unretried.agents_sessions_setStatus(
                channel_id=posted.channel,
                thread_ts=posted.ts,
                status="active",
                title=shorten(message.text.partition("\n")[0], _TITLE_CHARS),
            )
        except FAILURES as error:
            _LOG.info("a conversation has no title: %s", error_code(error))

    async def send_file(self, channel: str, file: File) -> str:
        """Send a file to direct messages, and return its address. Raises NotDone."""
        try:
            return await send_file(self.clients.posting, channel, file)
        except FAILURES as error:
            _LOG.warning("a file could not be sent: %s", error_code(error))
            lacks_scope = error_code(error) == "missing_scope"
            raise NotDone(no_files() if lacks_scope else file_not_sent()) from error
