"""When reminders come, and which dating of an event they are about."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from bot.register.following import current_entry, moment_before, reminder_day
from tests.bot.register_entries import AS_OF, entry


@pytest.mark.parametrize(
    ("start", "end", "changes", "day"),
    [
        ("2024-05-09", "2024-05-10", {}, "2024-05-09"),
        ("2024-05-09", "2024-05-31", {"bound": "by"}, "2024-05-31"),
        ("2024-06-01", "2024-06-30", {"precision": "month"}, "2024-06-01"),
        ("2024-06-01", "2024-06-30", {"precision": "month", "bound": "by"}, "2024-06-01"),
        ("2024-05-09", None, {"status": "postponed"}, None),
        ("2024-05-09", None, {"status": "cancelled"}, None),
        (None, None, {"precision": "none"}, None),
    ],
)
def test_reminders_count_from_the_first_possible_day(
    start: str | None, end: str | None, changes: dict[str, object], day: str | None
) -> None:
    expected = date.fromisoformat(day) if day else None
    assert reminder_day(entry("Forum", start, end, **changes)) == expected


def test_reminder_comes_at_the_hour_of_the_zone_through_a_change_of_clocks() -> None:
    moment = moment_before(date(2024, 4, 3), 7, time(8), ZoneInfo("Europe/Zurich"))
    assert moment.isoformat() == "2024-03-27T08:00:00+01:00"


def test_superseded_dating_is_not_the_current_one() -> None:
    old = entry("Forum", "2024-05-06", id="old", status="postponed", rescheduled_to="new")
    new = entry("Forum", "2024-05-13", id="new")
    assert current_entry([old, new], "c-forum", date(2024, 5, 6), AS_OF) == new


def test_of_two_sessions_the_one_that_the_user_knows_counts() -> None:
    first, second = entry("Forum", "2024-05-06", id="1"), entry("Forum", "2024-07-06", id="2")
    assert current_entry([first, second], "c-forum", date(2024, 7, 6), AS_OF) == second
    assert current_entry([first, second], "c-forum", date(2024, 8, 1), AS_OF) == first
