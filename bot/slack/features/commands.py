"""The slash command: alone it opens what a person can choose; it also takes a question, "dates" or "subscribe".

A question is claimed before the acknowledgement, and a subscription is stored. All else is claimed after it, so that a
command delivered twice is answered once; none of that waits for the model.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.locales import _
from bot.slack.core.errors import explanation
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press, installed_team
from bot.slack.core.receiving import Routes, acknowledged
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Message, plain_message, section
from bot.slack.core.ui.messages import SHOW_AGAIN, quoted, reply_gone, with_question
from bot.slack.core.ui.mrkdwn import escape_short, to_plain_text
from store.audiences import Audience, of_channel
from store.jobs import BriefJob, BriefStore, Delivery, QuestionJob, SlackMessage

# Seconds for the last reply of a command that a stop cuts off.
_LAST_SECONDS = 2.0
_NAME_CHARS = 150

# Days: ten years.
_MOST_DAYS = 3_650
_UNITS = {"d": 1.0, "w": 7.0, "m": 365 / 12, "y": 365.0}
_SPAN = re.compile(
    r"(?:(?:in|within|for|over)\s+)?(?:the\s+)?(?:next\s+)?(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")

Acknowledge = Callable[[], Awaitable[object]]
# Claims a question with its delivery for the id of a request, acknowledges it, and starts the work.
StartQuestion = Callable[[SlackMessage, Delivery, str, Acknowledge], Awaitable[None]]
# Returns the dates that an audience sees, of the next days or all.
ListDates = Callable[[Audience, int | None], Awaitable[Message]]
# Begins the subscription that a text asks for, once for the id of a request, or lists those of its conversation. Raises
# NotDone, StoreError.
Subscribe = Callable[[SlackMessage, str], Awaitable[Message]]
OpenChoices = Callable[[Press], Awaitable[None]]


def press_of_command(body: Mapping[str, Any]) -> Press:
    """Return the slash command that somebody used, with what was typed behind its name as the value."""
    channel, user = str(body.get("channel_id") or ""), str(body.get("user_id") or "")
    text = " ".join(to_plain_text(str(body.get("text") or "")).split())
    audience = of_channel(installed_team(body), channel)
    return Press(str(body["trigger_id"]), user, audience, text, response_url=body["response_url"])


def days_of(span: str) -> int | None:
    """Return the days of a span such as "2 weeks"; None for another text, such as a year."""
    found = _SPAN.fullmatch(span.strip().rstrip("."))
    if found is None or (found[2] is None and _YEAR.fullmatch(found[1])):
        return None
    return min(round(int(found[1]) * _UNITS[(found[2] or "d")[0].lower()]), _MOST_DAYS)


def help_message(command: str) -> Message:
    """Return what can be typed after the command."""
    name = escape_short(command, _NAME_CHARS)
    lines = {
        "": _("everything that you can choose"),
        _("When is the Summit of the Future?"): _("an answer, in our messages"),
        "dates 30d": _("the coming dates, here of the next 30 days"),
        "subscribe weekly WSIS": _("a digest for this conversation"),
    }
    typed = (f"`{f'{name} {words}'.strip()}`  {what}" for words, what in lines.items())
    return Message.of([section("\n".join(typed))])


def _echo(question: str, *, loading: bool) -> str:
    """Return the line that acknowledges a question, as mrkdwn."""
    asked = quoted(question)
    if loading:
        return _("I am still starting. The answer to {question} will be in our messages.", question=asked)
    return _("The answer to {question} will be in our messages.", question=asked)


class Commands(Feature):
    """Answers the slash command, and shows again what only a person saw. `is_loading`: no question is answered yet."""

    def __init__(
        self,
        services: WorkspaceServices,
        ask: StartQuestion,
        is_loading: Callable[[], bool],
        list_dates: ListDates,
        subscribe: Subscribe,
        open_choices: OpenChoices,
    ) -> None:
        self._services = services
        self._ask, self._is_loading = ask, is_loading
        self._list_dates, self._subscribe, self._open_choices = list_dates, subscribe, open_choices
        self._briefs = BriefStore.beside(services.question_store)

    def add_routes(self, routes: Routes) -> None:
        """Route the command, and the button that shows a result again."""
        routes.command(self.start)
        routes.press(SHOW_AGAIN, self.show_again)

    async def start(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Acknowledge a command, then start answering it."""
        command = press_of_command(body)
        text = command.value
        first, _space, rest = text.partition(" ")
        word, days = first.casefold().rstrip(".,:;!"), days_of(rest)
        if word == "subscribe" and not text.endswith("?"):
            return await self._begin_subscription(command, rest, ack)
        if word in ("", "help") and not rest:
            await ack()
            return self._services.tasks.start(
                self._handle(command, self._help if word else self._open_choices)
            )
        if word == "dates" and (not rest or days is not None):
            await ack()
            return self._services.tasks.start(self._handle(command, partial(self._dates, days)))
        echo = partial(ack, _echo(text, loading=self._is_loading()))
        asked = replace(command.asked, text=text)
        await self._ask(asked, Delivery(command.response_url), f"command/{command.trigger}", echo)

    async def _begin_subscription(self, command: Press, words: str, ack: AsyncAck) -> None:
        """Store a subscription, acknowledge it, and say what is stored; without words, list those of here."""
        asked = replace(command.asked, text=words)
        try:
            message = await acknowledged(self._subscribe(asked, command.trigger), ack)
        except Exception as error:
            await ack()
            message = explanation(error, "the command")
        self._services.tell(command.recipient, message)

    async def _handle(self, command: Press, work: Callable[[Press], Awaitable[Message | None]]) -> None:
        """Do what a command is for, once, and reply."""
        clients = self._services.clients
        try:
            if not await self._services.is_new(f"command/{command.trigger}"):
                return
            message = await work(command)
        except asyncio.CancelledError:
            # No other bot takes a command over. It may be sent for a short time only: the process is ending.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    restarting = plain_message(_("I am restarting. Please send this again in a minute."))
                    await reply_privately(clients, command.recipient, restarting)
            raise
        except Exception as error:
            message = explanation(error, "the command")
        if message is not None:
            await reply_privately(clients, command.recipient, message)

    async def _help(self, _command: Press) -> Message:
        return help_message(self._services.options.settings.command)

    async def _dates(self, days: int | None, command: Press) -> Message:
        return await self._list_dates(command.audience, days)

    async def show_again(self, press: Press) -> Message | None:
        """Show the person again what stays in a conversation; the value is its key. Raises StoreError."""
        question = await asyncio.to_thread(self._services.question_store.work_of, press.value)
        work: QuestionJob | BriefJob | None = question
        work = work or await asyncio.to_thread(self._briefs.work_of, press.value)
        if work is None or work.content is None or work.message.user != press.user:
            return reply_gone()
        asked, content = work.message, work.content
        message = Message(content["text"], tuple(content["blocks"]))
        if question is not None:
            message = with_question(message, asked.text)
        await reply_privately(self._services.clients, Recipient.of(asked), message)
        return None
