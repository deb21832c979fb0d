"""The program with an embedder that costs nothing, a digest on any day, and patience with the tests' Slack.

    python -m tests.tools.chaos.program serve

Loading the real model takes a bot most of the time that it lives in a storm. All else is as it is used.
"""

from __future__ import annotations

import sys
from functools import partial

from bot import cli, wiring
from bot.slack.core import options
from bot.slack.features.follow import subscriptions
from tests.small_store import HashingEmbedder

# The process that takes files in imports this module too, under another name.
wiring.embedder_of = lambda *_: HashingEmbedder()  # type: ignore[assignment]
subscriptions.WORKDAYS = frozenset(range(7))
# On a busy machine the tests' Slack may not answer for seconds; then people would be told that it does not.
_PATIENT = options.Timing(admission_patience=30.0)
options.SlackOptions = partial(options.SlackOptions, timing=_PATIENT)  # type: ignore[assignment, misc]

if __name__ == "__main__":
    sys.exit(cli.main())
