"""Answers slash commands: with a message to the user alone, or a file in the channel.

A command is claimed after its acknowledgement, so that one delivered twice is answered once. Commands that read the
register do not wait for the model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UnknownDocument
from bot.question import read_question
from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.changes import changes_message, unknown_document
from bot.slack.blocks.deadlines import deadlines_message
from bot.slack.blocks.digest import digest_message
from bot.slack.blocks.elements import Message
from bot.slack.blocks.register import File, calendar_file, timeline_file
from bot.slack.errors import log_failure
from bot.slack.handlers.background import BackgroundTasks
from bot.slack.handlers.command_parser import ParsedCommand, parse_command
from bot.slack.handlers.endings import notice_of
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.subscriptions import Place, SubscriptionHandler
from bot.slack.sending.clients import respond
from bot.slack.sending.files import upload_file
from bot.telemetry.questions import QuestionRecord
from store.audiences import Audience, of_channel
from store.jobs import QuestionStore

_DIGEST_DAYS = 30
# Seconds for the last reply of a command that a stop cuts off.
_LAST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command as it came in; `key` is the same for each delivery of it."""

    key: str
    command: str
    text: str
    team: str
    channel: str
    user: str
    response_url: str = field(repr=False)

    @property
    def audience(self) -> Audience:
        """The channel that the command is used in."""
        return of_channel(self.team, self.channel)


class CommandHandler:
    """Answers commands. `channel_data` returns what a channel may see, and may block."""

    def __init__(
        self,
        channel_data: Callable[[Audience], ChannelData],
        questions: QuestionHandler,
        question_store: QuestionStore,
        uploading: AsyncWebClient,
        reminders: ReminderHandler | None = None,
        subscriptions: SubscriptionHandler | None = None,
    ) -> None:
        self._reminders = reminders
        self._subscriptions = subscriptions
        self._channel_data = channel_data
        self._questions = questions
        self._question_store = question_store
        self._uploading = uploading
        self._drawing = asyncio.Lock()
        self._tasks = BackgroundTasks()
        self.close = self._tasks.close

    def start(self, command: SlashCommand) -> None:
        """Start answering a command that was acknowledged; returns at once."""
        self._tasks.start(self._handle(command))

    async def _handle(self, command: SlashCommand) -> None:
        try:
            if not await asyncio.to_thread(self._question_store.claim_event, f"command/{command.key}"):
                return
            message = await self._reply(command, parse_command(command.text))
        except asyncio.CancelledError:
            # No other bot takes a command over. It may be sent for a short time only: the process is ending.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._respond(command, blocks.RESTARTING)
            raise
        except Exception as error:
            notice = notice_of(error)
            message = notice[0] if notice else blocks.apology(log_failure("the command %s", command.key))
        if message is not None:
            await self._respond(command, message)

    async def _reply(self, command: SlashCommand, request: ParsedCommand) -> Message | None:
        """Return the message to the user; None where a file in the channel is the answer."""
        match request.name:
            case "help":
                return blocks.command_help(command.command)
            case "unknown":
                return blocks.command_help(command.command, unknown=command.text, nearest=request.text)
            case "reminders" | "subscribe" | "unsubscribe" | "subscriptions":
                return await self._scheduled(command, request)
            case "question":
                with self._questions.traces.question():
                    return await self._answer_question(command, request.text)
            case "timeline":
                async with self._drawing:  # matplotlib's caches are not thread-safe
                    reply = await asyncio.to_thread(self._read, command, request)
            case _:
                reply = await asyncio.to_thread(self._read, command, request)
        if isinstance(reply, File):
            return await upload_file(self._uploading, command.channel, reply)
        return reply

    def _read(self, command: SlashCommand, request: ParsedCommand) -> Message | File:
        """Return the reply to a command that reads the register or the changes. Raises NoStore."""
        data = self._channel_data(command.audience)
        today, days = data.today(), request.days
        match request.name:
            case "changes":
                try:
                    return changes_message(data.changes(request.text or None))
                except UnknownDocument:
                    return unknown_document(request.text, data.documents())
            case "digest":
                return digest_message(data.digest(today, _DIGEST_DAYS if days is None else days))
            case "deadlines":
                return deadlines_message(data.register(today), today, days, data.documents(), command.command)
            case "timeline":
                return timeline_file(data.register(today), today, days)
            case _:
                file = calendar_file(data.register(today), today, days, datetime.now(UTC))
                return file or blocks.notice("There is nothing to come that a calendar could hold.")

    async def _scheduled(self, command: SlashCommand, request: ParsedCommand) -> Message:
        """Return the reply to a command about what the bot sends by the clock. Raises StoreError."""
        if self._reminders is None or self._subscriptions is None:
            return blocks.notice("I send no reminders and no digests here.")
        place = Place(command.team, command.channel, command.user)
        match request.name:
            case "reminders":
                return await self._reminders.listed(command.team, command.user)
            case "subscribe":
                return await self._subscriptions.subscribe(place, request.text)
            case "unsubscribe":
                return await self._subscriptions.unsubscribe(place, request.text)
            case _:
                return await self._subscriptions.listed(place)

    async def _answer_question(self, command: SlashCommand, text: str) -> Message:
        async def on_queued(place: int) -> None:
            await self._respond(command, blocks.queue_place(place))

        record = QuestionRecord("failed")
        try:
            question = read_question(text)
            answer = await self._questions.answer(question, command.audience, on_queued=on_queued)
            record = QuestionRecord.of(answer)
            return blocks.answer_message(answer)
        except asyncio.CancelledError:
            record = QuestionRecord("cancelled")
            raise
        except Exception as error:
            notice = notice_of(error)
            if notice is None:
                raise
            message, outcome = notice
            record = QuestionRecord(outcome)
            return message
        finally:
            self._questions.record(record)

    async def _respond(self, command: SlashCommand, message: Message) -> None:
        await respond(command.response_url, message, unfurl_links=False, unfurl_media=False)
