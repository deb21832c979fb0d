"""Questions about time: `read_query` reads one as a RegisterQuery, `answer_query` answers that in lines."""

from bot.register.questions.answers import AnswerLine, answer_query
from bot.register.questions.query import (
    Period,
    RegisterQuery,
    Relation,
    asks_about_time,
    find_period,
    read_query,
)
from bot.register.questions.search import EntrySearch

__all__ = [
    "AnswerLine",
    "EntrySearch",
    "Period",
    "RegisterQuery",
    "Relation",
    "answer_query",
    "asks_about_time",
    "find_period",
    "read_query",
]
