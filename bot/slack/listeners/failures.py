"""What a person is told whose request fails after it was acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers.endings import explanation
from bot.slack.listeners.payloads import payload_key
from bot.slack.sending.clients import SlackClients
from bot.slack.sending.private_replies import Recipient, reply_privately


def explain_failures(clients: SlackClients) -> Callable[..., Awaitable[None]]:
    """Return Bolt's handler of errors.

    Of a request that is not acknowledged, Slack itself tells the person that it failed; an event it delivers again.
    """

    async def explain(
        error: Exception, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck
    ) -> None:
        message = explanation(error, "the request %s", payload_key(body, context.bot_user_id or ""))
        if context.user_id and ack.response is not None and "event" not in body:
            thread = str((body.get("message") or {}).get("thread_ts") or "")
            to = Recipient(context.user_id, context.channel_id or "", thread, context.response_url or "")
            await reply_privately(clients, to, message)

    return explain
