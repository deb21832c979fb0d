"""Whether a channel is open to everybody of the workspace, asked of Slack anew each time."""

from __future__ import annotations

import logging

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.sending.clients import FAILURES, reason

_LOG = logging.getLogger(__name__)


async def is_public(client: AsyncWebClient, channel: str) -> bool:
    """Return whether Slack says that a channel is public; what it does not say counts as private.

    It needs the scope channels:read.
    """
    if not channel.startswith("C"):
        return False  # A direct message, or a private channel of old.
    try:
        response = await client.conversations_info(channel=channel)
    except FAILURES as error:
        why = reason(error) if isinstance(error, SlackApiError) else error
        _LOG.info("the channel %s is taken for a private one: %s", channel, why)
        return False
    told = response.get("channel") or {}
    return told.get("is_channel") is True and told.get("is_private") is False
