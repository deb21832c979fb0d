"""What the fake Slack knows of people and channels, and the messages that one person alone sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Directory:
    """`people` and `places` hold by id in what somebody differs from a member, or a channel from one of its own.

    `whispers` holds the arguments of each ephemeral message.
    """

    team: str
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    whispers: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `users.info`, `conversations.info` or `chat.postEphemeral`."""
        if method == "users.info":
            user = arguments["user"]
            member = {"id": user, "team_id": self.team, "is_restricted": False}
            return {"ok": True, "user": member | self.people.get(user, {})}
        if method == "conversations.info":
            channel = arguments["channel"]
            own = {"id": channel, "is_channel": True, "is_private": False}
            own |= {"is_shared": False, "is_ext_shared": False}
            return {"ok": True, "channel": own | self.places.get(channel, {})}
        self.whispers.append(arguments)
        return {"ok": True, "message_ts": "1.1"}
