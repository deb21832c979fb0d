"""What can go wrong in what goes out, named by what the user does next.

BotError
├── SettingsError    a setting is wrong: correct the environment or .env
├── QuestionError    the question cannot be asked as it stands: put it differently
├── UnknownDocument  no document has this name: `itubot documents` lists them
├── UnknownEntry     no entry of the register has this id: `itubot deadlines --all` shows them
├── CorrectionError  an entry cannot be corrected to this: give other values
├── ModelError       the language model gave nothing usable: the answer comes without it
│   └── ModelBusy    it refuses for now, by a rate limit: ask less often
└── NotReady         something has to be done first: the message says which command
"""

from __future__ import annotations


class BotError(Exception):
    """Root of this package's errors; `str()` is one line for the user, with the way out."""


class SettingsError(BotError):
    """The environment or `.env` says something that cannot be."""


class QuestionError(BotError):
    """The question is empty, too long, or not text."""


class UnknownDocument(BotError):
    """No live document has the source name, symbol or id that was given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no document {name!r}; `itubot documents` lists them")


class UnknownEntry(BotError):
    """No entry of the register is meant by what was given as an id, or several are.

    `what` is the message without the command that is the way out in a terminal.
    """

    def __init__(self, what: str, way: str = "") -> None:
        super().__init__(f"{what}; {way}" if way else what)
        self.what = what


class CorrectionError(BotError):
    """What was given cannot be so; `field` names the value to mend."""

    def __init__(self, message: str, field: str = "title") -> None:
        super().__init__(message)
        self.field = field


class ModelError(BotError):
    """The language model cannot be reached, is too slow, or stopped in the middle."""


class ModelBusy(ModelError):
    """The provider limits the rate of requests."""


class NotReady(BotError):
    """What was asked for needs something that is not there yet."""
