"""Who is answered, and where; and who may add documents and correct the register.

Members of the workspace are answered, in channels that are not shared with other organizations. Slack is asked about
each user, group and channel, and its answers are cached for some minutes. Where it does not answer in time, its answers
of the last day count for whoever asks something; without any, nobody is admitted, and the reply says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.budget import PRESS_COST as PRESS_COST  # what features charge
from bot.budget import QUESTION_COST as QUESTION_COST
from bot.budget import Budget as Budget
from bot.locales import _, and_more, commas, in_language
from bot.settings import Settings
from bot.slack.core.people import FRESH_SECONDS, SETTING_SECONDS, Names, SlackCache
from bot.slack.core.sending.clients import FAILURES, error_code, is_transient, retry_after
from bot.slack.core.ui.mrkdwn import channel_link, escape, mention

_LOG = logging.getLogger(__name__)

# Between two calls of Slack within `Admission.patience`.
_RETRY_SECONDS = 0.1
# While Slack does not answer, what it has said of a person or a channel counts for so long.
_DAY_SECONDS = 24 * 3600.0
_MOST_CHANNELS_NAMED = 5

Value = TypeVar("Value")
Membership = Literal["member", "guest", "stranger"]

_MOST_NAMED = 20
# Error codes for a group that is deleted or disabled.
_DELETED = {"no_such_subteam", "subteam_not_found", "subteam_disabled"}


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is answered besides members, and in which `channels` (ids; empty: all) besides direct messages."""

    guests: bool = False
    external: bool = False
    channels: Sequence[str] = ()

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """Return the policy of the settings; people who get questions are answered in their channel too."""
        channels = settings.channels
        if channels and settings.experts_channel:
            channels += (settings.experts_channel,)
        return cls(settings.allow_guests, settings.allow_external, channels)


@dataclass(frozen=True, slots=True)
class Admission:
    """Applies a policy. `client` must not retry; `team` and `enterprise` are the bot's own ids.

    Slack's answer counts if it comes within `patience` seconds: Slack itself waits three seconds for an acknowledgement
    or a window.
    """

    policy: Policy
    client: AsyncWebClient
    team: str
    enterprise: str = ""
    patience: float = 1.5
    cache: SlackCache = field(default_factory=SlackCache)

    async def refusal(self, user: str, channel: str = "", *, shared: bool = False) -> str | None:
        """Return None if `user` may ask in `channel`, else the reason in a line of mrkdwn, in the user's language.

        `channel` is "" for an interaction outside channels. `shared`: the event says that the channel is shared.
        """
        say_why = await self._refusal(user, channel, shared)
        # Slack has said only now who it is.
        with in_language(self.cache.language(user)):
            return say_why() if say_why else None

    async def _refusal(self, user: str, channel: str, shared: bool) -> Callable[[], str] | None:
        policy = self.policy
        direct = not channel or channel.startswith("D")
        if policy.channels and not direct and channel not in policy.channels:
            return partial(_not_in_this_channel, policy.channels)
        try:
            membership, is_shared = await asyncio.gather(
                self._membership(user), self._is_shared("" if direct else channel, shared, _DAY_SECONDS)
            )
        except FAILURES as error:
            _LOG.warning("Slack does not say whether somebody may ask: %s", error_code(error))
            return _unknown
        if is_refused := self._refused(membership):
            return is_refused
        return _not_in_shared_channels if is_shared and not policy.external else None

    def _refused(self, membership: Membership) -> Callable[[], str] | None:
        if membership == "stranger" and not self.policy.external:
            return _no_strangers
        return _no_guests if membership == "guest" and not self.policy.guests else None

    async def is_refused(self, user: str) -> bool | None:
        """Whether `user` may ask nowhere, as Slack has said within the last hour; None where it does not say."""
        try:
            return self._refused(await self._membership(user, SETTING_SECONDS)) is not None
        except FAILURES as error:
            _LOG.warning("Slack does not say whether somebody may still ask: %s", error_code(error))
            return None

    async def may_receive(self, channel: str, user: str) -> bool:
        """Whether digests, reminders and alerts may be posted in a channel, or directly to `user`.

        False also where Slack does not say; then it may be asked again later.
        """
        if channel.startswith("D"):
            return await self.refusal(user) is None
        if self.policy.channels and channel not in self.policy.channels:
            return False
        try:
            return not await self._is_shared(channel, False)
        except FAILURES as error:
            _LOG.warning("no answer on whether %s is shared: %s", channel, error_code(error))
            return False

    async def _membership(self, user: str, max_age: float = FRESH_SECONDS) -> Membership:
        if self.policy.guests and self.policy.external:
            return "member"
        person = await self._said(user, lambda: self.cache.person(self.client, user, max_age), _DAY_SECONDS)
        enterprise = (person.get("enterprise_user") or {}).get("enterprise_id")
        own = person.get("team_id") == self.team or bool(enterprise and enterprise == self.enterprise)
        if person.get("is_stranger") or not own:
            return "stranger"
        return "guest" if person.get("is_restricted") or person.get("is_ultra_restricted") else "member"

    async def _is_shared(self, channel: str, shared: bool, known_for: float = 0.0) -> bool:
        if self.policy.external or shared or not channel:
            return shared
        info = await self._said(channel, lambda: self.cache.channel(self.client, channel), known_for)
        outside_enterprise = info.get("is_shared") and not info.get("is_org_shared")
        return bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared") or outside_enterprise)

    async def _said(
        self, name: str, ask: Callable[[], Awaitable[Mapping[str, Any]]], known_for: float
    ) -> Mapping[str, Any]:
        """Return what Slack says within the patience, else what it has said in the last `known_for` seconds.

        Raises one of FAILURES, also where it refuses to say.
        """
        try:
            async with asyncio.timeout(self.patience):
                return await _retrying(ask)
        except FAILURES as error:
            known = self.cache.last(name, known_for)
            if not known or not is_transient(error):
                raise
            _LOG.info("Slack is slow; what it said of %s before counts", name)
            return known


async def _retrying(ask: Callable[[], Awaitable[Value]]) -> Value:
    """Ask again after failures that may pass, until whoever waits for it gives up."""
    while True:
        try:
            return await ask()
        except FAILURES as error:
            if not is_transient(error):
                raise
            await asyncio.sleep(max(retry_after(error), _RETRY_SECONDS))


def _not_in_this_channel(others: Sequence[str]) -> str:
    named = commas(channel_link(name) for name in others[:_MOST_CHANNELS_NAMED])
    return _(
        "I do not answer in this channel. Please write to me directly, or ask in {channels}.", channels=named
    )


def _no_strangers() -> str:
    return _("I answer only people of the organization that I belong to. Please ask one of them.")


def _no_guests() -> str:
    return _("I do not answer guests of this workspace. Please ask one of its members.")


def _not_in_shared_channels() -> str:
    return _(
        "I do not answer in channels that are shared with another organization. "
        "Please write to me directly, or ask in another channel."
    )


def _unknown() -> str:
    return _(
        "I could not find out whether I may answer you here. Please try again in a minute; if it stays so, tell "
        "{contact}."
    )


class LibraryUsers:
    """The users (ids U..., W...) and user groups (S...) that keep the library. `client` repeats any call."""

    def __init__(self, allowed: Sequence[str], client: AsyncWebClient, names: Names) -> None:
        self._allowed = list(dict.fromkeys(allowed))
        self._client = client
        self._names = names

    async def refusal(self, user: str, what: str) -> str | None:
        """Return None where `user` may do `what`, else the reason in a line of mrkdwn that names who may.

        `what` follows "may" in the language in use: "correct the register".
        """
        if not self._allowed:
            return _(
                "Nobody may {do_this} from Slack yet. Whoever runs me can name people and user groups for it.",
                do_this=what,
            )
        people, is_known = await self._people()
        if user in people:
            return None
        if not is_known:
            return _(
                "I could not find out whether you may {do_this}. Please try again in a minute; if it stays so, tell "
                "{contact}.",
                do_this=what,
            )
        # Without mentions, which would notify them.
        ids = [f"<!subteam^{name}>" if _is_group(name) else mention(name) for name in self._allowed]
        names = await self._names.put_in(*ids[:_MOST_NAMED])
        return _(
            "You may not {do_this}. These may: {names}. Ask one of them, or whoever runs me.",
            do_this=what,
            names=commas([*map(escape, names), *and_more(len(ids) - len(names))]),
        )

    async def people(self) -> list[str]:
        """Return their ids, with the members of the groups that Slack tells."""
        return (await self._people())[0]

    async def may(self, user: str) -> bool:
        """Whether `user` is one of them; False also where Slack does not say."""
        return user in await self.people()

    async def _people(self) -> tuple[list[str], bool]:
        """Return their ids, and whether Slack tells the members of all groups."""
        found = [name for name in self._allowed if not _is_group(name)]
        is_known = True
        for group in filter(_is_group, self._allowed):
            try:
                found += await self._names.cache.get(f"members/{group}", partial(self._members, group))
            except FAILURES as error:
                code = error_code(error)
                _LOG.warning("the user group %s cannot be read: %s", group, code)
                is_known &= code in _DELETED
        return list(dict.fromkeys(found)), is_known

    async def _members(self, group: str) -> list[str]:
        return (await self._client.usergroups_users_list(usergroup=group)).get("users") or []


def _is_group(name: str) -> bool:
    return name.startswith("S")
