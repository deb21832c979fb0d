"""Answers: their type, and how sentences of the documents or lines of the register become one."""

from bot.answers.answer import (
    Answer,
    Answerer,
    Basis,
    Confidence,
    Progress,
    ProgressCallback,
    Removed,
    SentenceCallback,
    StreamedSentence,
    Tokens,
)

__all__ = [
    "Answer",
    "Answerer",
    "Basis",
    "Confidence",
    "Progress",
    "ProgressCallback",
    "Removed",
    "SentenceCallback",
    "StreamedSentence",
    "Tokens",
]
