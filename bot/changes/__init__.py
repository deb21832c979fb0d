"""What changed between two versions of a document, or two editions of a report.

`read_changes` compares them, `bot.changes.wording` has the changes in words and as an answer.
"""

from bot.changes.comparison import Changes, ParagraphChange, Version, compare
from bot.changes.versions import read_changes
from bot.changes.wording import ChangeQuestion, change_question

__all__ = [
    "ChangeQuestion",
    "Changes",
    "ParagraphChange",
    "Version",
    "change_question",
    "compare",
    "read_changes",
]
