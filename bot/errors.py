"""The errors of `bot`, named by what the user does next.

BotError
├── SettingsError    a setting is wrong: correct the environment or .env
├── QuestionError    the question cannot be answered as it is: rephrase it
├── UnknownDocument  no document has this name: `itubot documents` lists them
├── UnknownEntry     no entry of the register has this id: `itubot deadlines --all` shows them
├── CorrectionError  an entry cannot be corrected to this: give other values
├── ModelError       the language model gave nothing usable: the answer is made without it
│   └── ModelBusy    a rate limit: ask less often
└── NotReady         another command is needed first: the message names it
"""

from __future__ import annotations


class BotError(Exception):
    """Base of this package's errors; `str()` is one line for the user that says what to do."""


class SettingsError(BotError):
    """The environment or `.env` has an invalid value."""


class QuestionError(BotError):
    """The question is empty, too long, or not text."""


class UnknownDocument(BotError):
    """No live document has this source name, symbol or id."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no document {name!r}; `itubot documents` lists them")


class UnknownEntry(BotError):
    """No entry of the register has this id, or several have.

    `what` is the message without the command that helps in a terminal.
    """

    def __init__(self, what: str, way: str = "") -> None:
        super().__init__(f"{what}; {way}" if way else what)
        self.what = what


class CorrectionError(BotError):
    """A value of a correction is invalid; `field` names it."""

    def __init__(self, message: str, field: str = "title") -> None:
        super().__init__(message)
        self.field = field


class ModelError(BotError):
    """The language model cannot be reached, is too slow, or stopped in the middle."""


class ModelBusy(ModelError):
    """The provider limits the rate of requests."""


class NotReady(BotError):
    """Another command has to run first."""
