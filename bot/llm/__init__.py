"""Answers by a chat model, checked and judged; and other uses of the model.

`ChatModel` is a model by name; `Writer` makes an answer of its reply; `ModelJudge` and `EntailmentJudge` decide whether
passages support a statement; `QuestionParser` parses questions; `AddresseeJudge` decides whether a message asks the
assistant something; `ModelLabeller` labels dates.
"""

from bot.llm.chat_model import ChatModel, ReplyLimits
from bot.llm.judge import EntailmentJudge, Judge, ModelJudge
from bot.llm.labeller import LABEL_LIMITS, ModelLabeller
from bot.llm.prompt import PromptMaterial
from bot.llm.reading import ADDRESSEE_LIMITS, PARSE_LIMITS, AddresseeJudge, QuestionParser
from bot.llm.writer import Writer

__all__ = [
    "ADDRESSEE_LIMITS",
    "LABEL_LIMITS",
    "PARSE_LIMITS",
    "AddresseeJudge",
    "ChatModel",
    "EntailmentJudge",
    "Judge",
    "ModelJudge",
    "ModelLabeller",
    "PromptMaterial",
    "QuestionParser",
    "ReplyLimits",
    "Writer",
]
