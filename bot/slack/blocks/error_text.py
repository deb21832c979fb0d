"""Errors in words for people in Slack, who can run no command and change no setting. Pure."""

from __future__ import annotations

import re

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
