"""What the bot serves at its public address, ITUBOT_PUBLIC_URL, on the port ITUBOT_PORT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.calendars import calendar_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from bot.wiring import Services


def public_routes(services: Services) -> list[BaseRoute]:
    """Return the pages at the public address; without one, none. Raises StoreError."""
    if not services.settings.public_url:
        return []
    return [*calendar_routes(services.shared.calendars)]
