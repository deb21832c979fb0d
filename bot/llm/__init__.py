"""Answers by a chat model: what it is asked, what it writes, and a judge of what it wrote.

`ChatModel` is a model by name; `Writer` makes an answer of its reply; `ModelJudge` and `EntailmentJudge` say whether
passages say a statement; `QuestionParser` says what is asked; `ModelLabeller` says what dates are.
"""

from bot.llm.chat_model import ChatModel, Limits
from bot.llm.judge import EntailmentJudge, Judge, ModelJudge
from bot.llm.labeller import LABEL_LIMITS, ModelLabeller
from bot.llm.prompt import Sources
from bot.llm.question_parser import PARSE_LIMITS, QuestionParser
from bot.llm.writer import Writer

__all__ = [
    "LABEL_LIMITS",
    "PARSE_LIMITS",
    "ChatModel",
    "EntailmentJudge",
    "Judge",
    "Limits",
    "ModelJudge",
    "ModelLabeller",
    "QuestionParser",
    "Sources",
    "Writer",
]
