"""Who may fill the library and correct the register: people and user groups by id, asked of Slack anew each time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.mrkdwn import escape
from bot.slack.sending.clients import FAILURES, reason

_LOG = logging.getLogger(__name__)

_NAMED = 20
# Slack's words for a group that is gone or switched off.
_GONE = {"no_such_subteam", "subteam_not_found", "subteam_disabled"}
_WHY = {
    "missing_scope": "my app needs the scope usergroups:read and has to be installed again",
    "plan_upgrade_required": "this workspace's plan has no user groups",
}


class Members:
    """Decides by `allowed`, ids of people (U..., W...) and of user groups (S...), who may do `what`.

    `client` repeats any call.
    """

    def __init__(
        self, allowed: Sequence[str], client: AsyncWebClient, what: str = "add documents to my library"
    ) -> None:
        self._allowed = list(dict.fromkeys(allowed))
        self._groups = [name for name in self._allowed if name.startswith("S")]
        self._client = client
        self._what = what

    async def refusal(self, user: str) -> str | None:
        """Return None where `user` may do it, else why not, in a line of mrkdwn that says who may."""
        if user in self._allowed:
            return None
        if not self._allowed:
            return (
                f"Nobody may {self._what} from Slack yet. "
                "Whoever runs me can name people and user groups for it in ITUBOT_LIBRARY_USERS."
            )
        unknown: str | None = None
        for group in self._groups:
            try:
                response = await self._client.usergroups_users_list(usergroup=group)
            except SlackApiError as error:
                _LOG.warning("the user group %s cannot be read: %s", group, reason(error))
                if reason(error) not in _GONE:
                    unknown = unknown or _WHY.get(reason(error), f"Slack says {escape(reason(error))}")
                continue
            except FAILURES as error:
                _LOG.warning("the user group %s cannot be read: %s", group, error)
                unknown = unknown or "Slack does not answer just now; try again in a minute"
                continue
            if user in (response.get("users") or []):
                return None
        if unknown:
            return (
                f"I could not find out whether you may {self._what}: {unknown}. "
                "If it stays so, please tell whoever runs me."
            )
        return (
            f"You may not {self._what}. These may: {await self._names()}. "
            "Ask one of them, or whoever runs me (ITUBOT_LIBRARY_USERS)."
        )

    async def _names(self) -> str:
        groups = await self._known_groups() if self._groups else {}
        names = [
            _group(name, groups) if name.startswith("S") else f"<@{name}>" for name in self._allowed[:_NAMED]
        ]
        if len(self._allowed) > _NAMED:
            names.append(f"{len(self._allowed) - _NAMED} more")
        return ", ".join(names)

    async def _known_groups(self) -> dict[str, dict[str, Any]] | None:
        try:
            response = await self._client.usergroups_list(include_disabled=True)
        except FAILURES:
            return None  # Only their names are lost.
        return {group["id"]: group for group in response.get("usergroups") or []}


def _group(name: str, groups: dict[str, dict[str, Any]] | None) -> str:
    if groups is None:
        return f"the user group {name}"
    if name not in groups:
        return f"the user group {name} (there is none of this id any more)"
    group = groups[name]
    shown = f"the user group {escape('@' + str(group.get('handle') or group.get('name') or name))}"
    return f"{shown} (switched off in Slack)" if group.get("date_delete") else shown
