"""What the bot serves at its public address, ITUBOT_PUBLIC_URL, on the port ITUBOT_PORT: calendars, and MCP."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot import mcp
from bot.budget import Budget

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from bot.wiring import Services

_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def public_pages(services: Services) -> AsyncIterator[Sequence[BaseRoute]]:
    """Give the pages, which work while the context is open; none without a public address. Raises StoreError."""
    settings = services.settings
    shared = services.shared
    if not settings.public_url:
        yield ()
        return
    # Imported late: most bots have no public address.
    from bot.calendars import calendar_routes

    calendars = calendar_routes(shared.calendars)
    if not mcp.is_installed():
        _LOG.warning("other assistants are not served: %s", mcp.MISSING)
        yield calendars
        return
    from bot.mcp.http import mcp_routes
    from bot.mcp.tools import Caller

    def admit(token: str) -> Caller | None:
        key = shared.access_keys.with_text("assistant", token)
        return Caller(key.id, services.seen_from(key.audience)) if key else None

    async with mcp_routes(admit, Budget(settings.questions_per_minute), settings.public_url) as assistants:
        yield [*calendars, *assistants]
