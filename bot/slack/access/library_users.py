"""Who may add documents and correct the register: user ids and user groups, whose members Slack is asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.mrkdwn import escape
from bot.slack.sending.clients import FAILURES, error_code, is_transient

_LOG = logging.getLogger(__name__)

_MOST_NAMED = 20
# Error codes for a group that is deleted or disabled.
_DELETED = {"no_such_subteam", "subteam_not_found", "subteam_disabled"}
_REASONS = {
    "missing_scope": "my app needs the scope usergroups:read and has to be installed again",
    "plan_upgrade_required": "this workspace's plan has no user groups",
    # Slack has user groups by workspace, and such a token is for none of them.
    "missing_argument": "user groups do not work where my app is installed for a whole organization; "
    "people have to be named in their place",
}


class LibraryUsers:
    """The ids of users (U..., W...) and user groups (S...) that may do `what`. `client` repeats any call."""

    def __init__(self, allowed: Sequence[str], client: AsyncWebClient, what: str) -> None:
        self._allowed = list(dict.fromkeys(allowed))
        self._client = client
        self._what = what

    async def refusal(self, user: str) -> str | None:
        """Return None where `user` may do it, else the reason in a line of mrkdwn that names who may."""
        if not self._allowed:
            return (
                f"Nobody may {self._what} from Slack yet. "
                "Whoever runs me can name people and user groups for it."
            )
        may, unknown = await self._find(user)
        if may:
            return None
        if unknown:
            return (
                f"I could not find out whether you may {self._what}: {unknown}. "
                "If it stays so, please tell whoever runs me."
            )
        return (
            f"You may not {self._what}. These may: {await self._names()}. "
            "Ask one of them, or whoever runs me."
        )

    async def may(self, user: str) -> bool:
        """Return whether `user` may do it; False also where Slack does not say."""
        return (await self._find(user))[0]

    async def _find(self, user: str) -> tuple[bool, str]:
        """Return whether `user` may do it, and where Slack does not say, why."""
        if user in self._allowed:
            return True, ""
        unknown = ""
        for group in filter(_is_group, self._allowed):
            try:
                response = await self._client.usergroups_users_list(usergroup=group)
            except FAILURES as error:
                code = error_code(error)
                _LOG.warning("the user group %s cannot be read: %s", group, code)
                if code not in _DELETED:
                    passing = "Slack does not answer just now; try again in a minute"
                    other = passing if is_transient(error) else f"Slack says {escape(code)}"
                    unknown = unknown or _REASONS.get(code, other)
            else:
                if user in (response.get("users") or []):
                    return True, ""
        return False, unknown

    async def _names(self) -> str:
        groups: dict[str, dict[str, Any]] | None = {}
        if any(map(_is_group, self._allowed)):
            try:
                response = await self._client.usergroups_list(include_disabled=True)
                groups = {group["id"]: group for group in response.get("usergroups") or []}
            except FAILURES:
                groups = None  # They are named by their ids.
        names = [
            _group(name, groups) if _is_group(name) else f"<@{name}>" for name in self._allowed[:_MOST_NAMED]
        ]
        if len(self._allowed) > _MOST_NAMED:
            names.append(f"{len(self._allowed) - _MOST_NAMED} more")
        return ", ".join(names)


def _is_group(name: str) -> bool:
    return name.startswith("S")


def _group(name: str, groups: dict[str, dict[str, Any]] | None) -> str:
    if groups is None:
        return f"the user group {name}"
    if name not in groups:
        return f"the user group {name} (there is none of this id any more)"
    group = groups[name]
    shown = f"the user group {escape('@' + str(group.get('handle') or group.get('name') or name))}"
    return f"{shown} (switched off in Slack)" if group.get("date_delete") else shown
