"""`python -m bot`, whose digest goes out on any day and whose leases run out after a second."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial

from bot import cli
from bot.slack import digest_schedule, options


class EveryDay(digest_schedule.DigestSchedule):
    """A schedule of seven weekdays: tests run on Sundays too."""

    def __init__(
        self, poster: digest_schedule.DigestPoster, timetable: digest_schedule.Timetable, **more: object
    ) -> None:
        super().__init__(poster, replace(timetable, weekdays=frozenset(range(7))), **more)  # type: ignore[arg-type]


if __name__ == "__main__":
    digest_schedule.DigestSchedule = EveryDay  # type: ignore[misc]
    timing = options.Timing(renew_every=0.2, lease_seconds=1.0)
    options.SlackOptions = partial(options.SlackOptions, timing=timing)  # type: ignore[assignment, misc]
    sys.exit(cli.main())
