"""Sending files to a conversation."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.register import File


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
