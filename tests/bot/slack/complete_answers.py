"""The message for an answer, with the buttons of all features."""

from __future__ import annotations

from bot.answering.answer import Answer
from bot.slack.core.ui.elements import Message
from bot.slack.features.experts import Experts
from bot.slack.features.feedback import Feedback
from bot.slack.features.questions.messages import answer_message


def complete_answer(answer: Answer, key: str, *, experts: bool = False) -> Message:
    """Return the message; `experts`: questions are passed on to people."""
    features = (Experts, Feedback) if experts else (Feedback,)
    return answer_message(answer, key, [block for one in features for block in one.below_answer(answer, key)])
