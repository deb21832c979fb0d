"""Word files that people get: their own draft with comments, and a short document with footnotes."""

from bot.word.comments import Commented, Remark, with_comments

__all__ = ["Commented", "Remark", "with_comments"]
