"""What can go wrong in what goes out, named by what the user does next.

BotError
├── SettingsError   a setting is wrong: correct the environment or .env
├── QuestionError   the question cannot be asked as it stands: put it differently
└── NotReady        something has to be done first: the message says which command
"""

from __future__ import annotations


class BotError(Exception):
    """Root of this package's errors; `str()` is one line for the user, with the way out."""


class SettingsError(BotError):
    """The environment or `.env` says something that cannot be."""


class QuestionError(BotError):
    """The question is empty, too long, or not text."""


class NotReady(BotError):
    """What was asked for needs something that is not there yet."""
