"""`itubot` with the embedder of small stores: `python -m tests.bot.mcp.small_server mcp`."""

from __future__ import annotations

import sys

from bot.cli import main
from bot.settings import Settings
from bot.wiring import Services, build
from tests.small_store import HashingEmbedder


def make(settings: Settings) -> Services:
    """Return the services of a store with that embedder."""
    return build(settings, HashingEmbedder())


if __name__ == "__main__":
    sys.exit(main(None, make))
