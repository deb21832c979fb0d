"""Who is answered, and where: members of the workspace, in channels that are not shared with other organizations.

Slack is asked about each person and each channel, and what it says is kept for some minutes. Where it does not say
it in time, nobody is admitted, and who asks is told so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.sending.clients import FAILURES, reason

_LOG = logging.getLogger(__name__)

# Seconds: Slack waits three for an acknowledgement.
_PATIENCE = 2.0
# Seconds for which something that Slack said is taken as it is; after that it is asked anew.
_FRESH = 300.0
_MOST_KNOWN = 5_000
_NAMED = 5

Standing = Literal["member", "guest", "stranger"]
_UNKNOWN_USER = {"user_not_found", "user_not_visible"}
# Where the bot is no member it posts nothing; only who asked sees the reply.
_UNKNOWN_CHANNEL = {"channel_not_found"}


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is answered beside members, and where: in `channels` (ids) and in direct messages; empty: in any."""

    guests: bool = False
    external: bool = False
    channels: Sequence[str] = ()


class Admission:
    """Decides by a policy. `client` should repeat nothing; `team` and `enterprise` are ids of the bot's own ones."""

    def __init__(
        self,
        policy: Policy,
        client: AsyncWebClient,
        team: str,
        enterprise: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._client = client
        self._team = team
        self._enterprise = enterprise
        self._clock = clock
        self._known: dict[str, tuple[float, Any]] = {}

    async def refusal(self, user: str, channel: str = "", *, shared: bool = False) -> str | None:
        """Return None where `user` may ask in `channel`, else why not, in a line of mrkdwn.

        `channel` is "" where something is asked in none. `shared`: the event says that it is shared with others.
        """
        policy = self._policy
        direct = not channel or channel.startswith("D")
        if policy.channels and not direct and channel not in policy.channels:
            named = ", ".join(f"<#{name}>" for name in policy.channels[:_NAMED])
            return f"I do not answer in this channel. Please write to me directly, or ask in {named}."
        try:
            async with asyncio.timeout(_PATIENCE):
                standing, is_shared = await asyncio.gather(
                    self._standing(user), self._is_shared("" if direct else channel, shared)
                )
        except FAILURES as error:
            why = reason(error) if isinstance(error, SlackApiError) else type(error).__name__
            _LOG.warning("whether %s may ask in %s is not known: %s", user, channel or "no channel", why)
            return _not_known(why)
        if standing == "stranger" and not policy.external:
            return "I answer only people of the organization that I belong to. Please ask one of them."
        if standing == "guest" and not policy.guests:
            return "I do not answer guests of this workspace. Please ask one of its members."
        if is_shared and not policy.external:
            return (
                "I do not answer in channels that are shared with another organization. "
                "Please write to me directly, or ask in another channel."
            )
        return None

    async def _standing(self, user: str) -> Standing:
        if self._policy.guests and self._policy.external:
            return "member"
        known: Standing | None = self._recall(user)
        if known is None:
            try:
                known = self._read((await self._client.users_info(user=user)).get("user") or {})
            except SlackApiError as error:
                if reason(error) not in _UNKNOWN_USER:
                    raise
                known = "stranger"
            self._keep(user, known)
        return known

    def _read(self, user: Mapping[str, Any]) -> Standing:
        enterprise = (user.get("enterprise_user") or {}).get("enterprise_id")
        own = user.get("team_id") == self._team or bool(enterprise and enterprise == self._enterprise)
        if user.get("is_stranger") or not own:
            return "stranger"
        return "guest" if user.get("is_restricted") or user.get("is_ultra_restricted") else "member"

    async def _is_shared(self, channel: str, shared: bool) -> bool:
        if self._policy.external or shared or not channel:
            return shared
        known: bool | None = self._recall(channel)
        if known is None:
            try:
                told = (await self._client.conversations_info(channel=channel)).get("channel") or {}
            except SlackApiError as error:
                if reason(error) not in _UNKNOWN_CHANNEL:
                    raise
                told = {}
            within = told.get("is_shared") and not told.get("is_org_shared")
            known = bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared") or within)
            self._keep(channel, known)
        return known

    def _recall(self, name: str) -> Any:
        until, known = self._known.get(name, (0.0, None))
        return known if self._clock() < until else None

    def _keep(self, name: str, known: Any) -> None:
        self._known.pop(name, None)
        self._known[name] = (self._clock() + _FRESH, known)
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]


def _not_known(why: str) -> str:
    if why == "missing_scope":
        return (
            "I could not find out whether I may answer you here: my app needs the scopes users:read, channels:read, "
            "groups:read and mpim:read, and has to be installed again. Please tell whoever runs me."
        )
    return (
        "I could not find out whether I may answer you here, as Slack does not say. Please try again in a minute; "
        "if it stays so, tell whoever runs me."
    )
