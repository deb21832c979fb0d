"""What changed between two versions of a document, or two editions of a report.

`read_changes` compares them; `bot.changes.answers` turns the changes into an answer, `bot.changes.wording` into words.
"""

from bot.changes.answers import ChangeQuestion, change_question
from bot.changes.comparison import Changes, ParagraphChange, Version, compare
from bot.changes.versions import read_changes

__all__ = [
    "ChangeQuestion",
    "Changes",
    "ParagraphChange",
    "Version",
    "change_question",
    "compare",
    "read_changes",
]
