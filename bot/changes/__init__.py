"""What changed between two versions of a document, or two editions of a report.

`read_changes` compares them; `bot.changes.answers` turns the changes into an answer, `bot.changes.wording` into words.
"""

from bot.changes.comparison import Changes, ParagraphChange, compare
from bot.changes.dates import DateChange, Version
from bot.changes.questions import ChangeQuestion, change_question
from bot.changes.versions import read_changes

__all__ = [
    "ChangeQuestion",
    "Changes",
    "DateChange",
    "ParagraphChange",
    "Version",
    "change_question",
    "compare",
    "read_changes",
]
