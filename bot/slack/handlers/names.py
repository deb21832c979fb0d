"""Names in place of ids: a message has only the id of a person, a channel or a user group that it mentions."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.access.cache import SlackCache
from bot.slack.sending.clients import FAILURES, error_code

_LOG = logging.getLogger(__name__)

# Seconds: a question does not wait longer for names.
_PATIENCE = 2.0
# What `to_plain_text` leaves of a mention without a label.
_MENTION = re.compile(r"<(@|#|!subteam\^)([A-Z0-9]+)>")


class Names:
    """Asks Slack for names. `client` must not retry, so that a refusal costs no time; `patience` is in seconds."""

    def __init__(self, client: AsyncWebClient, *, patience: float = _PATIENCE) -> None:
        self._client = client
        self._patience = patience
        self._cache = SlackCache()

    async def put_in(self, *texts: str) -> list[str]:
        """Return texts with names in place of ids, and words for what Slack does not name in time."""
        found = dict.fromkeys(mention.groups() for text in texts for mention in _MENTION.finditer(text))
        names = dict(zip(found, await asyncio.gather(*(self._name(*one) for one in found)), strict=True))
        return [_MENTION.sub(lambda mention: names[mention.groups()], text) for text in texts]

    async def _name(self, kind: str, id_: str) -> str:
        """Return "@" or "#" and the name of an id."""
        try:
            async with asyncio.timeout(self._patience):
                if kind == "#":
                    return "#" + await self._cache.get(id_, lambda: self._channel(id_))
                if kind == "@":
                    return "@" + await self._cache.get(id_, lambda: self._person(id_))
                return "@" + (await self._cache.get("user groups", self._groups)).get(id_, "somebody")
        except FAILURES as error:
            _LOG.info("Slack does not name %s: %s", id_, error_code(error))
        return "#channel" if kind == "#" else "@somebody"

    async def _person(self, user: str) -> str:
        found: Mapping[str, Any] = (await self._client.users_info(user=user)).get("user") or {}
        profile = found.get("profile") or {}
        names = (profile.get("display_name"), profile.get("real_name"), found.get("name"))
        return next((str(name) for name in names if name), "somebody")

    async def _channel(self, channel: str) -> str:
        found = (await self._client.conversations_info(channel=channel)).get("channel") or {}
        # Whoever asks need not be a member of a private channel.
        return "channel" if found.get("is_private") else str(found.get("name") or "channel")

    async def _groups(self) -> dict[str, str]:
        found = (await self._client.usergroups_list()).get("usergroups") or []
        return {group["id"]: str(group.get("handle") or group.get("name")) for group in found}
