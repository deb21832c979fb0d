"""`python -m bot`, whose weekday digest goes out on any day: tests run on Sundays too."""

from __future__ import annotations

import sys
from dataclasses import replace

from bot import cli
from bot.slack import digest_schedule


class EveryDay(digest_schedule.DigestSchedule):
    """A schedule of seven weekdays."""

    def __init__(
        self, poster: digest_schedule.DigestPoster, timetable: digest_schedule.Timetable, **more: object
    ) -> None:
        super().__init__(poster, replace(timetable, weekdays=frozenset(range(7))), **more)  # type: ignore[arg-type]


if __name__ == "__main__":
    digest_schedule.DigestSchedule = EveryDay  # type: ignore[misc]
    sys.exit(cli.main())
