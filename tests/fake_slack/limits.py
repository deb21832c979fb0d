"""What Slack, or its guidance, would find wrong with what the bot builds, as lists of words."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot.slack.core.ui.elements import Message
from tests.fake_slack.rules import messages, views
from tests.fake_slack.rules.base import violations
from tests.fake_slack.rules.methods import refusal

_MODAL, _HOME, _FORM_ANSWER = map(TypeAdapter, (views.Modal, views.Home, views.Answer))
_RESPONSE, _DELETION = TypeAdapter(messages.Response), TypeAdapter(messages.Deletion)
_COMMAND_ANSWER = TypeAdapter(messages.Acknowledgement)


def problems(message: Message) -> list[str]:
    """Return what is wrong with a message that is posted."""
    arguments = {"channel": "C1", "text": message.text, "blocks": list(message.blocks)}
    found = refusal("chat.postMessage", arguments)
    return list(found.messages) if found else []


def problems_of_form(view: dict[str, Any]) -> list[str]:
    """Return what is wrong with a modal."""
    return [str(violation) for violation in violations(_MODAL, view)]


def problems_of_home(view: dict[str, Any]) -> list[str]:
    """Return what is wrong with a Home tab."""
    return [str(violation) for violation in violations(_HOME, view)]


def problems_of_response(arguments: dict[str, Any]) -> list[str]:
    """Return what is wrong with what is sent to a `response_url`."""
    kind = _DELETION if "delete_original" in arguments else _RESPONSE
    found = [str(violation) for violation in violations(kind, arguments)]
    return found or problems(Message("any", tuple(arguments.get("blocks", []))))


def problems_of_acknowledgement(kind: str, answer: dict[str, Any]) -> list[str]:
    """Return what is wrong with what acknowledges a slash command or a form; nothing has to be in it."""
    if not answer:
        return []
    model = _COMMAND_ANSWER if kind == "slash_commands" else _FORM_ANSWER
    return [str(violation) for violation in violations(model, answer)]
