"""Feedback on an answer: the two buttons below it, the form that asks what was wrong, and the thanks. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from bot.slack.blocks.elements import Block, Message, plain_text, section
from store.jobs.feedback import Vote

FEEDBACK, FEEDBACK_FORM = "feedback", "feedback_form"

REASONS = {
    "wrong": "It is wrong",
    "beside": "It does not answer my question",
    "source": "The source does not say that",
    "incomplete": "Something is missing",
    "outdated": "It is out of date",
}
_COMMENT = 2_000


@dataclass(frozen=True, slots=True)
class VotedAnswer:
    """The answer that somebody votes on: the key of its question, and how the voter alone is reached."""

    key: str
    thread: str = ""
    response_url: str = field(default="", repr=False)


def feedback_buttons(key: str) -> Block:
    """Return the two buttons below the answer to the question `key`."""
    element = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _button("Good answer", "This answer helped me", f"good {key}"),
        "negative_button": _button("Bad answer", "Something is wrong with this answer", f"bad {key}"),
    }
    return {"type": "context_actions", "elements": [element]}


def read_vote(value: str) -> tuple[Vote, str]:
    """Return the vote of a button, and the key of the question."""
    vote, _, key = value.partition(" ")
    return cast(Vote, vote), key


def feedback_form(answer: VotedAnswer) -> Block:
    """Return the form that asks what was wrong; everything in it is optional."""
    options = [{"text": plain_text(text), "value": value} for value, text in REASONS.items()]
    comment = {"type": "plain_text_input", "multiline": True, "max_length": _COMMENT}
    return {
        "type": "modal",
        "callback_id": FEEDBACK_FORM,
        "private_metadata": json.dumps(asdict(answer)),
        "title": plain_text("What was wrong?"),
        "submit": plain_text("Send"),
        "close": plain_text("Skip"),
        "blocks": [
            section(
                "Your vote is stored. What you write here goes to the people who run me, with the answer."
            ),
            _input("reason", "What was wrong?", {"type": "radio_buttons", "options": options}),
            _input("comment", "What would be right?", comment),
        ],
    }


def read_feedback_form(view: Mapping[str, Any]) -> tuple[VotedAnswer, str | None, str | None]:
    """Return the answer that a submitted form is about, the reason and the comment; None where it has none."""
    values = {name: fields["value"] for name, fields in view["state"]["values"].items()}
    reason = (values["reason"].get("selected_option") or {}).get("value")
    comment = (values["comment"].get("value") or "").strip()
    return VotedAnswer(**json.loads(view["private_metadata"])), reason, comment or None


def _button(text: str, spoken: str, value: str) -> Block:
    return {"text": plain_text(text), "accessibility_label": spoken, "value": value}


def _input(name: str, label: str, element: Block) -> Block:
    block = {"type": "input", "block_id": name, "label": plain_text(label), "optional": True}
    return {**block, "element": {**element, "action_id": "value"}}


THANKS = Message.of([section("Thank you. Your vote is stored with the answer; press again to change it.")])
THANKS_FOR_DETAILS = Message.of([section("Thank you. The people who run me will read it.")])
TOO_OLD = Message.of(
    [section("This answer is too old: I keep answers for 30 days, so your vote is not stored.")]
)
NOT_STORED = Message.of([section("Your vote could not be stored just now. Please press again in a minute.")])
