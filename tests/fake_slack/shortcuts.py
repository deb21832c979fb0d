"""What people do with the app's shortcuts.

https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope

if TYPE_CHECKING:
    from tests.fake_slack.slack import FakeSlack


async def use_message_shortcut(
    slack: FakeSlack,
    callback_id: str,
    message: Message,
    *,
    channel: str = "C1",
    user: str = "U1",
    trigger: str = "",
) -> Envelope:
    """Have somebody use a shortcut on a message; wait until it is acknowledged."""
    trigger = trigger or f"{message['ts']}.trigger"
    body = shortcut_on(slack, callback_id, message, channel=channel, trigger=trigger)
    return await slack.interact(body, user, trigger)


def shortcut_on(
    slack: FakeSlack, callback_id: str, message: Message, *, channel: str = "C1", trigger: str = "t"
) -> dict[str, Any]:
    """Return the payload of a shortcut on a message."""
    known = {(each["callback_id"], each["type"]) for each in slack.manifest["features"]["shortcuts"]}
    assert (callback_id, "message") in known, f"the manifest has no message shortcut {callback_id}"
    return {
        "type": "message_action",
        "callback_id": callback_id,
        "action_ts": slack._now(),
        "channel": {"id": channel, "name": "general"},
        "message_ts": message["ts"],
        "message": message,
        "response_url": f"{slack.url}respond/{trigger}",
    }
