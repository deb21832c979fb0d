"""Answers slash commands that are no questions: with a message to the user alone, or a file in their direct messages.

A command is claimed after its acknowledgement, so that one delivered twice is answered once. None waits for the model.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.acknowledging import claim_and_start
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message
from bot.slack.blocks.sharing import file_sent_message, searching_line, with_share_button
from bot.slack.command_parser import LASTING, SHAREABLE
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.replies import explanation
from bot.slack.handlers.reports import has_own_documents, read_report
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.handlers.shares import ShareHandler
from bot.slack.handlers.subscriptions import SubscriptionHandler
from bot.slack.payloads import SlashCommand, command_of
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.audiences import of_channel
from store.jobs import Delivery, Share

# Seconds for the last reply of a command that a stop cuts off.
_LAST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class CommandHandler:
    """Answers commands. What has to outlive the bot is claimed as a question or a share before the acknowledgement."""

    services: WorkspaceServices
    questions: QuestionHandler
    shares: ShareHandler
    reminders: ReminderHandler
    subscriptions: SubscriptionHandler

    async def start(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Acknowledge a command, then start answering it."""
        command = command_of(body)
        request = command.request
        event_id = f"command/{command.key}"
        if request.name == "question":
            question = replace(command.message, thread=command.message.ts, text=request.text)
            delivery = Delivery(request.share, command.response_url)
            claim = self.questions.claim(question, delivery, event_id)
            echo = partial(ack, searching_line(request.text, loading=not self.questions.warm))
            await claim_and_start(claim, self.questions.runner.submit, echo)
        elif (request.share and request.name in SHAREABLE) or request.name in LASTING:
            share = Share(command.message, command.response_url)
            await claim_and_start(self.shares.claim(share, event_id), self.shares.runner.submit, ack)
        else:
            await ack()
            self.services.tasks.start(self._handle(command))

    async def _handle(self, command: SlashCommand) -> None:
        try:
            if not await self.services.is_new(f"command/{command.key}"):
                return
            message = await self._reply(command)
        except asyncio.CancelledError:
            # No other bot takes a command over. It may be sent for a short time only: the process is ending.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._respond(command, blocks.RESTARTING)
            raise
        except Exception as error:
            message = explanation(error, "the command")
        if message is not None:
            await self._respond(command, message)

    async def _reply(self, command: SlashCommand) -> Message | None:
        """Return the message to the user; None where they are looking at the file."""
        match command.request.name:
            case "help":
                return blocks.command_help_message(command.name)
            case "unknown":
                nearest = command.request.text
                return blocks.command_help_message(command.name, unknown=command.typed, nearest=nearest)
            case "reminders":
                return await self.reminders.of_person(command.message.user)
            case "subscriptions":
                return await self.subscriptions.listed(command.message)
            case "timeline" | "calendar":
                return await self._send_file(command)
        reply = await read_report(self.services, command.audience, command.request, command.name)
        return _shareable(reply, command) if isinstance(reply, Message) else None

    async def _send_file(self, command: SlashCommand) -> Message | None:
        """Send a file to the user's direct messages; return the message that links to it.

        The file has what the direct messages may see: not the documents of the command's channel alone. Raises NotDone.
        """
        message = command.message
        direct = await self.services.open_direct(message.user)
        file = await read_report(
            self.services, of_channel(message.team, direct), command.request, command.name
        )
        if isinstance(file, Message):
            return file
        link = await self.services.send_file(direct, file)
        if direct == message.channel:
            return None
        own = await has_own_documents(self.services, command.audience)
        return _shareable(file_sent_message(file.name, link, own_documents=own), command)

    async def _respond(self, command: SlashCommand, message: Message) -> None:
        to = Recipient.of(command.message, command.response_url)
        await reply_privately(self.services.clients, to, message)


def _shareable(message: Message, command: SlashCommand) -> Message:
    asked = command.message
    return with_share_button(message, asked.channel, f"report {asked.ts} {asked.text}")
