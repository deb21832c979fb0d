"""What the fake Slack knows of people and channels, and the messages that one person alone sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fake_slack.channels import page


@dataclass
class Directory:
    """`people` and `places` hold by id in what somebody differs from a member, or a channel from one of its own.

    `members` holds who is in a channel; `whispers` the arguments of each ephemeral message,
    but for those in a thread that answer what somebody did there.
    """

    team: str
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    whispers: list[dict[str, Any]] = field(default_factory=list)

    def kind(self, channel: str) -> str:
        """Return the kind of a conversation as scopes name it: channels, groups, im or mpim."""
        place = self.places.get(channel, {})
        if channel.startswith("D") or place.get("is_im"):
            return "im"
        if place.get("is_mpim"):
            return "mpim"
        return "groups" if channel.startswith("G") or place.get("is_private") else "channels"

    def tell(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `users.info`, `conversations.info`, `.members` or `.open`, or `chat.postEphemeral`."""
        match method:
            case "users.info":
                user = arguments["user"]
                member = {"id": user, "team_id": self.team, "is_restricted": False, "name": user.lower()}
                member |= {"tz": "Europe/Zurich", "tz_label": "Central European Time", "tz_offset": 3_600}
                return {"ok": True, "user": member | self.people.get(user, {})}
            case "conversations.info":
                channel = arguments["channel"]
                own = {"id": channel, "is_channel": True, "is_private": False}
                own |= {"is_shared": False, "is_ext_shared": False}
                return {"ok": True, "channel": own | self.places.get(channel, {})}
            case "conversations.members":
                return page(self.members.get(arguments["channel"], []), "members", arguments)
            case "conversations.open":
                opened = arguments.get("channel") or "D" + arguments["users"][1:]
                return {"ok": True, "channel": {"id": opened}}
        self.whispers.append(arguments)
        return {"ok": True, "message_ts": "1.1"}
