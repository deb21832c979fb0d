"""The form in which somebody asks, from a message or from anywhere in Slack. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.slack.blocks.echo import quoted
from bot.slack.blocks.elements import Block, plain_text, section

ASK_FORM = "ask_form"

# Slack's limit for the text of an input, in characters.
_LONGEST = 3_000
_FIELD = "question"


@dataclass(frozen=True, slots=True)
class AskOrigin:
    """Where a form was opened, and when by Slack's clock: on a message, whose thread gets the answer, or anywhere."""

    ts: str
    channel: str = ""
    thread: str = ""
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


def ask_form(origin: AskOrigin, question: str = "") -> Block:
    """Return the form, filled in with a question."""
    text: Block = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": True,
        "max_length": _LONGEST,
    }
    if question:
        text["initial_value"] = question[:_LONGEST]
    hint = (
        "The answer comes in the thread of the message."
        if origin.thread
        else "The answer comes to you alone."
    )
    return {
        "type": "modal",
        "callback_id": ASK_FORM,
        "private_metadata": json.dumps(asdict(origin)),
        "title": plain_text("Ask"),
        "submit": plain_text("Ask"),
        "close": plain_text("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": _FIELD,
                "label": plain_text("Question"),
                "hint": plain_text(hint),
                "element": text,
            }
        ],
    }


def read_ask_form(view: Mapping[str, Any]) -> tuple[AskOrigin, str]:
    """Return where a submitted form was opened, and the question."""
    typed = view["state"]["values"][_FIELD]["value"].get("value") or ""
    return AskOrigin(**json.loads(view["private_metadata"])), typed.strip()


def asked(origin: AskOrigin, question: str) -> Block:
    """Return what the form becomes once it is submitted."""
    where = "in the thread of the message" if origin.thread else "in our direct messages"
    return {
        "type": "modal",
        "callback_id": "asked",
        "title": plain_text("Asked"),
        "close": plain_text("Close"),
        "blocks": [section(f"I am looking for an answer to {quoted(question)}. It follows {where}.")],
    }


def no_question() -> dict[str, str]:
    """Return the message by field for a form without a question."""
    return {_FIELD: "Please write a question."}
