"""The user's question: cleaned, and analysed once in the context of the conversation.

`read_question` cleans what was typed. `contextualize` adds what a follow-up refers to and returns a `Question`, the
analysis that all steps of an answer read; `understand` returns that of a question whose context is known,
`understand_other` that of one in another language than English.
`bot.question.lexicon` has the words of the language. `bot.question.small_talk` needs numpy and is imported by itself.
"""

from bot.question.typed_text import LONGEST_QUESTION, expand_shorthand, read_question
from bot.question.understanding import (
    Ask,
    Question,
    Turn,
    asked_by_turn,
    asked_for,
    asking_phrases,
    context_of,
    contextualize,
    figure_words,
    name_terms,
    points_back,
    topic_words,
    understand,
    understand_other,
    understand_wholly,
)

__all__ = [
    "LONGEST_QUESTION",
    "Ask",
    "Question",
    "Turn",
    "asked_by_turn",
    "asked_for",
    "asking_phrases",
    "context_of",
    "contextualize",
    "expand_shorthand",
    "figure_words",
    "name_terms",
    "points_back",
    "read_question",
    "topic_words",
    "understand",
    "understand_other",
    "understand_wholly",
]
