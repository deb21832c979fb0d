"""Follows threads in which the bot has answered: a model decides whether a message without a mention asks the bot.

People also talk to each other there, in words that no rule tells from a question to the bot. So without a model no
thread is followed, and where the model fails, the bot stays silent.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import ModelError
from bot.question import Turn
from bot.slack.handlers.services import WorkspaceServices
from store.jobs import SlackMessage

_LOG = logging.getLogger(__name__)

_OTHERS_MENTIONED = re.compile(r"(?<!\w)@\w|<!subteam")

# Decides with a model whether a message asks the assistant; blocks, and raises ModelError.
AsksAssistant = Callable[[str, Sequence[Turn]], bool]


@dataclass(frozen=True, slots=True)
class ThreadFollower:
    """Decides on messages in followed threads."""

    services: WorkspaceServices
    asks_assistant: AsksAssistant

    async def follows(self, message: SlackMessage) -> bool:
        """Return True for a message that mentions nobody, in a thread with an answer. Raises StoreError."""
        if not message.text or _OTHERS_MENTIONED.search(message.text):
            return False
        return await asyncio.to_thread(self.services.question_store.has_answer, message)

    async def is_question(self, message: SlackMessage, history: Sequence[Turn]) -> bool:
        """Return True if a message is a question to the bot, of somebody who may ask now."""
        if await self.services.admission.refusal(message.user, message.channel) is not None:
            return False
        try:
            asked = await asyncio.to_thread(self.asks_assistant, message.text, history)
        except ModelError as error:
            _LOG.warning("whether a message asks the bot is unknown, so it is not answered: %s", error)
            return False
        return asked and not self.services.budget.charge(message.user, message.key)
