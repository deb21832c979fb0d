"""Stores what people say of answers, and thanks them; only the voter sees that.

A vote is stored before Slack's request is acknowledged, so that a crash loses none that Slack shows as given.
"""

from __future__ import annotations

import asyncio
import logging

from bot.slack.background import BackgroundTasks
from bot.slack.blocks.elements import Message
from bot.slack.blocks.feedback import (
    NOT_STORED,
    THANKS,
    THANKS_FOR_DETAILS,
    TOO_OLD,
    VotedAnswer,
    feedback_form,
    read_vote,
)
from bot.slack.handlers.presses import Press
from bot.slack.sending.clients import SlackClients, open_view
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.errors import StoreError
from store.jobs import QuestionStore

_LOG = logging.getLogger(__name__)


class FeedbackHandler:
    """Handles votes on answers."""

    def __init__(self, question_store: QuestionStore, clients: SlackClients, tasks: BackgroundTasks) -> None:
        self._save = question_store.feedback.save
        self._clients = clients
        self._tasks = tasks

    async def vote(self, press: Press) -> None:
        """Store a vote, then start thanking for it; a negative one opens the form that asks what was wrong."""
        vote, key = read_vote(press.value)
        answer = VotedAnswer(key, press.channel, press.thread, press.response_url)
        try:
            stored = await asyncio.to_thread(self._save, key, press.user, vote)
        except StoreError as error:
            _LOG.warning("a vote could not be stored: %s", error)
            self._tell(press.user, answer, NOT_STORED)
            return
        if stored and vote == "bad":
            self._tasks.start(self._ask(press, answer))
        else:
            self._tell(press.user, answer, THANKS if stored else TOO_OLD)

    async def explain(self, user: str, answer: VotedAnswer, reason: str | None, comment: str | None) -> None:
        """Store what was wrong with an answer, then start thanking for it. Raises StoreError."""
        stored = await asyncio.to_thread(self._save, answer.key, user, "bad", reason, comment)
        self._tell(user, answer, THANKS_FOR_DETAILS if stored else TOO_OLD)

    async def _ask(self, press: Press, answer: VotedAnswer) -> None:
        """Open the form; where Slack does not, thank for the vote."""
        if not await open_view(self._clients.unretried, press.trigger, feedback_form(answer)):
            self._tell(press.user, answer, THANKS)

    def _tell(self, user: str, answer: VotedAnswer, message: Message) -> None:
        to = Recipient(user, answer.channel, answer.thread, answer.response_url)
        self._tasks.start(reply_privately(self._clients, to, message))
