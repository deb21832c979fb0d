"""The middleware that decides who is answered, where and how often, before any listener runs."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.plural import counted
from bot.slack.access.admission import RateLimit
from bot.slack.blocks.elements import Message, section
from bot.slack.blocks.forms import ASK_FORM, modal
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.payloads import question_of_event, recipient_of
from bot.slack.sending.clients import FAILURES, SlackClients, error_code, open_view
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.jobs import SlackMessage

_LOG = logging.getLogger(__name__)

Middleware = Callable[..., Awaitable[BoltResponse | None]]


def admission_middleware(services: WorkspaceServices) -> Middleware:
    """Return the middleware that lets admitted users through, and sends the others a refusal as a task."""
    admission, limit, clients, tasks = services.admission, services.limit, services.clients, services.tasks

    async def admit(
        body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        question = question_of_event(body, context.bot_user_id or "") if "event" in body else None
        if not context.user_id or ("event" in body and question is None):
            # Not a question or action of a user.
            await next()
            return None
        is_shared = bool(body.get("is_ext_shared_channel"))
        line = await admission.refusal(context.user_id, context.channel_id or "", shared=is_shared)
        asks = body.get("type") == "view_submission" and body["view"].get("callback_id") == ASK_FORM
        if line is None and (question or "command" in body or asks):
            line = _too_many(
                limit, context.user_id, question.key if question else str(body.get("trigger_id"))
            )
        if line is None:
            await next()
            return None
        if "command" in body:
            return await ack(line)
        if body.get("type") == "view_submission":
            return await ack(response_action="update", view=_view(line))
        # These two reply after the acknowledgement, for which Slack waits three seconds.
        if question is not None:
            # An event may be delivered again before it is acknowledged.
            if await services.is_new(f"refused/{question.key}"):
                tasks.start(_refuse_question(clients, question, line))
        elif context.response_url:
            services.tell(recipient_of(body, context), Message(line, ()))
        elif body.get("type") == "shortcut":
            tasks.start(open_view(clients.unretried, str(body.get("trigger_id")), _view(line)))
        return await ack()

    return admit


def _too_many(limit: RateLimit, user: str, key: str) -> str | None:
    seconds = math.ceil(limit.wait(user, key))
    if not seconds:
        return None
    count = "one question" if limit.most == 1 else f"{limit.most} questions"
    return (
        f"I take {count} a minute from each person, so I do not answer this one. "
        f"Please ask it again in {counted(seconds, 'second')}."
    )


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
