"""Where slash commands are served: messages for the asker alone, and files into the channel.

A command is acknowledged before anything else happens, then claimed, so that one delivered twice is
served once. What reads only the register never waits for the model.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import Answer
from bot.changes.comparison import Changes
from bot.errors import QuestionError, UnknownDocument
from bot.question import read_question
from bot.register import RegisterEntry
from bot.register.digest import Digest
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.changes import changes_message, unknown_document
from bot.slack.blocks.digest import digest_message
from bot.slack.blocks.messages import Message
from bot.slack.blocks.register import File, calendar_file, deadlines_message, timeline_file
from bot.slack.command import Request, read_command
from bot.slack.handlers.answer_queue import QueueFull, TellPlace
from bot.slack.sending.clients import FAILURES, reason, respond
from store.audiences import Audience, of_channel
from store.jobs import QuestionStore
from store.records import Document

_LOG = logging.getLogger(__name__)

_DIGEST_DAYS = 30
# Slack's words for a channel that the bot is not in, or may not write to.
_ELSEWHERE = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "invalid_channel"}


@dataclass(frozen=True, slots=True)
class Library:
    """What commands read for those in a channel. Every function may block, and is called from several threads."""

    today: Callable[[], date]
    register: Callable[[date], list[RegisterEntry]]
    documents: Callable[[], list[Document]]
    digest: Callable[[date, int], Digest]
    changes: Callable[[str | None], Changes]


@dataclass(frozen=True, slots=True)
class Call:
    """One command as it came in; `key` is the same for each delivery of it."""

    key: str
    command: str
    text: str
    team: str
    channel: str
    response_url: str = field(repr=False)

    @property
    def audience(self) -> Audience:
        """Who may see the reply: the channel that the command is used in."""
        return of_channel(self.team, self.channel)


class Consult(Protocol):
    """Answers a question as Desk.consult does."""

    async def __call__(self, question: str, audience: Audience, *, waits: TellPlace) -> Answer: ...


class CommandDesk:
    """Serves commands. `library` returns what those in a channel may see; it may block.

    `consult` answers a question as the assistant does for those in a channel, once the model is loaded.
    """

    def __init__(
        self,
        library: Callable[[Audience], Library],
        consult: Consult,
        state: QuestionStore,
        uploading: AsyncWebClient,
    ) -> None:
        self._library = library
        self._consult = consult
        self._state = state
        self._uploading = uploading
        self._drawing = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, call: Call) -> None:
        """Start serving a command that was acknowledged; returns at once."""
        task = asyncio.create_task(self._serve(call))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self, patience: float) -> None:
        """Finish what is under way within `patience` seconds."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=patience)
        for task in list(self._under_way):
            task.cancel()

    async def _serve(self, call: Call) -> None:
        try:
            if not await asyncio.to_thread(self._state.claim_event, f"command/{call.key}"):
                return
            message = await self._reply(call, read_command(call.text))
        except Exception:
            reference = f"R-{secrets.token_hex(4).upper()}"
            _LOG.exception("%s: the command %s failed", reference, call.key)
            message = blocks.apology(reference)
        if message is not None:
            await self._respond(call, message)

    async def _reply(self, call: Call, request: Request) -> Message | None:
        """Return what the asker is told; None where a file in the channel says it all."""
        match request.name:
            case "help":
                return blocks.command_help(call.command)
            case "unknown":
                return blocks.command_help(call.command, unknown=call.text, nearest=request.text)
            case "question":
                return await self._answer(call, request.text)
            case "changes":
                return await asyncio.to_thread(self._changes, call, request.text)
            case "deadlines":
                return await asyncio.to_thread(self._deadlines, call, request.days)
            case "digest":
                days = _DIGEST_DAYS if request.days is None else request.days
                return digest_message(await asyncio.to_thread(self._digest, call, days))
            case "timeline":
                async with self._drawing:  # matplotlib's caches are not made for several threads
                    file: File | None = await asyncio.to_thread(self._timeline, call, request.days)
            case "calendar":
                file = await asyncio.to_thread(self._calendar, call, request.days)
        if file is None:
            return blocks.notice("There is nothing to come that a calendar could hold.")
        return await self._upload(call, file)

    async def _answer(self, call: Call, text: str) -> Message:
        async def waits(place: int) -> None:
            await self._respond(call, blocks.waiting(place))

        try:
            return blocks.answer(await self._consult(read_question(text), call.audience, waits=waits))
        except QuestionError as error:
            return blocks.unreadable(str(error))
        except QueueFull:
            return blocks.queue_full()

    def _deadlines(self, call: Call, days: int | None) -> Message:
        library = self._library(call.audience)
        day = library.today()
        return deadlines_message(library.register(day), day, days, library.documents(), call.command)

    def _changes(self, call: Call, source: str) -> Message:
        library = self._library(call.audience)
        try:
            return changes_message(library.changes(source or None))
        except UnknownDocument:
            return unknown_document(source, library.documents())

    def _digest(self, call: Call, days: int) -> Digest:
        library = self._library(call.audience)
        return library.digest(library.today(), days)

    def _timeline(self, call: Call, days: int | None) -> File:
        library = self._library(call.audience)
        day = library.today()
        return timeline_file(library.register(day), day, days)

    def _calendar(self, call: Call, days: int | None) -> File | None:
        library = self._library(call.audience)
        day = library.today()
        return calendar_file(library.register(day), day, days, datetime.now(UTC))

    async def _upload(self, call: Call, file: File) -> Message | None:
        try:
            await self._uploading.files_upload_v2(
                filename=file.name,
                title=file.title,
                content=file.data,
                channel=call.channel,
                initial_comment=file.comment,
            )
        except SlackApiError as error:
            if reason(error) in _ELSEWHERE:
                return blocks.not_here()
            _LOG.warning("Slack did not take %s: %s", file.name, reason(error))
            return blocks.not_uploaded()
        except (SlackRequestError, *FAILURES) as error:
            _LOG.warning("%s could not be uploaded: %s", file.name, error)
            return blocks.not_uploaded()
        return None

    async def _respond(self, call: Call, message: Message) -> None:
        plain = {"unfurl_links": False, "unfurl_media": False}
        if why := await respond(call.response_url, message.text, list(message.blocks), **plain):
            _LOG.warning("the reply to the command %s could not be sent: %s", call.key, why)
