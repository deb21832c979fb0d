"""`python -m bot`, whose digest goes out on any day and whose leases run out soon.

It acknowledges nothing that is not stored: on a busy machine, a test kills it later than the bot would otherwise wait.
"""

from __future__ import annotations

import sys
from functools import partial

from bot import cli
from bot.slack.core import options
from bot.slack.features.follow import subscriptions


def main() -> int:
    """Run the program."""
    # Tests run on Sundays too.
    subscriptions.WORKDAYS = frozenset(range(7))
    # Imported late: a process that takes files in imports this module too, and does without Slack.
    from bot.slack.core import receiving

    receiving._PATIENCE_SECONDS = 1_000.0
    # Long before the next process is there, and not while a busy machine lets this one wait.
    timing = options.Timing(renew_every=0.2, lease_seconds=4.0)
    options.SlackOptions = partial(options.SlackOptions, timing=timing)  # type: ignore[assignment, misc]
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
