"""The slash command: a list of its words, and replies to the user alone, or files in their direct messages.

What has to outlive the bot is claimed as a question, a share or another job before the acknowledgement. All else is
claimed after it, so that a command delivered twice is answered once; none of that waits for the model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.locales import _
from bot.slack.core.errors import explanation
from bot.slack.core.feature import Feature
from bot.slack.core.receiving import Routes
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Message, context, plain_message, section
from bot.slack.core.ui.messages import quoted, with_share_button
from bot.slack.core.ui.mrkdwn import escape_short
from bot.slack.core.words import HELP, QUESTION, CommandWord, SlashCommand, command_of
from store.audiences import of_channel
from store.jobs import Delivery, Share, SlackMessage
from store.records import EVERYBODY

# Seconds for the last reply of a command that a stop cuts off.
_LAST_SECONDS = 2.0

_NAME_CHARS = 150

Acknowledge = Callable[[], Awaitable[object]]
# Claims a question with its delivery, or what is shared, for the id of a request; acknowledges it, and starts the work.
StartQuestion = Callable[[SlackMessage, Delivery, str, Acknowledge], Awaitable[None]]
StartShare = Callable[[Share, str, Acknowledge], Awaitable[None]]


def restarting() -> Message:
    """Return the reply to a command that a stop cuts off."""
    return plain_message(_("I am restarting. Please send this again in a minute."))


def _shareable(message: Message, command: SlashCommand) -> Message:
    asked = command.message
    return with_share_button(message, asked.channel, f"report {asked.ts} {asked.text}")


def help_message(command: str, words: Sequence[CommandWord]) -> Message:
    """Return the list of the command's words."""
    name = escape_short(command, _NAME_CHARS)
    lines = [f"`{name} {word}`  {what}" for word, what in _listed(words)]
    return Message.of([section("\n".join(lines)), context(_("Only you see the replies."))])


def _listed(words: Sequence[CommandWord]) -> Iterable[tuple[str, str]]:
    yield _("When is the Summit of the Future?"), _("an answer")
    yield from ((word.name, _(word.what)) for word in words)
    yield HELP, _("this list")


def searching_line(question: str, *, loading: bool) -> str:
    """Return the line that acknowledges a question, as mrkdwn."""
    if loading:
        return _(
            "I have just started and am still loading. Then I will look for an answer to {question}. "
            "I will post it here in a moment.",
            question=quoted(question),
        )
    return _(
        "I am looking for an answer to {question}. I will post it here in a moment.",
        question=quoted(question),
    )


def file_sent_message(name: str, link: str, *, own_documents: bool) -> Message:
    """Return the message with the link to a file in direct messages.

    `own_documents`: the conversation of the command has documents that must not be in the file.
    """
    address = link.replace("&", "&amp;")
    file = f"<{address}|{escape_short(name, _NAME_CHARS)}>"
    blocks = [section(_("I sent you {file} in our direct messages.", file=file))]
    if own_documents:
        left_out = _("It has what everybody may see, and so not the documents of this conversation.")
        blocks.append(context(left_out))
    return Message.of(blocks)


class Commands(Feature):
    """Answers the slash command. `is_loading` returns True while no question can be answered yet."""

    def __init__(
        self,
        services: WorkspaceServices,
        ask: StartQuestion,
        share: StartShare,
        is_loading: Callable[[], bool],
    ) -> None:
        self._services = services
        self._ask, self._share, self._is_loading = ask, share, is_loading

    def add_routes(self, routes: Routes) -> None:
        """Route the command."""
        routes.command(self.start)

    async def start(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Acknowledge a command, then start answering it."""
        command = command_of(body, self._services.words)
        request, event_id = command.request, f"command/{command.key}"
        if request.name == QUESTION:
            question = replace(command.message, thread=command.message.ts, text=request.text)
            delivery = Delivery(response_url=command.response_url)
            echo = partial(ack, searching_line(request.text, loading=self._is_loading()))
            return await self._ask(question, delivery, event_id, echo)
        if request.name != HELP:
            feature, word = self._services.feature_of(request)
            if word.kind == "job":
                return await feature.begin(command, event_id, ack)
            if word.kind == "change":
                return await self._share(Share(command.message, command.response_url), event_id, ack)
        await ack()
        self._services.tasks.start(self._handle(command))

    async def _handle(self, command: SlashCommand) -> None:
        try:
            if not await self._services.is_new(f"command/{command.key}"):
                return
            message = await self._reply(command)
        except asyncio.CancelledError:
            # No other bot takes a command over. It may be sent for a short time only: the process is ending.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._respond(command, restarting())
            raise
        except Exception as error:
            message = explanation(error, "the command")
        if message is not None:
            await self._respond(command, message)

    async def _reply(self, command: SlashCommand) -> Message | None:
        """Return the message to the user; None where they are looking at the file or at a window."""
        services, request = self._services, command.request
        if request.name == HELP:
            return help_message(command.name, services.words)
        feature, word = services.feature_of(request)
        if word.kind == "file":
            return await self._send_file(command)
        if word.kind == "window":
            await feature.open_window(command)
            return None
        if word.kind != "report":
            return await feature.carry_out(command.message, request)
        reply = await services.report(command.audience, request, command.name)
        return _shareable(reply, command) if isinstance(reply, Message) else None

    async def _send_file(self, command: SlashCommand) -> Message | None:
        """Send a file to the user's direct messages; return the message that links to it.

        The file has what the direct messages may see: not the documents of the command's channel alone. Raises NotDone.
        """
        services, message = self._services, command.message
        direct = await services.open_direct(message.user)
        file = await services.report(of_channel(message.team, direct), command.request, command.name)
        if isinstance(file, Message):
            return file
        link = await services.send_file(direct, file)
        if direct == message.channel:
            return None
        documents = await asyncio.to_thread(lambda: services.channel_data(command.audience).documents())
        own = any(document.audience != EVERYBODY for document in documents)
        return file_sent_message(file.name, link, own_documents=own)

    async def _respond(self, command: SlashCommand, message: Message) -> None:
        to = Recipient.of(command.message, command.response_url)
        await reply_privately(self._services.clients, to, message)
