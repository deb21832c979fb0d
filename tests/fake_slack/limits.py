"""What Slack, or its guidance, would find wrong with what the bot builds, as lists of words."""

from __future__ import annotations

from typing import Any

from bot.slack.core.ui.elements import Message
from tests.fake_slack.rules import messages, views
from tests.fake_slack.rules.base import violations
from tests.fake_slack.rules.methods import refusal


def problems(message: Message) -> list[str]:
    """Return what is wrong with a message that is posted."""
    arguments = {"channel": "C1", "text": message.text, "blocks": list(message.blocks)}
    found = refusal("chat.postMessage", arguments)
    return list(found.messages) if found else []


def problems_of_form(view: dict[str, Any]) -> list[str]:
    """Return what is wrong with a modal."""
    return [str(violation) for violation in violations(views.Modal, view)]


def problems_of_home(view: dict[str, Any]) -> list[str]:
    """Return what is wrong with a Home tab."""
    return [str(violation) for violation in violations(views.Home, view)]


def problems_of_response(arguments: dict[str, Any]) -> list[str]:
    """Return what is wrong with what is sent to a `response_url`."""
    kind = messages.Deletion if "delete_original" in arguments else messages.Response
    found = [str(violation) for violation in violations(kind, arguments)]
    return found or problems(Message("any", tuple(arguments.get("blocks", []))))


def problems_of_acknowledgement(kind: str, answer: dict[str, Any]) -> list[str]:
    """Return what is wrong with what acknowledges a slash command or a form; nothing has to be in it."""
    if not answer:
        return []
    model = messages.Acknowledgement if kind == "slash_commands" else views.Answer
    return [str(violation) for violation in violations(model, answer)]
