"""Sending files to a conversation."""

from __future__ import annotations

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message
from bot.slack.blocks.register import File
from bot.slack.sending.clients import FAILURES, error_code
from bot.slack.sending.posting import NO_ACCESS

_LOG = logging.getLogger(__name__)


async def upload_file(client: AsyncWebClient, channel: str, file: File) -> Message | None:
    """Upload a file to a channel, by its id; return the message for the user where that fails."""
    try:
        await send_file(client, channel, file)
    except FAILURES as error:
        if error_code(error) in NO_ACCESS:
            return blocks.NOT_A_MEMBER
        _LOG.warning("%s could not be uploaded: %s", file.name, error_code(error))
        return blocks.FILE_NOT_SENT
    return None


async def send_file(client: AsyncWebClient, channel: str, file: File) -> str:
    """Upload a file to a channel, by its id; return its address, or the channel's where Slack gives none.

    Raises one of FAILURES.
    """
    response = await client.files_upload_v2(
        filename=file.name,
        title=file.title,
        content=file.data,
        channel=channel,
        initial_comment=file.comment,
        alt_txt=file.alt,
    )
    permalink = next((each.get("permalink") for each in response.get("files") or []), None)
    return str(permalink or f"https://slack.com/app_redirect?channel={channel}")
