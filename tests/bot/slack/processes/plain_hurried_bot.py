"""The bot of hurried_bot with an embedder that costs nothing, so that it starts soon."""

from __future__ import annotations

import sys

from tests.bot.slack.processes import hurried_bot
from tests.tools.chaos import program

# The process that takes files in imports this module too, and with it the embedder.
assert program.subscriptions

if __name__ == "__main__":
    sys.exit(hurried_bot.main())
