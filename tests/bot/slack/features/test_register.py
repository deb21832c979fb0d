"""The register as files."""

from __future__ import annotations

from datetime import UTC, date, datetime

import icalendar

from bot.slack.features.calendars import calendar_file
from bot.slack.features.register import event_file
from tests.bot.register_entries import AS_OF, entry, spring


def test_the_calendar_counts_its_dates() -> None:
    file = calendar_file(spring(), AS_OF, 10, datetime(2024, 5, 1, tzinfo=UTC))
    assert file is not None
    assert file.comment.startswith("3 dates within 10 days.")


def test_the_calendar_of_one_entry_has_its_earlier_dates() -> None:
    old = entry("Forum", "2024-05-06", id="old", status="postponed", rescheduled_to="new")
    new = entry("Forum", "2024-05-13", id="new", section="2")
    file = event_file(new, [old, new], AS_OF, datetime(2024, 5, 1, tzinfo=UTC))
    [event] = icalendar.Calendar.from_ical(file.data).walk("VEVENT")
    assert event.decoded("dtstart") == date(2024, 5, 13)
    assert "Earlier: 6 May 2024" in str(event["description"])
