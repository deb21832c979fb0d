"""The calendar file, read back by another library than the one that wrote it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import vobject  # type: ignore[import-untyped]

from bot.register import EntryMention, LastCorrection, RegisterEntry
from bot.register.export.calendar import CalendarEvent, clock, to_ics
from tests.bot.register_entries import AS_OF, entry

STAMP = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)


def events(*entries: RegisterEntry, **options: object) -> list[vobject.base.Component]:
    text = to_ics(entries, AS_OF, STAMP, **options).decode()  # type: ignore[arg-type]
    return list(vobject.readOne(text).contents.get("vevent", []))


def only(*entries: RegisterEntry, **options: object) -> vobject.base.Component:
    (event,) = events(*entries, **options)
    return event


def moved(new: str, version: str = "second.txt") -> list[RegisterEntry]:
    old = entry("SIDS4", "2024-05-27", "2024-05-30", id="first", status="postponed", rescheduled_to="second")
    return [old, entry("SIDS4", new, id="second", source=version)]


def test_the_uid_is_the_chain_and_stays_when_the_date_moves() -> None:
    before = only(entry("SIDS4", "2024-05-27"))
    after = only(*moved("2024-06-03"))
    assert before.uid.value == after.uid.value == "c-sids4"


def test_each_session_of_an_event_has_a_uid_of_its_own() -> None:
    first = entry("Negotiations", "2024-05-02", id="first", chain_id="x")
    second = entry("Negotiations", "2024-06-02", id="second", chain_id="x")
    assert [event.uid.value for event in events(first, second)] == ["x", "x-2"]
    # In a calendar without the first one too.
    assert only(second, history=[first, second]).uid.value == "x-2"


# What a calendar shows of an entry, and a change of each; of the other fields none is a change of the event.
CHANGES: dict[str, object] = {
    "title": "Another",
    "other_titles": (("fr", "Un autre"),),
    "kind": "deadline",
    "tentative": True,
    "location": "Nairobi",
    "document": "Another report",
    "mentions": (EntryMention("report.txt", "1.2", "", None, None, ""),),
    "status": "postponed",
    "corrected": LastCorrection("amina", datetime(2024, 5, 3, tzinfo=UTC)),
    "start": date(2024, 6, 17),
    "end": date(2024, 6, 19),
    "precision": "month",
    "bound": "by",
    "approximate": True,
    "year_inferred": True,
    "recurrence": "P1Y",
    "time": "10:00",
    "timezone": "CET",
}
NO_CHANGES: dict[str, object] = {"status": "past", "likely_past": True, "generation": 7, "former_ids": ("x",)}


@pytest.mark.parametrize("name", [each.name for each in fields(RegisterEntry)])
def test_what_a_calendar_shows_of_an_event_is_a_change_of_it_and_a_passing_day_is_not(name: str) -> None:
    known = entry("Forum", "2024-06-18")
    for changes, same in ((CHANGES, False), (NO_CHANGES, True)):
        if name in changes:
            after = replace(known, **{name: changes[name]})  # type: ignore[arg-type]
            assert (CalendarEvent("x", known).facts == CalendarEvent("x", after).facts) is same
    assert name in {*CHANGES, *NO_CHANGES, "id", "chain_id", "rescheduled_to", "quoted"}


def test_a_deadline_has_alarms_before_it() -> None:
    event = only(entry("Inputs", "2024-05-15", kind="deadline", bound="by"))
    triggers = [alarm.trigger.value for alarm in event.valarm_list]
    assert len(triggers) == 2
    assert all(trigger < timedelta(0) for trigger in triggers)


@pytest.mark.parametrize("state", ["past", "postponed", "cancelled"])
def test_past_or_called_off_deadline_has_no_alarm(state: str) -> None:
    event = only(entry("Inputs", "2024-05-15", kind="deadline", bound="by", status=state))
    assert "valarm" not in event.contents


def test_hour_of_a_deadline_is_right_in_any_time_zone() -> None:
    event = only(
        entry("Inputs", "2025-06-13", kind="deadline", bound="by", time="17:00", timezone="Geneva time")
    )
    assert event.dtstart.value == datetime(2025, 6, 13, 15, 0, tzinfo=UTC)
    assert "dtend" not in event.contents


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Geneva", "EDT", "CEST", None])
def test_a_day_at_the_end_of_the_calendar_is_written(day: str, zone: str | None) -> None:
    found = only(entry("Forum", day, time="23:30" if zone else None, timezone=zone))
    assert found.dtstart.value == date.fromisoformat(day)


def test_description_has_the_day_of_a_correction_but_not_its_author() -> None:
    corrected = LastCorrection("amina", datetime(2024, 5, 3, tzinfo=UTC))
    said = only(entry("Forum", "2024-06-18", corrected=corrected)).description.value
    assert "This entry was corrected on 3 May 2024; the document says:" in said
    assert "amina" not in said


def test_a_document_cannot_add_properties_of_its_own() -> None:
    event = only(entry("Conference\r\nATTACH:https://example.org", "2024-05-09", quote="a\nBEGIN:VALARM"))
    assert "attach" not in event.contents
    assert "valarm" not in event.contents


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Geneva time", 2),
        ("Geneva", 2),
        ("CET", 2),
        ("Central European Time", 2),
        ("CEST", 2),
        ("EDT", -4),
        ("UTC+2", 2),
        ("UTC−5", -5),
        ("Europe/Zurich", 2),
        ("GMT", 0),
    ],
)
def test_time_zones_as_documents_write_them(name: str, hours: int) -> None:
    zone = clock(name)
    assert zone is not None
    assert datetime(2024, 7, 1, 12, tzinfo=zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", [None, "", "local time", "Atlantis", "../etc/passwd"])
def test_unknown_time_zone_is_none(name: str | None) -> None:
    assert clock(name) is None
