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
    body = {
        "type": "message_action",
        "action_ts": slack._now(),
        "channel": {"id": channel, "name": "general"},
        "message_ts": message["ts"],
        "message": message,
        "response_url": f"{slack.url}respond/{trigger}",
    }
    return await _use(slack, callback_id, body, user, trigger)


async def use_global_shortcut(
    slack: FakeSlack, callback_id: str, *, user: str = "U1", trigger: str = "", ts: str = ""
) -> Envelope:
    """Have somebody use a shortcut of the whole workspace; wait until it is acknowledged.

    Each delivery of it has the same `ts`.
    """
    trigger = trigger or slack.new_trigger()
    body = {"type": "shortcut", "action_ts": ts or slack._now()}
    return await _use(slack, callback_id, body, user, trigger)


async def _use(slack: FakeSlack, callback_id: str, body: dict[str, Any], user: str, trigger: str) -> Envelope:
    kind = "message" if body["type"] == "message_action" else "global"
    known = {(each["callback_id"], each["type"]) for each in slack.manifest["features"]["shortcuts"]}
    assert (callback_id, kind) in known, f"the manifest has no {kind} shortcut {callback_id}"
    return await slack.interact({**body, "callback_id": callback_id}, user, trigger)
