"""Feedback on an answer: the two buttons below it, the form that asks what was wrong, and the thanks.

Only the voter sees the thanks. A vote is stored before Slack's request is acknowledged, so that a crash loses none that
Slack shows as given.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.answering.answer import Answer
from bot.locales import N_, _
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes, acknowledge_stored
from bot.slack.core.sending.clients import open_view
from bot.slack.core.sending.private_replies import Recipient
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


def thanks() -> Message:
    """Return the message that a vote is stored."""
    return plain_message(_("Thank you. Your vote is stored with the answer; press again to change it."))


def thanks_for_details() -> Message:
    """Return the message that what was wrong is stored."""
    return plain_message(_("Thank you. The people who run me will read it."))


def too_old() -> Message:
    """Return the message that an answer is not kept any more."""
    return plain_message(_("This answer is too old: I keep answers for 30 days, so your vote is not stored."))


def not_stored() -> Message:
    """Return the message that a vote could not be stored."""
    return plain_message(_("Your vote could not be stored just now. Please press again in a minute."))


def feedback_buttons(key: str) -> Block:
    """Return the two buttons below the answer to the question `key`."""
    element = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _button(_("Good answer"), _("This answer helped me"), f"good {key}"),
        "negative_button": _button(_("Bad answer"), _("Something is wrong with this answer"), f"bad {key}"),
    }
    return {"type": "context_actions", "elements": [element]}


def feedback_form(answer: Mapping[str, str]) -> Block:
    """Return the form that asks what was wrong; everything in it is optional. `answer` comes back with it."""
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
    return modal(FEEDBACK_FORM, _("What was wrong?"), blocks, submit=_("Send"), close=_("Skip"), known=answer)


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
        vote, _, key = press.value.partition(" ")
        try:
            stored = await asyncio.to_thread(self._save, key, press.user, cast(Vote, vote))
        except StoreError as error:
            _LOG.warning("a vote could not be stored: %s", error)
            return not_stored()
        if stored and vote == "bad":
            self._services.tasks.start(self._ask(press, key))
            return None
        return thanks() if stored else too_old()

    async def submit_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Store what was wrong with an answer, then start thanking for it."""
        answer, values = known(body["view"]), entered(body["view"])
        reason, comment = chosen(values["reason"]), typed(values["comment"]) or None
        key, user = answer.pop("key"), body["user"]["id"]
        to = Recipient(user, **answer)

        async def explain() -> None:
            stored = await asyncio.to_thread(self._save, key, user, "bad", reason, comment)
            self._services.tell(to, thanks_for_details() if stored else too_old())

        await acknowledge_stored(explain(), ack, "comment")

    async def _ask(self, press: Press, key: str) -> None:
        """Open the form; where Slack does not, thank for the vote."""
        to = press.recipient
        answer = {"key": key, "channel": to.channel, "thread": to.thread, "response_url": to.response_url}
        if not await open_view(self._services.clients.unretried, press.trigger, feedback_form(answer)):
            self._services.tell(to, thanks())
