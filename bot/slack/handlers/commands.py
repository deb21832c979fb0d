"""Answers slash commands that are no questions: with a message to the user alone, or a file in their direct messages.

A command is claimed after its acknowledgement, so that one delivered twice is answered once. None waits for the model.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field

from bot.slack.background import BackgroundTasks
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message
from bot.slack.blocks.sharing import file_sent, with_share_button
from bot.slack.handlers.command_parser import ParsedCommand
from bot.slack.handlers.endings import explanation
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.reports import Reports
from bot.slack.handlers.subscriptions import SubscriptionHandler
from bot.slack.sending.clients import FAILURES, SlackClients, direct_channel, error_code
from bot.slack.sending.posting import send_file
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.audiences import Audience, of_channel
from store.jobs import QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)

# Seconds for the last reply of a command that a stop cuts off.
_LAST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command; `key` is the same for each delivery of it, `typed` is what follows its `name`.

    `message` is the command as a message in its channel.
    """

    key: str
    name: str
    typed: str
    request: ParsedCommand
    message: SlackMessage
    response_url: str = field(repr=False)

    @property
    def audience(self) -> Audience:
        """The channel that the command is used in."""
        return of_channel(self.message.team, self.message.channel)


class CommandHandler:
    """Answers commands with `reports`. `name` is the slash command's name."""

    def __init__(
        self,
        reports: Reports,
        question_store: QuestionStore,
        clients: SlackClients,
        tasks: BackgroundTasks,
        name: str,
        reminders: ReminderHandler | None = None,
        subscriptions: SubscriptionHandler | None = None,
    ) -> None:
        self.name = name
        self._reminders = reminders
        self._subscriptions = subscriptions
        self._reports = reports
        self._question_store = question_store
        self._clients = clients
        self._tasks = tasks

    def start(self, command: SlashCommand) -> None:
        """Start answering a command that was acknowledged; returns at once."""
        self._tasks.start(self._handle(command))

    async def _handle(self, command: SlashCommand) -> None:
        try:
            if not await asyncio.to_thread(self._question_store.claim_event, f"command/{command.key}"):
                return
            message = await self._reply(command)
        except asyncio.CancelledError:
            # No other bot takes a command over. It may be sent for a short time only: the process is ending.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._respond(command, blocks.RESTARTING)
            raise
        except Exception as error:
            message = explanation(error, "the command %s", command.key)
        if message is not None:
            await self._respond(command, message)

    async def _reply(self, command: SlashCommand) -> Message | None:
        """Return the message to the user; None where they are looking at the file."""
        match command.request.name:
            case "help":
                return blocks.command_help(command.name)
            case "unknown":
                nearest = command.request.text
                return blocks.command_help(command.name, unknown=command.typed, nearest=nearest)
            case "reminders" | "subscriptions":
                return await self._scheduled(command.message, command.request)
            case "timeline" | "calendar":
                return await self._send_file(command)
        reply = await self._reports.read(command.audience, command.request, command.name)
        return _shareable(reply, command) if isinstance(reply, Message) else None

    async def _scheduled(self, message: SlackMessage, request: ParsedCommand) -> Message:
        """Return the reply to a command about what the bot sends by the clock. Raises StoreError."""
        if self._reminders is None or self._subscriptions is None:
            return blocks.NOTHING_SCHEDULED
        if request.name == "reminders":
            return await self._reminders.listed(message.team, message.user)
        return await self._subscriptions.listed(message)

    async def _send_file(self, command: SlashCommand) -> Message | None:
        """Send a file to the user's direct messages; return the message that links to it.

        The file has what the direct messages may see: not the documents of the command's channel alone.
        """
        message = command.message
        try:
            direct = await direct_channel(self._clients.retrying, message.user)
            file = await self._reports.read(of_channel(message.team, direct), command.request, command.name)
            if isinstance(file, Message):
                return file
            link = await send_file(self._clients.posting, direct, file)
        except FAILURES as error:
            _LOG.warning("a file could not be sent to %s: %s", message.user, error_code(error))
            return blocks.NO_DIRECT_MESSAGES if error_code(error) == "missing_scope" else blocks.FILE_NOT_SENT
        if direct == message.channel:
            return None
        own = await self._reports.has_own_documents(command.audience)
        return _shareable(file_sent(file.name, link, own_documents=own), command)

    async def _respond(self, command: SlashCommand, message: Message) -> None:
        to = Recipient.of(command.message, command.response_url)
        await reply_privately(self._clients, to, message)


def _shareable(message: Message, command: SlashCommand) -> Message:
    asked = command.message
    return with_share_button(message, asked.channel, f"report {asked.ts} {asked.text}")
