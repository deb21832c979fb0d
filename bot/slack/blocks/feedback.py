"""Feedback on an answer: the two buttons below it, the form that asks what was wrong, and the thanks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bot.slack.blocks.elements import Block, option, plain_message, plain_text, section
from bot.slack.blocks.forms import chosen, entered, input_field, known, modal, text_area, typed
from store.jobs.feedback import Vote

FEEDBACK, FEEDBACK_FORM = "feedback", "feedback_form"

REASONS = {
    "wrong": "It is wrong",
    "beside": "It does not answer my question",
    "source": "The source does not say that",
    "incomplete": "Something is missing",
    "outdated": "It is out of date",
}
_COMMENT_CHARS = 2_000


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


def feedback_form(answer: Mapping[str, str]) -> Block:
    """Return the form that asks what was wrong; everything in it is optional. `answer` comes back with it."""
    reasons = {"type": "radio_buttons", "options": [option(value, text) for value, text in REASONS.items()]}
    blocks = [
        section("Your vote is stored. What you write here goes to the people who run me, with the answer."),
        input_field("reason", "What was wrong?", reasons, optional=True),
        input_field("comment", "What would be right?", text_area(longest=_COMMENT_CHARS), optional=True),
    ]
    return modal(FEEDBACK_FORM, "What was wrong?", blocks, submit="Send", close="Skip", known=answer)


def read_feedback_form(view: Mapping[str, Any]) -> tuple[dict[str, str], str | None, str | None]:
    """Return what a submitted form was made with, the reason and the comment; None where it has none."""
    values = entered(view)
    return known(view), chosen(values["reason"]), typed(values["comment"]) or None


def _button(text: str, spoken: str, value: str) -> Block:
    return {"text": plain_text(text), "accessibility_label": spoken, "value": value}


THANKS = plain_message("Thank you. Your vote is stored with the answer; press again to change it.")
THANKS_FOR_DETAILS = plain_message("Thank you. The people who run me will read it.")
TOO_OLD = plain_message("This answer is too old: I keep answers for 30 days, so your vote is not stored.")
NOT_STORED = plain_message("Your vote could not be stored just now. Please press again in a minute.")
