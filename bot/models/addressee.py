"""Whether a message in a thread asks the assistant something, by a chat model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.question import Turn
from bot.models.chat import ChatModel, ReplyLimits
from bot.models.quoting import escaped, one_line
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
            conversation=spoken(history) or "none", message=escaped(message)
        )
        return _YES.match(self._model.ask(messages)) is not None


# The last turns of a conversation that a model reads, and the most characters of each.
_TURNS = 6
_TURN_CHARACTERS = 500


def spoken(history: Sequence[Turn]) -> str:
    """Return the last turns of a conversation as a model reads them, a line each; "" if there are none."""
    lines = [f"{turn.speaker}: {one_line(turn.text)[:_TURN_CHARACTERS]}" for turn in history[-_TURNS:]]
    return "\n".join(lines)
