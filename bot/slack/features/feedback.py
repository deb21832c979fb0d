"""Feedback on an answer: the two buttons below it, the form that asks what was wrong, and the thanks.

Only the voter sees the thanks. A vote is stored before Slack's request is acknowledged, so that a crash loses none that
Slack shows as given.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import cast

from bot.answering.answer import Answer
from bot.locales import N_, _
from bot.slack.core.errors import NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Block, Message, option, plain_message, plain_text, section
from bot.slack.core.ui.forms import chosen, entered, input_field, known, modal, text_area, typed
from store.errors import StoreError
from store.jobs import Vote

FEEDBACK, FEEDBACK_FORM = "feedback", "feedback_form"

REASONS = {
    "wrong": N_("It is wrong"),
    "beside": N_("It does not answer my question"),
    "source": N_("The source does not say that"),
    "incomplete": N_("Something is missing"),
    "outdated": N_("It is out of date"),
}
_COMMENT_CHARS = 2_000

_LOG = logging.getLogger(__name__)


def _thanks() -> Message:
    return plain_message(_("Thank you. Your vote is stored with the answer; press again to change it."))


def _too_old() -> Message:
    return plain_message(_("This answer is too old: I keep answers for 30 days, so your vote is not stored."))


def feedback_buttons(key: str) -> Block:
    """Return the two buttons below the answer to the question `key`."""
    element = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _button(_("Good answer"), _("This answer helped me"), f"good {key}"),
        "negative_button": _button(_("Bad answer"), _("Something is wrong with this answer"), f"bad {key}"),
    }
    return {"type": "context_actions", "elements": [element]}


def feedback_form(key: str) -> Block:
    """Return the form that asks what was wrong with the answer to the question `key`; everything in it is optional."""
    reasons = {
        "type": "radio_buttons",
        "options": [option(value, _(text)) for value, text in REASONS.items()],
    }
    blocks = [
        section(
            _("Your vote is stored. What you write here goes to the people who run me, with the answer.")
        ),
        input_field("reason", _("What was wrong?"), reasons, optional=True),
        input_field("comment", _("What would be right?"), text_area(longest=_COMMENT_CHARS), optional=True),
    ]
    return modal(
        FEEDBACK_FORM, _("What was wrong?"), blocks, submit=_("Send"), close=_("Skip"), known={"key": key}
    )


def _button(text: str, spoken: str, value: str) -> Block:
    return {"text": plain_text(text), "accessibility_label": spoken, "value": value}


class Feedback(Feature):
    """Stores votes on answers, and what people say was wrong."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._save = services.question_store.save_vote

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons and the form."""
        routes.press_stored(FEEDBACK, self.vote)
        routes.form(FEEDBACK_FORM, self.submit_form)

    @staticmethod
    def below_answer(answer: Answer, key: str) -> Sequence[Block]:
        """Return the two buttons below an answer for which documents were searched."""
        return [feedback_buttons(key)] if answer.searched else []

    async def vote(self, press: Press) -> Message | None:
        """Store a vote, and thank for it; a negative one opens the form that asks what was wrong."""
        vote, _space, key = press.value.partition(" ")
        try:
            stored = await asyncio.to_thread(self._save, key, press.user, cast(Vote, vote))
        except StoreError as error:
            _LOG.warning("a vote could not be stored: %s", error)
            return plain_message(_("Your vote could not be stored just now. Please press again in a minute."))
        if stored and vote == "bad":
            self._services.tasks.start(self._ask(press, key))
            return None
        return _thanks() if stored else _too_old()

    async def submit_form(self, press: Press) -> Message:
        """Store what was wrong with an answer, and thank for it. Raises StoreError."""
        values = entered(press.view)
        reason, comment = chosen(values["reason"]), typed(values["comment"]) or None
        key = known(press.view)["key"]
        stored = await asyncio.to_thread(self._save, key, press.user, "bad", reason, comment)
        return plain_message(_("Thank you. The people who run me will read it.")) if stored else _too_old()

    async def _ask(self, press: Press, key: str) -> None:
        """Open the form; where Slack does not, thank for the vote."""

        async def form() -> Block:
            return feedback_form(key)

        try:
            await self._services.open_window(press, form())
        except NotDone:
            self._services.tell(press.recipient, _thanks())
