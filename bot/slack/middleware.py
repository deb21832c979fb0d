"""The middleware that decides who is answered, where and how often, before a listener runs."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.plural import counted
from bot.slack.blocks.elements import Message, section
from bot.slack.blocks.forms import modal
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.payloads import payload_key, question_of_event, recipient_of
from bot.slack.sending.clients import FAILURES, SlackClients, error_code, open_view
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.jobs import SlackMessage

_LOG = logging.getLogger(__name__)

Middleware = Callable[..., Awaitable[BoltResponse | None]]


def admission_middleware(services: WorkspaceServices) -> Middleware:
    """Return the middleware that lets admitted users through, and tells the others why they are not."""

    async def admit(
        body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        if not _is_request(body, context):
            await next()
            return None
        is_shared = bool(body.get("is_ext_shared_channel"))
        user, channel = context.user_id or "", context.channel_id or ""
        line = await services.admission.refusal(user, channel, shared=is_shared)
        if line is None:
            await next()
            return None
        if body.get("type") == "view_submission":
            return await ack(response_action="update", view=_view(line))
        return await _refuse(services, body, context, ack, line)

    return admit


def charging_middleware(services: WorkspaceServices, cost: int) -> Middleware:
    """Return the middleware of a route with this cost: a person who has spent their budget is told when it is back."""

    async def charge(
        body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        user, key = context.user_id or "", payload_key(body, context.bot_user_id or "")
        seconds = services.budget.charge(user, key, cost) if _is_request(body, context) else 0.0
        if not seconds:
            await next()
            return None
        count = counted(services.budget.questions, "question")
        line = (
            f"I take {count} a minute from each person, or other things in their place, so I left this one. "
            f"Please try again in {counted(math.ceil(seconds), 'second')}."
        )
        if body.get("type") == "view_submission":
            # The form stays open with what was written.
            fields = (block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input")
            return await ack(response_action="errors", errors=dict.fromkeys(islice(fields, 1), line))
        if services.budget.is_told(user) and "command" not in body:
            return await ack()
        return await _refuse(services, body, context, ack, line)

    return charge


def _is_request(body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Return whether a payload is a question or an action of a person."""
    if "event" in body and question_of_event(body, context.bot_user_id or "") is None:
        return False
    return bool(context.user_id)


async def _refuse(
    services: WorkspaceServices, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, line: str
) -> BoltResponse:
    """Acknowledge a request, and tell its author why nothing is done: a command in the acknowledgement itself."""
    if "command" in body:
        return await ack(line)
    # These reply after the acknowledgement, for which Slack waits three seconds.
    clients, tasks = services.clients, services.tasks
    question = question_of_event(body, context.bot_user_id or "") if "event" in body else None
    if question is not None:
        # An event may be delivered again before it is acknowledged.
        if await services.is_new(f"refused/{question.key}"):
            tasks.start(_refuse_question(clients, question, line))
    elif body.get("type") == "shortcut":
        tasks.start(open_view(clients.unretried, str(body.get("trigger_id")), _view(line)))
    else:
        services.tell(recipient_of(body, context), Message(line, ()))
    return await ack()


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


def _view(line: str) -> dict[str, Any]:
    return modal("refused", "That did not work", [section(line)])
