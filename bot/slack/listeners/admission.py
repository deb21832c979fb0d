"""Who may ask, where and how often: looked at before any other listener, for all that people do in Slack."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.access.admission import Admission
from bot.slack.access.rate_limit import RateLimit
from bot.slack.incoming import read_question
from bot.slack.sending.clients import FAILURES, respond
from store.jobs import QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)

Middleware = Callable[..., Awaitable[BoltResponse | None]]


def admitting(
    admission: Admission, limit: RateLimit, state: QuestionStore, client: AsyncWebClient
) -> Middleware:
    """Return the middleware that lets through who is admitted, and tells the others why they are not.

    `client` repeats nothing.
    """

    telling: set[asyncio.Task[None]] = set()

    def after_acknowledging(work: Coroutine[Any, Any, None]) -> None:
        """Start to tell why: Slack delivers again what is not acknowledged within three seconds."""
        task = asyncio.create_task(work)
        telling.add(task)
        task.add_done_callback(telling.discard)

    async def admit(
        body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        asked = read_question(body, context.bot_user_id or "") if "event" in body else None
        if not context.user_id or ("event" in body and asked is None):
            # Nobody asks anything.
            await next()
            return None
        shared = bool(body.get("is_ext_shared_channel"))
        line = await admission.refusal(context.user_id, context.channel_id or "", shared=shared)
        if line is None and (asked or "command" in body):
            line = _too_many(limit, context.user_id, asked.key if asked else str(body.get("trigger_id")))
        if line is None:
            await next()
            return None
        if asked is not None:
            # An event may be delivered again before it is acknowledged.
            if await asyncio.to_thread(state.claim_event, f"refused/{asked.key}"):
                after_acknowledging(_tell(client, asked, line))
            return await ack()
        if "command" in body:
            return await ack(line)
        if body.get("type") == "view_submission":
            return await ack(response_action="update", view=_view(line))
        if context.response_url:
            after_acknowledging(_respond(context.response_url, line))
        return await ack()

    return admit


def _too_many(limit: RateLimit, user: str, key: str) -> str | None:
    seconds = math.ceil(limit.wait(user, key))
    if not seconds:
        return None
    count = "one question" if limit.most == 1 else f"{limit.most} questions"
    unit = "second" if seconds == 1 else "seconds"
    return (
        f"I take {count} a minute from each person, so I do not answer this one. "
        f"Please ask it again in {seconds} {unit}."
    )


async def _tell(client: AsyncWebClient, asked: SlackMessage, line: str) -> None:
    """Tell the person alone: in a channel by a message that only they see."""
    try:
        if asked.channel.startswith("D"):
            await client.chat_postMessage(
                channel=asked.channel, thread_ts=asked.thread or None, text=line, unfurl_links=False
            )
        else:
            # Slack shows such a message in a thread only where the thread has begun.
            thread = asked.thread if asked.thread != asked.ts else None
            await client.chat_postEphemeral(
                channel=asked.channel, user=asked.user, thread_ts=thread, text=line
            )
    except FAILURES:
        _LOG.warning("%s could not be told why there is no answer to %s", asked.user, asked.key)


async def _respond(response_url: str, line: str) -> None:
    if why := await respond(response_url, line, replace_original=False):
        _LOG.warning("a refusal could not be told: %s", why)


def _view(line: str) -> dict[str, Any]:
    text = {"type": "mrkdwn", "text": line}
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Not saved"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [{"type": "section", "text": text}],
    }
