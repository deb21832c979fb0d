"""Stores what people say of answers, and thanks them; only the voter sees that.

A vote is stored before Slack's request is acknowledged, so that a crash loses none that Slack shows as given.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.acknowledging import acknowledge_stored
from bot.slack.blocks.elements import Message
from bot.slack.blocks.feedback import (
    NOT_STORED,
    THANKS,
    THANKS_FOR_DETAILS,
    TOO_OLD,
    feedback_form,
    read_feedback_form,
    read_vote,
)
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.payloads import Press
from bot.slack.sending.private_replies import Recipient
from store.errors import StoreError

_LOG = logging.getLogger(__name__)


class FeedbackHandler:
    """Handles votes on answers."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._save = services.question_store.feedback.save

    async def vote(self, press: Press) -> Message | None:
        """Store a vote, and thank for it; a negative one opens the form that asks what was wrong."""
        vote, key = read_vote(press.value)
        try:
            stored = await asyncio.to_thread(self._save, key, press.user, vote)
        except StoreError as error:
            _LOG.warning("a vote could not be stored: %s", error)
            return NOT_STORED
        if stored and vote == "bad":
            self._services.tasks.start(self._ask(press, key))
            return None
        return THANKS if stored else TOO_OLD

    async def submit_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Store what was wrong with an answer, then start thanking for it."""
        answer, reason, comment = read_feedback_form(body["view"])
        key, user = answer.pop("key"), body["user"]["id"]
        to = Recipient(user, **answer)

        async def explain() -> None:
            stored = await asyncio.to_thread(self._save, key, user, "bad", reason, comment)
            self._services.tell(to, THANKS_FOR_DETAILS if stored else TOO_OLD)

        await acknowledge_stored(explain(), ack, "comment")

    async def _ask(self, press: Press, key: str) -> None:
        """Open the form; where Slack does not, thank for the vote."""
        to = press.recipient
        answer = {"key": key, "channel": to.channel, "thread": to.thread, "response_url": to.response_url}
        if told := await self._services.open_form(press.trigger, feedback_form(answer), THANKS):
            self._services.tell(to, told)
