"""What commands show: the register, as a list, a picture or a calendar; the digest; and what changed."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

from bot.errors import UnknownDocument
from bot.slack.blocks.documents import changes_message, documents_message, unknown_document_message
from bot.slack.blocks.elements import File, Message, plain_message
from bot.slack.blocks.register import calendar_file, deadlines_message, digest_message, timeline_file
from bot.slack.command_parser import ParsedCommand
from bot.slack.handlers.services import WorkspaceServices
from store.audiences import Audience
from store.records import EVERYBODY

_DIGEST_DAYS = 30
# matplotlib's caches, which all workspaces share, are not safe between threads.
_DRAWING = threading.Lock()


async def read_report(
    services: WorkspaceServices, audience: Audience, request: ParsedCommand, command: str
) -> Message | File:
    """Return what a channel may see of what a command asks for; `command` is its name in Slack. Raises NoStore."""
    return await asyncio.to_thread(_read, services, audience, request, command)


async def has_own_documents(services: WorkspaceServices, audience: Audience) -> bool:
    """Return whether a channel sees documents that not everybody sees. Raises NoStore."""
    documents = await asyncio.to_thread(lambda: services.channel_data(audience).documents())
    return any(document.audience != EVERYBODY for document in documents)


def _read(
    services: WorkspaceServices, audience: Audience, request: ParsedCommand, command: str
) -> Message | File:
    data = services.channel_data(audience)
    today, days = data.today(), request.days
    match request.name:
        case "changes":
            try:
                return changes_message(data.changes(request.text or None))
            except UnknownDocument:
                return unknown_document_message(request.text, data.documents())
        case "documents":
            return documents_message(data.documents())
        case "digest":
            return digest_message(data.digest(today, _DIGEST_DAYS if days is None else days))
        case "deadlines":
            return deadlines_message(data.register(today), today, days, data.documents(), command)
        case "timeline":
            with _DRAWING:
                return timeline_file(data.register(today), today, days)
        case _:
            file = calendar_file(data.register(today), today, days, datetime.now(UTC))
            return file or plain_message("No upcoming date fits into a calendar.")
