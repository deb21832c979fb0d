"""Why the Slack bot cannot run.

BotError
└── SlackError
    ├── TokenRefused       a token is wrong or missing: correct the setting that the message names
    ├── SlackUnreachable   nobody answers at Slack's address: check the network, try again
    └── PortInUse          the port is taken: end the other program, or set another port
"""

from __future__ import annotations

from bot.errors import BotError


class SlackError(BotError):
    """Root of what keeps the Slack bot from running."""


class TokenRefused(SlackError):
    """Slack does not accept a token, or one is missing."""


class SlackUnreachable(SlackError):
    """Slack's Web API does not answer."""


class PortInUse(SlackError):
    """The port of the HTTP mode cannot be listened on."""
