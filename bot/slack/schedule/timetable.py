"""When digests are posted: at an hour of some weekdays, in a time zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.register.date_format import add_days

WORKDAYS = frozenset(range(5))
MONDAYS = frozenset({0})

# How long after its hour a missed digest is still posted.
LATE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Timetable:
    """At `at` in the time zone `zone`, on `weekdays` (Monday is 0)."""

    at: time
    zone: ZoneInfo
    weekdays: frozenset[int] = WORKDAYS

    def due_day(self, now: datetime, since: datetime) -> date | None:
        """Return the day whose digest is due at `now`, None if none is.

        It is due from its hour until it is too late. `since`: from when on digests are wanted.
        """
        local = now.astimezone(self.zone)
        # That of an evening may come after midnight.
        for day in (local.date(), add_days(local.date(), -1)):
            hour = datetime.combine(day, self.at, self.zone)
            if day.weekday() in self.weekdays and since <= hour <= local <= hour + LATE:
                return day
        return None
