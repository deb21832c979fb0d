"""Questions about time: `read_query` makes a search of the register of them, `answer_query` answers it in lines."""

from bot.register.questions.answers import Line, answer_query
from bot.register.questions.period import Period, find_period
from bot.register.questions.query import (
    RegisterQuery,
    Relation,
    asks_about_time,
    follow_up_query,
    read_query,
)
from bot.register.questions.search import EntrySearch
from bot.register.questions.shorthand import expand_shorthand

__all__ = [
    "EntrySearch",
    "Line",
    "Period",
    "RegisterQuery",
    "Relation",
    "answer_query",
    "asks_about_time",
    "expand_shorthand",
    "find_period",
    "follow_up_query",
    "read_query",
]
