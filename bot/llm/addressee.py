"""Decides with a model whether a message in a thread, which mentions nobody, asks the assistant something."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.llm.chat_model import ChatModel, ReplyLimits
from bot.llm.prompt import conversation, escaped
from bot.question import Turn
from prompts import chat_prompt

# The reply is one word, and whoever asked waits for an answer after it.
ADDRESSEE_LIMITS = ReplyLimits(total=8.0, stall=6.0, characters=200)
_YES = re.compile(r"\W*yes\b(?!.*\bno\b)", re.IGNORECASE | re.DOTALL)


class AddresseeJudge:
    """A chat model that knows the conversation. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def asks_assistant(self, message: str, history: Sequence[Turn]) -> bool:
        """Return True if the model says so; any other word than yes is a no. Raises ModelError."""
        messages = chat_prompt("addressee", "addressee_asked").format_messages(
            conversation=conversation(history) or "none", message=escaped(message)
        )
        return _YES.match(self._model.ask(messages)) is not None
