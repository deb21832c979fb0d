"""Errors in words for people in Slack, who can run no command and change no setting. Pure."""

from __future__ import annotations

import re

# What a clause says that only whoever runs the bot can do: a command of the terminal, a setting, a package.
_OPERATOR = re.compile(r"`|\bITUBOT_|\bpip install\b")
_TELL = "tell whoever runs me"


def without_operator_steps(error: str) -> str:
    """Return an error's message without the clauses for whoever runs the bot, and with the advice to tell them."""
    clauses = error.split("; ")
    shown = [clause for clause in clauses if not _OPERATOR.search(clause)]
    return error if shown == clauses else "; ".join([*shown, _TELL])
