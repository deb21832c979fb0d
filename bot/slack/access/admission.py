"""Who is answered, and where: members of the workspace, in channels that are not shared with other organizations.

Slack is asked about each user and channel, and its answers are cached for some minutes. Where it does not answer in
time, nobody is admitted, and the reply says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.access.people import SlackCache
from bot.slack.sending.clients import FAILURES, error_code, is_transient, retry_after

_LOG = logging.getLogger(__name__)

# Between two calls of Slack within `Admission.patience`.
_RETRY_SECONDS = 0.1
_MOST_CHANNELS_NAMED = 5

Value = TypeVar("Value")
Membership = Literal["member", "guest", "stranger"]
# Returns whether something may be posted in a channel, or directly to a user, by their ids.
MayReceive = Callable[[str, str], Awaitable[bool]]
_UNKNOWN_USER = {"user_not_found", "user_not_visible"}
# Where the bot is no member it posts nothing; only the user sees the reply.
_UNKNOWN_CHANNEL = {"channel_not_found"}


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is answered besides members, and in which `channels` (ids; empty: all) besides direct messages."""

    guests: bool = False
    external: bool = False
    channels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """Applies a policy. `client` must not retry; `team` and `enterprise` are the bot's own ids.

    Nobody is admitted whom Slack says nothing about within `patience` seconds: it waits three for an acknowledgement.
    """

    policy: Policy
    client: AsyncWebClient
    team: str
    enterprise: str = ""
    patience: float = 2.0
    cache: SlackCache = field(default_factory=SlackCache)

    async def refusal(self, user: str, channel: str = "", *, shared: bool = False) -> str | None:
        """Return None if `user` may ask in `channel`, else the reason in a line of mrkdwn.

        `channel` is "" for an interaction outside channels. `shared`: the event says that the channel is shared.
        """
        policy = self.policy
        direct = not channel or channel.startswith("D")
        if policy.channels and not direct and channel not in policy.channels:
            named = ", ".join(f"<#{name}>" for name in policy.channels[:_MOST_CHANNELS_NAMED])
            return f"I do not answer in this channel. Please write to me directly, or ask in {named}."
        try:
            async with asyncio.timeout(self.patience):
                membership, is_shared = await asyncio.gather(
                    self._membership(user), self._is_shared("" if direct else channel, shared)
                )
        except FAILURES as error:
            code = error_code(error)
            _LOG.warning("Slack does not say whether somebody may ask: %s", code)
            return _unknown(code)
        if membership == "stranger" and not policy.external:
            return "I answer only people of the organization that I belong to. Please ask one of them."
        if membership == "guest" and not policy.guests:
            return "I do not answer guests of this workspace. Please ask one of its members."
        if is_shared and not policy.external:
            return (
                "I do not answer in channels that are shared with another organization. "
                "Please write to me directly, or ask in another channel."
            )
        return None

    async def may_receive(self, channel: str, user: str) -> bool:
        """Return whether digests, reminders and alerts may be posted in a channel, or directly to `user`.

        False also where Slack does not say; then it may be asked again later.
        """
        if channel.startswith("D"):
            return await self.refusal(user) is None
        if self.policy.channels and channel not in self.policy.channels:
            return False
        try:
            async with asyncio.timeout(self.patience):
                return not await self._is_shared(channel, False)
        except FAILURES as error:
            _LOG.warning("no answer on whether %s is shared: %s", channel, error_code(error))
            return False

    async def _membership(self, user: str) -> Membership:
        if self.policy.guests and self.policy.external:
            return "member"

        async def ask() -> Membership:
            try:
                return self._membership_of((await self.client.users_info(user=user)).get("user") or {})
            except SlackApiError as error:
                if error_code(error) not in _UNKNOWN_USER:
                    raise
                return "stranger"

        return await self.cache.get(user, _retrying(ask))

    def _membership_of(self, user: Mapping[str, Any]) -> Membership:
        enterprise = (user.get("enterprise_user") or {}).get("enterprise_id")
        own = user.get("team_id") == self.team or bool(enterprise and enterprise == self.enterprise)
        if user.get("is_stranger") or not own:
            return "stranger"
        return "guest" if user.get("is_restricted") or user.get("is_ultra_restricted") else "member"

    async def _is_shared(self, channel: str, shared: bool) -> bool:
        if self.policy.external or shared or not channel:
            return shared

        async def ask() -> bool:
            try:
                info = (await self.client.conversations_info(channel=channel)).get("channel") or {}
            except SlackApiError as error:
                if error_code(error) not in _UNKNOWN_CHANNEL:
                    raise
                return False
            outside_enterprise = info.get("is_shared") and not info.get("is_org_shared")
            return bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared") or outside_enterprise)

        return await self.cache.get(channel, _retrying(ask))


def _retrying(ask: Callable[[], Awaitable[Value]]) -> Callable[[], Awaitable[Value]]:
    """Return `ask`, repeated after failures that may pass until whoever waits for it gives up."""

    async def asking() -> Value:
        while True:
            try:
                return await ask()
            except FAILURES as error:
                if not is_transient(error):
                    raise
                await asyncio.sleep(max(retry_after(error), _RETRY_SECONDS))

    return asking


def _unknown(code: str) -> str:
    if code == "missing_scope":
        return (
            "I could not find out whether I may answer you here: my app needs the scopes users:read, channels:read, "
            "groups:read and mpim:read, and has to be installed again. Please tell whoever runs me."
        )
    return (
        "I could not find out whether I may answer you here, as Slack does not say. Please try again in a minute; "
        "if it stays so, tell whoever runs me."
    )
