"""The program with an embedder that costs nothing, and a digest on any day.

    python -m tests.bot.slack.chaos.program serve

Loading the real model takes a bot most of the time that it lives in a storm. All else is as it is used.
"""

from __future__ import annotations

import sys

from bot import cli, wiring
from bot.slack.schedule import digests
from tests.small_store import HashingEmbedder


class PlainEmbedder(HashingEmbedder):
    """Made as the real one is, with a name and a folder."""

    def __init__(self, *_: object) -> None:
        super().__init__()


# Outside of the condition below: the process that takes files in imports this module too, under another name.
wiring.SentenceTransformerEmbedder = PlainEmbedder  # type: ignore[assignment, misc]
wiring.ExportedEncoder = lambda embedder, _: embedder  # type: ignore[assignment, misc]
wiring.export_encoder = lambda *_: ""  # type: ignore[assignment]
digests.WORKDAYS = frozenset(range(7))

if __name__ == "__main__":
    sys.exit(cli.main())
