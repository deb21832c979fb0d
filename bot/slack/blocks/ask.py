"""The form in which somebody asks, from a message or from anywhere in Slack. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.slack.blocks.echo import quoted
from bot.slack.blocks.elements import Block, section
from bot.slack.blocks.forms import entered, input_field, known, modal, text_area, typed

ASK_FORM = "ask_form"

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
    hint = (
        "The answer comes in the thread of the message."
        if origin.thread
        else "The answer comes to you alone."
    )
    blocks = [input_field(_FIELD, "Question", text_area(question), hint=hint)]
    return modal(ASK_FORM, "Ask", blocks, submit="Ask", close="Cancel", known=asdict(origin))


def read_ask_form(view: Mapping[str, Any]) -> tuple[AskOrigin, str]:
    """Return where a submitted form was opened, and the question."""
    return AskOrigin(**known(view)), typed(entered(view)[_FIELD])


def asked(origin: AskOrigin, question: str) -> Block:
    """Return what the form becomes once it is submitted."""
    where = "in the thread of the message" if origin.thread else "in our direct messages"
    line = f"I am looking for an answer to {quoted(question)}. It follows {where}."
    return modal("asked", "Asked", [section(line)])


def no_question() -> dict[str, str]:
    """Return the message by field for a form without a question."""
    return {_FIELD: "Please write a question."}
