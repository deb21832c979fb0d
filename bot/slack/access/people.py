"""What Slack says of people and channels, kept for some minutes: names in place of ids, time zones, what is public."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.sending.clients import FAILURES, error_code

_LOG = logging.getLogger(__name__)

# Slack's answer is used for so long.
_CACHE_SECONDS = 300.0
_ZONE_CACHE_SECONDS = 3_600.0
_MOST_CACHED = 5_000
# A question does not wait longer for names.
_NAMES_SECONDS = 2.0
# What `to_plain_text` leaves of a mention without a label.
_MENTION = re.compile(r"<(@|#|!subteam\^)([A-Z0-9]+)>")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class SlackCache:
    """Keeps values by the id of a person or a channel for five minutes, at most 5,000. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    values: dict[str, tuple[float, Any]] = field(default_factory=dict)
    """By id: when the value expires, and the value; the last used is at the end."""

    async def get(self, name: str, ask: Callable[[], Awaitable[Value]]) -> Value:
        """Return the value of an id, or ask for it. Raises what `ask` raises."""
        value: Value
        until, value = self.values.pop(name, (0.0, None))
        if self.clock() >= until:
            until, value = self.clock() + _CACHE_SECONDS, await ask()
        self.values[name] = until, value
        if len(self.values) > _MOST_CACHED:
            del self.values[next(iter(self.values))]
        return value


@dataclass(frozen=True, slots=True)
class TimeZones:
    """Asks Slack for the time zone of a person; `default` is used where Slack does not say."""

    client: AsyncWebClient
    default: ZoneInfo
    clock: Callable[[], float] = time.monotonic
    known: dict[str, tuple[float, ZoneInfo]] = field(default_factory=dict)
    """By id of a user: when the zone is asked for again, and the zone."""

    async def of(self, user: str) -> ZoneInfo:
        """Return the time zone of a user."""
        until, zone = self.known.get(user, (0.0, self.default))
        if self.clock() < until:
            return zone
        try:
            profile = (await self.client.users_info(user=user)).get("user") or {}
        except FAILURES as error:
            _LOG.warning("the time zone of a person is not known: %s", error_code(error))
            return zone
        try:
            zone = ZoneInfo(str(profile.get("tz") or self.default.key))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            _LOG.warning("the time zone of a person is not known: %s", error)
            zone = self.default
        self.known[user] = self.clock() + _ZONE_CACHE_SECONDS, zone
        return zone


@dataclass(frozen=True, slots=True)
class Names:
    """Asks Slack for names. `client` must not retry, so that a refusal costs no time."""

    client: AsyncWebClient
    cache: SlackCache = field(default_factory=SlackCache)

    async def put_in(self, *texts: str, patience: float = _NAMES_SECONDS) -> list[str]:
        """Return texts with names in place of ids, and words for what Slack does not name in `patience` seconds."""
        found = dict.fromkeys(mention.groups() for text in texts for mention in _MENTION.finditer(text))
        names = dict(
            zip(found, await asyncio.gather(*(self._name(patience, *one) for one in found)), strict=True)
        )
        return [_MENTION.sub(lambda mention: names[mention.groups()], text) for text in texts]

    async def _name(self, patience: float, kind: str, id_: str) -> str:
        """Return "@" or "#" and the name of an id."""
        try:
            async with asyncio.timeout(patience):
                if kind == "#":
                    return "#" + await self.cache.get(id_, lambda: self._channel(id_))
                if kind == "@":
                    return "@" + await self.cache.get(id_, lambda: self._person(id_))
                return "@" + (await self.cache.get("user groups", self._groups)).get(id_, "somebody")
        except FAILURES as error:
            _LOG.info("Slack does not say a name: %s", error_code(error))
        return "#channel" if kind == "#" else "@somebody"

    async def _person(self, user: str) -> str:
        found: Mapping[str, Any] = (await self.client.users_info(user=user)).get("user") or {}
        profile = found.get("profile") or {}
        names = (profile.get("display_name"), profile.get("real_name"), found.get("name"))
        return next((str(name) for name in names if name), "somebody")

    async def _channel(self, channel: str) -> str:
        found = (await self.client.conversations_info(channel=channel)).get("channel") or {}
        # Whoever asks need not be a member of a private channel.
        return "channel" if found.get("is_private") else str(found.get("name") or "channel")

    async def _groups(self) -> dict[str, str]:
        found = (await self.client.usergroups_list()).get("usergroups") or []
        return {group["id"]: str(group.get("handle") or group.get("name")) for group in found}


async def is_public(client: AsyncWebClient, channel: str) -> bool:
    """Return True where Slack says that a channel is public (scope channels:read); if in doubt, it is private."""
    try:
        return await is_called_public(client, channel)
    except FAILURES as error:
        _LOG.info("the channel %s is treated as private: %s", channel, error_code(error))
        return False


async def is_called_public(client: AsyncWebClient, channel: str) -> bool:
    """Return True where Slack says that a channel is public; raises one of FAILURES where it does not say."""
    if not channel.startswith("C"):
        return False  # A direct message, or a private channel of old.
    info = (await client.conversations_info(channel=channel)).get("channel") or {}
    return info.get("is_channel") is True and info.get("is_private") is False
