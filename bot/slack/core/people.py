"""What Slack says of people and channels, kept for some minutes: names in place of ids, languages, what is public."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.locales import closest, pgettext
from bot.slack.core.sending.clients import FAILURES, direct_channel, error_code

_LOG = logging.getLogger(__name__)

# Slack's answer is used for so long; that on a time zone or a language, which reviews ask for every minute, for longer.
FRESH_SECONDS = 300.0
SETTING_SECONDS = 3_600.0
_MOST_CACHED = 5_000
# Error codes for those whom Slack does not know or show. Where the bot is no member, it posts nothing anyway.
_UNKNOWN = {"user_not_found", "user_not_visible", "channel_not_found"}
# A question does not wait longer for names.
_NAMES_SECONDS = 2.0
# What `to_plain_text` leaves of a mention without a label.
_MENTION = re.compile(r"<(@|#|!subteam\^)([A-Z0-9]+)>")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class SlackCache:
    """What Slack says of people and channels, by id, of at most 5,000: {} of those it does not know or show.

    `clock` gives seconds. Whoever reads it says how old an answer may be, in seconds. Everything raises what the client
    raises.
    """

    clock: Callable[[], float] = time.monotonic
    answers: dict[str, tuple[float, Any]] = field(default_factory=dict)
    """By id: when Slack was asked, and the answer; the last used is at the end."""
    languages: dict[str, str] = field(default_factory=dict)
    """By id: the code of the language that a person has chosen, "" for that of their Slack."""

    async def person(
        self, client: AsyncWebClient, user: str, max_age: float = FRESH_SECONDS
    ) -> Mapping[str, Any]:
        """Return what `users.info` says of a person."""
        return await self.get(
            user, lambda: _said("user", client.users_info(user=user, include_locale=True)), max_age
        )

    def language(self, user: str) -> str:
        """Return the language that a person has chosen, else that of what Slack has said of them last, else English."""
        return self.languages.get(user) or closest(self.last(user).get("locale") or "en")

    def last(self, name: str, max_age: float = math.inf) -> Mapping[str, Any]:
        """Return what Slack has said last of a person or a channel, {} if it has not within so many seconds."""
        said: Mapping[str, Any]
        asked, said = self.answers.get(name, (-math.inf, {}))
        return said if self.clock() < asked + max_age else {}

    async def direct(self, client: AsyncWebClient, user: str) -> str:
        """Return the id of the direct messages with a person."""
        return await self.get(f"direct/{user}", lambda: direct_channel(client, user), SETTING_SECONDS)

    async def channel(
        self, client: AsyncWebClient, channel: str, max_age: float = FRESH_SECONDS
    ) -> Mapping[str, Any]:
        """Return what `conversations.info` says of a channel."""
        return await self.get(
            channel, lambda: _said("channel", client.conversations_info(channel=channel)), max_age
        )

    async def get(
        self, name: str, ask: Callable[[], Awaitable[Value]], max_age: float = FRESH_SECONDS
    ) -> Value:
        """Return the answer of this name, or ask for it."""
        answer: Value
        asked, answer = self.answers.get(name, (-math.inf, None))
        if self.clock() >= asked + max_age:
            asked, answer = self.clock(), await ask()
        self.answers.pop(name, None)
        self.answers[name] = asked, answer
        if len(self.answers) > _MOST_CACHED:
            del self.answers[next(iter(self.answers))]
        return answer


async def _said(of: str, call: Awaitable[AsyncSlackResponse]) -> Mapping[str, Any]:
    try:
        return (await call).get(of) or {}
    except SlackApiError as error:
        if error_code(error) not in _UNKNOWN:
            raise
        return {}


@dataclass(frozen=True, slots=True)
class People:
    """Asks Slack for the time zone and the language of a person, and whether they are still there."""

    client: AsyncWebClient
    default_zone: ZoneInfo
    """Where Slack does not say."""
    cache: SlackCache = field(default_factory=SlackCache)

    async def zone(self, user: str) -> ZoneInfo:
        """Return the time zone of a user; where Slack does not answer, the last one that is known."""
        await self._ask("time zone", user)
        try:
            return ZoneInfo(str(self.cache.last(user).get("tz") or self.default_zone.key))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            _LOG.warning("the time zone of a person is not known: %s", error)
            return self.default_zone

    async def language(self, user: str, patience: float | None = None) -> str:
        """Return the language of a user.

        Where Slack does not answer (with `patience`: within so many seconds), the last one that is known, or English.
        """
        await self._ask("language", user, patience)
        return self.cache.language(user)

    async def has_left(self, user: str) -> bool:
        """Whether a user's account is deactivated, as far as Slack says; it is asked once in an hour."""
        await self._ask("account", user)
        return bool(self.cache.last(user).get("deleted"))

    async def _ask(self, what: str, user: str, patience: float | None = None) -> None:
        try:
            async with asyncio.timeout(patience):
                await self.cache.person(self.client, user, SETTING_SECONDS)
        except FAILURES as error:
            _LOG.warning("the %s of a person is not known: %s", what, error_code(error))


@dataclass(frozen=True, slots=True)
class Names:
    """Asks Slack for names. `client` must not retry, so that a refusal costs no time."""

    client: AsyncWebClient
    cache: SlackCache = field(default_factory=SlackCache)

    async def put_in(self, *texts: str, patience: float = _NAMES_SECONDS) -> list[str]:
        """Return texts with names in place of ids, and words for what Slack does not name in `patience` seconds."""
        found = dict.fromkeys(mention.groups() for text in texts for mention in _MENTION.finditer(text))
        names = dict(
            zip(
                found,
                await asyncio.gather(*(self._name(patience, *mention) for mention in found)),
                strict=True,
            )
        )
        return [_MENTION.sub(lambda mention: names[mention.groups()], text) for text in texts]

    async def _name(self, patience: float, kind: str, id_: str) -> str:
        """Return "@" or "#" and the name of an id."""
        try:
            async with asyncio.timeout(patience):
                if kind == "#":
                    return "#" + _channel_name(await self.cache.channel(self.client, id_))
                if kind == "@":
                    return "@" + _person_name(await self.cache.person(self.client, id_))
                return "@" + (await self.cache.get("user groups", self._groups)).get(id_, _somebody())
        except FAILURES as error:
            _LOG.info("Slack does not say a name: %s", error_code(error))
        return f"#{_channel()}" if kind == "#" else f"@{_somebody()}"

    async def _groups(self) -> dict[str, str]:
        found = (await self.client.usergroups_list()).get("usergroups") or []
        return {group["id"]: str(group.get("handle") or group.get("name")) for group in found}


def _person_name(person: Mapping[str, Any]) -> str:
    profile = person.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), person.get("name"))
    return next((str(name) for name in names if name), _somebody())


def _channel_name(channel: Mapping[str, Any]) -> str:
    # Whoever asks need not be a member of a private channel.
    return _channel() if channel.get("is_private") else str(channel.get("name") or _channel())


def _somebody() -> str:
    return pgettext("in place of a name, after @", "somebody")


def _channel() -> str:
    return pgettext("in place of a name, after #", "channel")


async def is_public(client: AsyncWebClient, channel: str) -> bool:
    """Return True where Slack says that a channel is public (scope channels:read); if in doubt, it is private."""
    try:
        return await is_called_public(client, channel)
    except FAILURES as error:
        _LOG.info("the channel %s is treated as private: %s", channel, error_code(error))
        return False


async def is_called_public(client: AsyncWebClient, channel: str) -> bool:
    """Return True where Slack says now that a channel is public; raises one of FAILURES where it does not say."""
    if not channel.startswith("C"):
        return False  # A direct message, or a private channel of old.
    info = (await client.conversations_info(channel=channel)).get("channel") or {}
    return info.get("is_channel") is True and info.get("is_private") is False
