"""`python -m bot`, whose digest goes out on any day and whose leases run out after a second."""

from __future__ import annotations

import sys
from dataclasses import replace

from bot import cli
from bot.slack import digest_schedule


class EveryDay(digest_schedule.DigestSchedule):
    """A schedule of seven weekdays: tests run on Sundays too."""

    def __init__(
        self, poster: digest_schedule.DigestPoster, timetable: digest_schedule.Timetable, **more: object
    ) -> None:
        super().__init__(poster, replace(timetable, weekdays=frozenset(range(7))), **more)  # type: ignore[arg-type]


if __name__ == "__main__":
    digest_schedule.DigestSchedule = EveryDay  # type: ignore[misc]
    from bot.slack import app

    app.serve.__kwdefaults__["timing"] = app.Timing(beat=0.2, silent_for=1.0)
    sys.exit(cli.main())
