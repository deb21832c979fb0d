"""The fake Slack's buttons, lists, modals and Home tabs, and what people do with them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.fake_slack.channels import Message, error
from tests.fake_slack.events import Envelope

if TYPE_CHECKING:
    from tests.fake_slack.slack import FakeSlack

View = dict[str, Any]
_NUMBERS = count(1)
# https://docs.slack.dev/surfaces/modals: a modal holds three views at a time.
_MOST_VIEWS = 3


@dataclass
class Forms:
    """Every modal that was opened or pushed, as it is now, also by its trigger, and the Home tab of each person.

    `expired`: the next one comes too late. `has_home`: the manifest switches the Home tab on.
    """

    has_home: bool = False
    opened: list[View] = field(default_factory=list)
    homes: dict[str, View] = field(default_factory=dict)
    expired: bool = False
    by_trigger: dict[str, View] = field(default_factory=dict)
    _depth: int = 0

    def do(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `views.open`, `views.push`, `views.update` or `views.publish`."""
        view = arguments["view"]
        view = json.loads(view) if isinstance(view, str) else view
        match method:
            case "views.publish":
                return self._publish(arguments["user_id"], view, arguments.get("hash"))
            case "views.update":
                return self._update(view, arguments)
        trigger, depth = arguments["trigger_id"], self._depth + 1 if method == "views.push" else 1
        if self.expired:
            return error("expired_trigger_id")
        if trigger in self.by_trigger:
            return error("exchanged_trigger_id")
        if depth > _MOST_VIEWS:
            return error("push_limit_reached")
        self._depth = depth
        self.by_trigger[trigger] = _numbered(view)
        self.opened.append(self.by_trigger[trigger])
        return {"ok": True, "view": self.opened[-1]}

    def _update(self, view: View, arguments: dict[str, Any]) -> dict[str, Any]:
        name = "view_id" if "view_id" in arguments else "external_id"
        known = next((v for v in self.opened if v.get(name.removeprefix("view_")) == arguments[name]), None)
        if known is None:
            return error("not_found")
        if arguments.get("hash", known["hash"]) != known["hash"]:
            return error("hash_conflict")
        number = known["id"]
        known.clear()
        known.update(_numbered(view), id=number)
        return {"ok": True, "view": known}

    def _publish(self, user: str, view: View, expected: str | None) -> dict[str, Any]:
        if not self.has_home:
            return error("not_enabled")
        if expected and user in self.homes and self.homes[user]["hash"] != expected:
            return error("hash_conflict")
        self.homes[user] = _numbered(view)
        return {"ok": True, "view": self.homes[user]}


def _numbered(view: View) -> View:
    number = next(_NUMBERS)
    return {**view, "id": f"V{number}", "hash": f"{number}.hash"}


def elements(shown: Message | View) -> Iterator[dict[str, Any]]:
    """Yield what can be pressed or chosen in a message or a view."""
    for block in shown["blocks"]:
        yield from block["elements"] if block["type"] in ("actions", "context_actions") else ()
        if "accessory" in block:
            yield block["accessory"]


def labels(shown: Message | View) -> list[str]:
    """Return what the buttons of a message or a view say."""
    return [each["text"]["text"] for each in elements(shown) if each["type"] == "button"]


async def choose(
    slack: FakeSlack,
    shown: Message | View,
    words: str,
    *,
    user: str = "U1",
    channel: str = "",
    trigger: str = "",
) -> Envelope:
    """Have somebody choose the option with these words from a list of a message or a view."""
    listed, chosen = next(
        (each, option)
        for each in elements(shown)
        for option in each.get("options", [])
        if words in option["text"]["text"]
    )
    return await _act(slack, shown, {**_kind(listed), "selected_option": chosen}, user, trigger, channel)


async def press(
    slack: FakeSlack,
    shown: Message | View,
    label: str,
    *,
    number: int = 1,
    user: str = "U1",
    trigger: str = "",
    channel: str = "",
    ts: str = "",
) -> Envelope:
    """Have somebody press the button of a message or a view, of several with this label that of the `number`.

    Each delivery of a press has the same `ts`.
    """
    same = [each for each in elements(shown) if each.get("text", {}).get("text") == label]
    button = same[number - 1]
    value = {"value": button["value"]} if "value" in button else {}
    at = {"action_ts": ts} if ts else {}
    return await _act(slack, shown, {**_kind(button), **value, **at}, user, trigger, channel)


async def vote(slack: FakeSlack, shown: Message, *, positive: bool, user: str = "U1") -> Envelope:
    """Have somebody press one of the two feedback buttons of a message."""
    buttons = next(each for each in elements(shown) if each["type"] == "feedback_buttons")
    chosen = buttons["positive_button" if positive else "negative_button"]
    return await _act(slack, shown, {**_kind(buttons), "value": chosen["value"]}, user)


async def opened_by(slack: FakeSlack, act: Awaitable[Envelope]) -> tuple[View, Envelope]:
    """Wait for the modal that opens because somebody does something; return it, and what they did."""
    envelope = await act
    trigger = envelope.payload["trigger_id"]
    await slack.until(lambda: trigger in slack.forms.by_trigger)
    return slack.forms.by_trigger[trigger], envelope


async def send_off(slack: FakeSlack, view: View, *, user: str = "U1", **filled: Any) -> Envelope:
    """Have somebody fill in a modal and send it off; what is not `filled` stays as it is shown."""
    return await slack.interact(submission(view, **filled), user, slack.new_trigger())


def submission(view: View, **filled: Any) -> dict[str, Any]:
    """Return the payload of a modal that is sent off."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            values[block["block_id"]] = {
                element["action_id"]: _value(element, filled.get(block["block_id"], ...))
            }
    return {"type": "view_submission", "view": {**view, "state": {"values": values}}}


def _kind(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": element["type"], "action_id": element["action_id"], "block_id": "b"}


def _value(element: dict[str, Any], filled: Any) -> dict[str, Any]:
    match element["type"]:
        case "plain_text_input" as kind:
            return {"type": kind, "value": element.get("initial_value") if filled is ... else filled}
        case "datepicker" as kind:
            return {"type": kind, "selected_date": element.get("initial_date") if filled is ... else filled}
        case "checkboxes" as kind:
            return {"type": kind, "selected_options": element["options"] if filled is True else []}
    options = {option["value"]: option for option in element["options"]}
    chosen = element.get("initial_option") if filled is ... else options.get(filled)
    return {"type": element["type"], "selected_option": chosen}


async def _act(
    slack: FakeSlack,
    shown: Message | View,
    action: dict[str, Any],
    user: str,
    trigger: str = "",
    channel: str = "",
) -> Envelope:
    trigger = trigger or slack.new_trigger()
    body: dict[str, Any] = {"type": "block_actions", "actions": [action]}
    if shown.get("type") in ("modal", "home"):
        body |= {"view": shown, "container": {"type": "view", "view_id": shown["id"]}}
        return await slack.interact(body, user, trigger)
    channel = channel or slack.channel_of(shown) or "C1"
    container = {"type": "message", "channel_id": channel, "is_ephemeral": "ts" not in shown}
    if thread := shown.get("thread_ts"):
        container |= {"thread_ts": thread}
    body |= {"channel": {"id": channel, "name": "general"}, "response_url": f"{slack.url}respond/{trigger}"}
    if "ts" in shown:
        container |= {"message_ts": shown["ts"]}
        body |= {"message": shown}
    return await slack.interact({**body, "container": container}, user, trigger)
