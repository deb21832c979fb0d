"""The fake Slack's buttons, lists and modals, and what people do with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.bot.slack.fakes.channels import Message
from tests.bot.slack.fakes.events import Envelope
from tests.bot.slack.fakes.limits import problems_of_form

if TYPE_CHECKING:
    from tests.bot.slack.fakes.slack import FakeSlack

View = dict[str, Any]
_NUMBERS = count(1)


@dataclass
class Forms:
    """Every modal that was opened. `expired`: the next one comes too late."""

    opened: list[View] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    expired: bool = False

    def open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `views.open`."""
        view = arguments["view"]
        view = json.loads(view) if isinstance(view, str) else view
        if self.expired:
            return {"ok": False, "error": "expired_trigger_id"}
        self.problems += problems_of_form(view)
        self.opened.append(view)
        return {"ok": True, "view": view}


def elements(message: Message) -> Iterator[dict[str, Any]]:
    """Yield what can be pressed or chosen in a message."""
    for block in message["blocks"]:
        yield from block["elements"] if block["type"] == "actions" else ()
        if "accessory" in block:
            yield block["accessory"]


def labels(message: Message) -> list[str]:
    """Return what the buttons of a message say."""
    return [each["text"]["text"] for each in elements(message) if each["type"] == "button"]


async def choose(slack: FakeSlack, message: Message, words: str, *, user: str = "U1") -> Envelope:
    """Have somebody choose the entry with these words from the list of a message."""
    [listed] = [each for each in elements(message) if each["type"] == "static_select"]
    chosen = next(option for option in listed["options"] if words in option["text"]["text"])
    return await _act(slack, {**_kind(listed), "selected_option": chosen}, user)


async def press(
    slack: FakeSlack, message: Message, label: str, *, user: str = "U1", trigger: str = ""
) -> Envelope:
    """Have somebody press the button of a message."""
    button = next(each for each in elements(message) if each.get("text", {}).get("text") == label)
    return await _act(slack, {**_kind(button), "value": button["value"]}, user, trigger)


async def send_off(slack: FakeSlack, view: View, *, user: str = "U1", **filled: Any) -> Envelope:
    """Have somebody fill in a modal and send it off; what is not `filled` stays as it is shown."""
    values = {}
    for block in view["blocks"]:
        element = block["element"]
        values[block["block_id"]] = {
            element["action_id"]: _value(element, filled.get(block["block_id"], ...))
        }
    sent = {**view, "id": f"V{next(_NUMBERS)}", "state": {"values": values}}
    return await _deliver(slack, {"type": "view_submission", "view": sent}, user)


def _kind(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": element["type"], "action_id": element["action_id"], "block_id": "b"}


def _value(element: dict[str, Any], filled: Any) -> dict[str, Any]:
    match element["type"]:
        case "plain_text_input":
            return {
                "type": "plain_text_input",
                "value": element.get("initial_value") if filled is ... else filled,
            }
        case "datepicker":
            return {
                "type": "datepicker",
                "selected_date": element.get("initial_date") if filled is ... else filled,
            }
        case "checkboxes":
            return {"type": "checkboxes", "selected_options": element["options"] if filled is True else []}
    options = {option["value"]: option for option in element["options"]}
    chosen = element.get("initial_option") if filled is ... else options.get(filled)
    return {"type": "static_select", "selected_option": chosen}


async def _act(slack: FakeSlack, action: dict[str, Any], user: str, trigger: str = "") -> Envelope:
    trigger = trigger or f"{next(_NUMBERS)}.press"
    body = {"type": "block_actions", "actions": [action], "channel": {"id": "C1", "name": "general"}}
    return await _deliver(slack, {**body, "response_url": f"{slack.url}respond/{trigger}"}, user, trigger)


async def _deliver(slack: FakeSlack, body: dict[str, Any], user: str, trigger: str = "") -> Envelope:
    trigger = trigger or f"{next(_NUMBERS)}.press"
    who = {"team": {"id": slack.team, "domain": "test"}, "user": {"id": user, "name": "amina"}}
    envelope = Envelope({**body, **who, "trigger_id": trigger}, f"press-{next(_NUMBERS)}", "interactive")
    slack.envelopes[envelope.id] = envelope
    await slack._send(envelope)
    await slack.until(lambda: envelope.seconds is not None)
    return envelope
