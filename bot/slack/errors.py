"""Errors that keep the Slack bot from running.

BotError
├── TokenRefused       a token is wrong or missing: correct the setting that the message names
├── SlackUnreachable   nobody answers at Slack's address: check the network, try again
└── PortInUse          the port is taken: end the other program, or set another port
"""

from __future__ import annotations

import logging
import secrets

from bot.errors import BotError

_LOG = logging.getLogger(__name__)


class TokenRefused(BotError):
    """Slack does not accept a token, or one is missing."""


class SlackUnreachable(BotError):
    """Slack's Web API does not answer."""


class PortInUse(BotError):
    """The HTTP mode's port is taken."""


def log_failure(what: str) -> str:
    """Log the present exception under a new reference number, and return that for the user."""
    reference = f"R-{secrets.token_hex(4).upper()}"
    _LOG.exception("%s: %s failed", reference, what)
    return reference
