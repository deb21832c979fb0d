"""Answers by a chat model: what it is asked, what it writes, and a judge of what it wrote.

`ChatModel` is a model by name; `Writer` makes an answer of its reply; `ModelJudge` and `EntailmentJudge` say whether
passages say a statement; `Rewriter` makes follow-up questions stand alone.
"""

from bot.llm.chat_model import ChatModel, Limits
from bot.llm.follow_ups import Rewriter
from bot.llm.judge import EntailmentJudge, Judge, ModelJudge
from bot.llm.writer import Task, Writer

__all__ = [
    "ChatModel",
    "EntailmentJudge",
    "Judge",
    "Limits",
    "ModelJudge",
    "Rewriter",
    "Task",
    "Writer",
]
