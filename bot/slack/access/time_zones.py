"""The time zones of people, as their profiles in Slack have them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.sending.clients import FAILURES, error_code

_LOG = logging.getLogger(__name__)

# Seconds for which Slack's answer is used.
_FRESH = 3_600.0


class TimeZones:
    """Asks Slack for the time zone of a person; `default` is used where Slack does not say."""

    def __init__(
        self, client: AsyncWebClient, default: ZoneInfo, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.default = default
        self._client = client
        self._clock = clock
        # By id of a user: when the zone is asked for again, and the zone.
        self._known: dict[str, tuple[float, ZoneInfo]] = {}

    async def of(self, user: str) -> ZoneInfo:
        """Return the time zone of a user."""
        until, zone = self._known.get(user, (0.0, self.default))
        if self._clock() < until:
            return zone
        try:
            profile = (await self._client.users_info(user=user)).get("user") or {}
        except FAILURES as error:
            _LOG.warning("the time zone of %s is not known: %s", user, error_code(error))
            return zone
        try:
            zone = ZoneInfo(str(profile.get("tz") or self.default.key))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            _LOG.warning("the time zone of %s is not known: %s", user, error)
            zone = self.default
        self._known[user] = self._clock() + _FRESH, zone
        return zone
