"""Receives what Slack sends: who is let through and what it costs them, and when a request is acknowledged.

A request is acknowledged at once, or after what must outlive the bot is stored or claimed. If a claim fails, it is not
acknowledged: Slack delivers an event again, and tells the user of any other request that it did not work. A request
other than an event is acknowledged 1.5 seconds after its arrival also while it is being stored: Slack would tell the
user that it failed, and never deliver it again.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from re import Pattern
from typing import Any, TypeVar

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.locales import _, joined, ngettext, use_language
from bot.slack.core.access import PRESS_COST, QUESTION_COST
from bot.slack.core.errors import InvalidForm, explanation
from bot.slack.core.payloads import (
    Press,
    follow_up_of_event,
    payload_key,
    press_of,
    question_of_event,
    recipient_of,
)
from bot.slack.core.sending.clients import FAILURES, SlackClients, error_code
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Block, Message, plain_message
from bot.slack.core.ui.forms import filled_in, loading, result_view
from bot.telemetry import request_id
from store.errors import StoreError
from store.jobs import Job, SlackMessage
from store.nul import without_nul

_LOG = logging.getLogger(__name__)

# Slack waits 3 seconds for the acknowledgement, and then Bolt gives it up. The check of the person and storing may take
# so long together, since a busy machine is late by a second.
_PATIENCE_SECONDS = 1.5
# A request does not wait longer for what Slack says of the person's language; after their admission it is known.
_LANGUAGE_SECONDS = 0.5
# When the request of this task arrived, in seconds of the monotonic clock.
_ARRIVED: ContextVar[float] = ContextVar("arrived")

Result = TypeVar("Result")
Claimed = TypeVar("Claimed")
Next = Callable[[], Awaitable[None]]
Submit = Callable[[Job[Claimed]], None]
# Does what a press is for, and returns the reply, if any.
Work = Callable[[Press], Awaitable[Message | None]]

Middleware = Callable[..., Awaitable[BoltResponse | None]]
Matcher = Callable[..., Awaitable[bool]]
Name = str | Pattern[str]
# The manifest may give the command another name.
_ANY_COMMAND = re.compile(r"^/")


async def acknowledged(work: Awaitable[Result], ack: Callable[[], Awaitable[object]]) -> Result:
    """Await what stores something, acknowledge it in time, and return its result. Raises what `work` raises."""
    working = asyncio.ensure_future(work)
    if not await _is_done_in_time(working) or working.exception() is None:
        await ack()
    return await working


async def _is_done_in_time(working: asyncio.Future[Any]) -> bool:
    """Wait for work while its request need not be acknowledged; return whether it is done."""
    left = _ARRIVED.get(time.monotonic()) + _PATIENCE_SECONDS - time.monotonic()
    done, _waiting = await asyncio.wait({working}, timeout=max(0.0, left))
    return bool(done)


async def claim_and_start(
    claim: Awaitable[Job[Claimed] | None], submit: Submit[Claimed], ack: Callable[[], Awaitable[object]]
) -> bool:
    """Await a claim, acknowledge it, and submit the job; return False for what is claimed already."""
    job = await acknowledged(claim, ack)
    if job is not None:
        submit(job)
    return job is not None


async def claim_and_go_on(
    claim: Awaitable[Job[Claimed] | None],
    submit: Submit[Claimed],
    context: AsyncBoltContext,
    ack: AsyncAck,
    next: Next,
) -> BoltResponse | None:
    """Await a claim in the middleware of `start`; an event that is claimed already is only acknowledged.

    Bolt acknowledges an event before its listener runs, and an acknowledged event is not delivered again. If the
    acknowledgement comes too late, the second delivery is already claimed.
    """
    job = await claim
    if job is None:
        return await ack()
    context["start"] = partial(submit, job)
    await next()
    return None


async def start(context: AsyncBoltContext) -> None:
    """Start the work on the claimed job of an event."""
    context["start"]()


def _is_request(body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Whether a payload is a question or an action of a person."""
    if "event" in body and question_of_event(body, context.bot_user_id or "") is None:
        return False
    return bool(context.user_id)


async def _refuse_question(clients: SlackClients, question: SlackMessage, line: str) -> None:
    """Tell the user alone: in a channel by an ephemeral message."""
    if not question.is_direct:
        return await reply_privately(clients, Recipient.of(question), Message(line, ()))
    try:
        await clients.posting.chat_postMessage(
            channel=question.channel, thread_ts=question.thread or None, text=line, unfurl_links=False
        )
    except FAILURES as error:
        _LOG.warning("a refusal did not reach the asker: %s", error_code(error))


@dataclass(slots=True)
class Routes:
    """Registers the functions of features for what Slack sends, each with what it costs the person who uses it.

    Routes are tried in the order of their registration, and the first that matches gets the request.
    """

    app: AsyncApp
    services: WorkspaceServices
    refresh: Callable[[Press, Message | None], bool] = field(init=False)
    """Starts to show in the Home tab, or in the window with the same choices, that a press there is done, or why it is
    not; returns False for a press elsewhere. Registered by the Home tab."""

    def begin(self) -> None:
        """Register what comes before each route."""
        for middleware in (_strip_nul, _identify, self._admit, self._use_language):
            self.app.middleware(middleware)
        self.app.error(self._explain)

    def event(self, event: str | Pattern[str], listener: Callable[..., Any], *middleware: Middleware) -> None:
        """Register the listener of an event, for which nobody is charged here."""
        self.app.event(event, middleware=middleware)(listener)

    def messages(
        self, claim: Middleware, *matchers: Matcher, cost: int = QUESTION_COST, mentions: bool = True
    ) -> None:
        """Register what people write; `claim` is a middleware that claims a job and goes on."""
        charge = [self._charge(cost)] if cost else []
        for event in ("app_mention", "message") if mentions else ("message",):
            self.app.event(event, matchers=matchers, middleware=[*charge, claim])(start)

    def press(self, action: Name, work: Work, *, cost: int = PRESS_COST) -> None:
        """Register a button whose work begins after the acknowledgement, and is done once."""

        async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
            await ack()
            self._start(work, press_of(body))

        self.action(action, listener, cost=cost)

    def press_stored(self, action: Name, work: Work, *, cost: int = PRESS_COST) -> None:
        """Register a button whose work is done before the acknowledgement, and may be done twice.

        A kill in between loses nothing.
        """

        async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
            await acknowledged(self._complete(work, press_of(body)), ack)

        self.action(action, listener, cost=cost)

    def action(self, action: Name, listener: Callable[..., Any], *, cost: int = PRESS_COST) -> None:
        """Register a button whose listener acknowledges it."""
        self.app.action(action, middleware=[self._charge(cost)] if cost else [])(listener)

    def form(
        self, form: str, work: Callable[[Press], Awaitable[Message | Block | None]], *, cost: int = PRESS_COST
    ) -> None:
        """Register a form, which becomes the message or window that `work` returns; without one it closes.

        It stays open with what was written where `work` raises InvalidForm, or where nothing can be stored.
        """

        async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
            await self._submit(work, body, ack)

        self.app.view(form, middleware=[self._charge(cost)])(listener)

    def shortcut(self, name: str, listener: Callable[..., Any], *, cost: int = QUESTION_COST) -> None:
        """Register a shortcut of a message, whose listener acknowledges it."""
        self.app.shortcut(name, middleware=[self._charge(cost)])(listener)

    def command(self, listener: Callable[..., Any]) -> None:
        """Register the slash command, whatever its name is in the manifest."""
        self.app.command(_ANY_COMMAND, middleware=[self._charge(QUESTION_COST)])(listener)

    async def _admit(
        self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
    ) -> BoltResponse | None:
        """Let admitted users through, and tell the others why they are not."""
        line = None
        if _is_request(body, context):
            is_shared = bool(body.get("is_ext_shared_channel"))
            user, channel = context.user_id or "", context.channel_id or ""
            line = await self.services.admission.refusal(user, channel, shared=is_shared)
        if line is None:
            await next()
            return None
        # Their admission has asked Slack who it is.
        use_language(self.services.admission.cache.language(context.user_id or ""))
        if body.get("type") == "view_submission":
            return await ack(response_action="update", view=filled_in(body["view"], line))
        return await self._refuse(body, context, ack, line)

    async def _use_language(self, body: dict[str, Any], context: AsyncBoltContext, next: Next) -> None:
        """Use the person's language in all that follows."""
        bot_user = context.bot_user_id or ""
        asked = question_of_event(body, bot_user) or follow_up_of_event(body, bot_user)
        # Nothing is said to other messages of people.
        if context.user_id and (asked or (body.get("event") or {}).get("type") != "message"):
            use_language(await self.services.people.language(context.user_id, _LANGUAGE_SECONDS))
        await next()

    def _charge(self, cost: int) -> Middleware:
        """Return the middleware of this cost: a person who has spent their budget is told when it is back."""

        async def charge(
            body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
        ) -> BoltResponse | None:
            budget = self.services.budget
            user, key = context.user_id or "", payload_key(body, context.bot_user_id or "")
            seconds = budget.charge(user, key, cost) if _is_request(body, context) else 0.0
            if not seconds:
                await next()
                return None
            rule = ngettext(
                "I take {count} question or other request a minute from each person, so I did not do this one.",
                "I take {count} questions or other requests a minute from each person, so I did not do this one.",
                budget.questions,
            )
            advice = ngettext(
                "Please try again in {count} second.",
                "Please try again in {count} seconds.",
                math.ceil(seconds),
            )
            line = joined(rule, advice)
            if body.get("type") == "view_submission":
                # The form stays open with what was written.
                return await ack(response_action="errors", errors=_on_first_field(body["view"], line))
            if not budget.is_first_refusal(user) and "command" not in body:
                return await ack()
            return await self._refuse(body, context, ack, line)

        return charge

    async def _refuse(
        self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, line: str
    ) -> BoltResponse:
        """Acknowledge a request, and tell its author why nothing is done: a command in the acknowledgement itself."""
        if "command" in body:
            return await ack(line)
        # These reply after the acknowledgement, for which Slack waits three seconds.
        services = self.services
        question = question_of_event(body, context.bot_user_id or "") if "event" in body else None
        if question is not None:
            # An event may be delivered again before it is acknowledged.
            if await services.is_new(f"refused/{question.key}"):
                services.tasks.start(_refuse_question(services.clients, question, line))
        else:
            services.tell(recipient_of(body, context), Message(line, ()))
        return await ack()

    def _start(self, work: Work, press: Press) -> None:
        """Start the work on a press, which is done once; its message, if any, is the reply. Returns at once."""
        services = self.services

        async def handle() -> None:
            try:
                message = await work(press) if await services.is_new(f"press/{press.trigger}") else None
            except Exception as error:
                message = explanation(error, "the press")
            if message is not None:
                services.tell_of(press, message)

        services.tasks.start(handle())

    async def _complete(self, work: Work, press: Press) -> None:
        """Do what a press is for, which may be done twice, then start the reply: in the Home tab, the updated tab."""
        failure = None
        try:
            message = await work(press)
        except Exception as error:
            message = failure = explanation(error, "the press")
        if not self.refresh(press, failure) and message:
            self.services.tell_of(press, message)

    async def _submit(
        self, work: Callable[[Press], Awaitable[Message | Block | None]], body: dict[str, Any], ack: AsyncAck
    ) -> None:
        """Do what a form is for; one that takes longer than a request may is shown to be at work."""
        press = press_of(body)
        working = asyncio.ensure_future(work(press))
        in_time = await _is_done_in_time(working)
        if not in_time:
            await ack(response_action="update", view=loading())
        errors: dict[str, str] = {}
        result: Message | Block | None = None
        try:
            result = await working
        except InvalidForm as error:
            errors = error.errors
        except StoreError as error:
            errors = _on_first_field(press.view, explanation(error, "the form").text)
        except Exception as error:
            result = explanation(error, "the form", in_words=False)
        if in_time and errors:
            await ack(response_action="errors", errors=errors)
        elif in_time and result is None:
            await ack()
        else:
            shown = result or plain_message(_("Done."))
            view = result_view(press.view, shown) if isinstance(shown, Message) else shown
            if errors:
                view = filled_in(press.view, "\n".join(errors.values()))
            if in_time:
                await ack(response_action="update", view=view)
            else:
                # Its hash is another one since it shows that it is at work.
                await self.services.update_window({"id": press.view["id"]}, view)

    async def _explain(
        self, error: Exception, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck
    ) -> None:
        """Tell a person whose request fails after it was acknowledged.

        If the request was not acknowledged, Slack itself tells the person, or delivers the event again.
        """
        message = explanation(error, "the request")
        if context.user_id and ack.response is not None and "event" not in body:
            await reply_privately(self.services.clients, recipient_of(body, context), message)


def _on_first_field(view: Mapping[str, Any], line: str) -> dict[str, str]:
    """Return a line as the error of a form: Slack shows each at a field."""
    fields = (block["block_id"] for block in view["blocks"] if block["type"] == "input")
    return dict.fromkeys(islice(fields, 1), line)


async def _identify(body: dict[str, Any], context: AsyncBoltContext, next: Next) -> None:
    _ARRIVED.set(time.monotonic())
    request_id.bind_key(payload_key(body, context.bot_user_id or ""))
    await next()


async def _strip_nul(body: dict[str, Any], next: Next) -> None:
    # In place: Bolt makes the arguments of later listeners from the same body.
    body.update(without_nul(body))
    await next()
