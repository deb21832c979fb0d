"""The user's question: cleaned, put into the context of the conversation, and analysed.

`read_question` cleans what was typed, `contextualize` adds what a follow-up refers to, and `understand` returns the
kinds of answer and the terms that it asks for. `bot.question.small_talk` needs numpy and is imported by itself.
"""

from bot.question.lexicon import ORDINALS
from bot.question.typed_text import LONGEST_QUESTION, read_question
from bot.question.understanding import (
    Ask,
    ContextualQuestion,
    Question,
    Turn,
    asked_by_turn,
    asked_for,
    asking_phrases,
    contextualize,
    figure_words,
    name_terms,
    resolve,
    topic_words,
    understand,
)

__all__ = [
    "LONGEST_QUESTION",
    "ORDINALS",
    "Ask",
    "ContextualQuestion",
    "Question",
    "Turn",
    "asked_by_turn",
    "asked_for",
    "asking_phrases",
    "contextualize",
    "figure_words",
    "name_terms",
    "read_question",
    "resolve",
    "topic_words",
    "understand",
]
