"""What changed between two versions of a document, or two editions of a report.

`read_changes` compares them, `bot.changes.wording` has the changes in words.
"""

from bot.changes.comparison import Changes, ParagraphChange, Version, compare
from bot.changes.versions import read_changes

__all__ = ["Changes", "ParagraphChange", "Version", "compare", "read_changes"]
