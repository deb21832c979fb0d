"""Replies that one person alone sees, in the channel where they pressed, chose or typed something.

Slack keeps no record of such a reply, so it cannot be looked up. One that may have arrived is not sent again, and what
is said in a channel is not repeated elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.core.sending.clients import (
    FAILURES,
    MOST_RETRIES,
    SlackClients,
    error_code,
    is_about_content,
    is_undone,
)
from bot.slack.core.ui.elements import Message
from bot.slack.core.ui.messages import unconfirmed_reply_message
from store.jobs import SlackMessage

_LOG = logging.getLogger(__name__)

# What became of a reply; "refused": it was certainly not shown.
Outcome = Literal["shown", "refused", "in doubt"]
# Sends the content of a message, and returns what became of it and, unless it is shown, why.
Send = Callable[[dict[str, Any]], Awaitable[tuple[Outcome, str]]]
_NO_PREVIEWS: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who alone sees a reply, and the channel and thread of what they did; outside channels both are ""."""

    user: str
    channel: str = ""
    thread: str = ""
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)

    @classmethod
    def of(cls, message: SlackMessage, response_url: str = "") -> Self:
        """Return the author of a message, where it is.

        What somebody does outside channels has their id as its channel. Slack shows a reply in a thread only where the
        thread has begun.
        """
        channel = "" if message.channel == message.user else message.channel
        thread = "" if message.thread == message.ts else message.thread
        return cls(message.user, channel, thread, response_url)


async def reply_privately(clients: SlackClients, to: Recipient, message: Message) -> None:
    """Send a reply once, where the person did something; outside channels it is a direct message.

    Where Slack does not confirm that, the person is told so in direct messages, without the reply.
    """
    if to.channel or to.response_url:
        if await show_privately(clients, to, message) == "shown":
            return
        message = unconfirmed_reply_message(to.channel) if to.channel else message
    if await _send(_posting(clients, to.user), message) != "shown":
        _LOG.warning("a reply reached nobody")


async def show_privately(clients: SlackClients, to: Recipient, message: Message) -> Outcome:
    """Show a message to one person alone in a channel, and return what became of it.

    The `response_url` also reaches channels without the bot. Of threads only the page of `chat.postEphemeral` says how
    it shows such a message (https://docs.slack.dev/reference/methods/chat.postEphemeral), so there that comes first.
    """
    ways = [_responding(to)] if to.response_url else []
    if to.channel:
        ways.insert(0 if to.thread else len(ways), _posting_ephemeral(clients, to))
    outcome: Outcome = "refused"
    for send in ways:
        outcome = await _send(send, message)
        if outcome != "refused":
            break
    return outcome


def _responding(to: Recipient) -> Send:
    # Only rate-limited calls are repeated, as Slack has certainly not carried them out.
    client = AsyncWebhookClient(
        to.response_url, retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=MOST_RETRIES)]
    )
    options = {"response_type": "ephemeral", "replace_original": False, **_NO_PREVIEWS}
    if to.thread:
        options["thread_ts"] = to.thread

    async def send(content: dict[str, Any]) -> tuple[Outcome, str]:
        response = await client.send_dict({**options, **content})
        if response.status_code == 200 and '"ok":false' not in response.body.replace(" ", ""):
            return "shown", ""
        outcome: Outcome = "in doubt" if response.status_code >= 500 else "refused"
        return outcome, f"{response.status_code} {response.body}"

    return send


def _posting_ephemeral(clients: SlackClients, to: Recipient) -> Send:
    async def send(content: dict[str, Any]) -> tuple[Outcome, str]:
        await clients.posting.chat_postEphemeral(
            channel=to.channel, user=to.user, thread_ts=to.thread or None, **content
        )
        return "shown", ""

    return send


def _posting(clients: SlackClients, channel: str) -> Send:
    async def send(content: dict[str, Any]) -> tuple[Outcome, str]:
        await clients.posting.chat_postMessage(channel=channel, **content, **_NO_PREVIEWS)
        return "shown", ""

    return send


async def _send(send: Send, message: Message) -> Outcome:
    """Send a message; where Slack does not take its blocks, its text."""
    outcome: Outcome = "refused"
    for shown in (message, message.without_blocks):
        try:
            outcome, why = await send(_content(shown))
        except FAILURES as error:
            outcome, why = "refused" if is_undone(error) else "in doubt", error_code(error)
        if outcome == "shown":
            return outcome
        _LOG.warning("a reply could not be sent: %s", why)
        if not is_about_content(why):
            break
    return outcome


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}
