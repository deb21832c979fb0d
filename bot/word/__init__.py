"""Word files that people get: their own draft with comments, and a short document with footnotes."""

from bot.word.comments import Commented, Remark, with_comments
from bot.word.footnotes import Cited, Section, footnoted

__all__ = ["Cited", "Commented", "Remark", "Section", "footnoted", "with_comments"]
