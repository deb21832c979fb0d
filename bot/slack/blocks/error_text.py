"""Errors in words for people in Slack, who can run no command and change no setting. Pure."""

from __future__ import annotations

import re

from store.errors import FileGone, StoreBusy, StoreError, StoreUnavailable

# A clause that says what only whoever runs the bot can do: a command of the terminal, a setting, a package.
_OPERATOR_STEP = re.compile(
    r"(?:^|; |: )(?:(?!; |: ).)*?(?:`|\bITUBOT_|\bpip install\b|\.env\b)(?:(?!; ).)*?(?=; |\.?$)"
)
_TELL = "tell whoever runs me"


def without_operator_steps(error: str) -> str:
    """Return an error's message without the clauses for whoever runs the bot, and with the advice to tell them."""
    shown, count = _OPERATOR_STEP.subn("", error)
    if not count:
        return error
    end = "." if shown.endswith(".") else ""
    words = shown.removesuffix(".").removeprefix("; ").rstrip("?")
    return f"{words}; {_TELL}{end}" if words else f"{_TELL}{end}"


def store_error_text(error: StoreError) -> str:
    """Return what an error of the store says is wrong, without details of the server, and what people in Slack can do.

    The error's own way out, after the semicolon, is for whoever runs the bot.
    """
    what = str(error).partition("; ")[0].partition(" (")[0]
    match error:
        case FileGone():
            return str(error)
        case StoreBusy():
            return f"{what}; try again in a minute"
        case StoreUnavailable():
            return f"{what}; try again in a minute, and if it stays so, {_TELL}"
    return f"{what}; {_TELL}"
