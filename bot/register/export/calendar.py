"""The register as an iCalendar file (RFC 5545) that keeps what a calendar already took from it.

One event of the documents is one VEVENT, whatever its datings: the UID is the `chain_id`, which is
minted once. SEQUENCE tells a calendar which of two files says how it is now: it is the store's generation, which
grows with every publication and correction and never falls. What leaves the date alone raises it too, which a
calendar takes as an update that changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar

from bot.register import RegisterEntry
from bot.register.agenda import earlier_datings
from bot.register.date_format import correction_note, proposed_note, recurrence, when

# Nine in the morning of the day before and of a week before an all-day date, which begins at midnight.
ALL_DAY_ALARMS = (timedelta(hours=-15), timedelta(days=-6, hours=-15))
TIMED_ALARMS = (timedelta(hours=-2), timedelta(days=-1), timedelta(days=-7))

# How UN and ITU papers name the clock that a time is read on.
_CLOCKS = {
    "geneva": "Europe/Zurich",
    "swiss": "Europe/Zurich",
    "bern": "Europe/Zurich",
    "new york": "America/New_York",
    "vienna": "Europe/Vienna",
    "nairobi": "Africa/Nairobi",
    "paris": "Europe/Paris",
    "rome": "Europe/Rome",
    "london": "Europe/London",
    "brussels": "Europe/Brussels",
    "the hague": "Europe/Amsterdam",
    "montreal": "America/Toronto",
    "bangkok": "Asia/Bangkok",
    "addis ababa": "Africa/Addis_Ababa",
    "beirut": "Asia/Beirut",
    "santiago": "America/Santiago",
    "kigali": "Africa/Kigali",
    "dubai": "Asia/Dubai",
    "utc": "UTC",
    "gmt": "UTC",
}
# "17:00 CET" is written in July too and means the clock on the wall. Where the words and the wall differ,
# the earlier of the two hours is taken: winter's names stand for the place, summer's for their offset.
_CLOCKS |= dict.fromkeys(("cet", "central european"), "Europe/Zurich")
_CLOCKS |= dict.fromkeys(("est", "et", "eastern"), "America/New_York")
_CLOCKS |= {"eat": "Africa/Nairobi", "east africa": "Africa/Nairobi"}
_OFFSETS = {"cest": 2, "central european summer": 2, "edt": -4, "bst": 1}
_OFFSET = re.compile(r"(?:utc|gmt)\s*([+\-−–])\s*(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)


def clock(name: str | None) -> tzinfo | None:
    """Return the time zone that a document names ("Geneva time", "CET", "UTC+2", "Europe/Zurich").

    None where it names none that is known: a wrong hour is worse than no hour.
    """
    text = re.sub(r"(?i)\b(?:local\s+)?time\b|[()]", "", name or "").strip()
    offset = _OFFSET.fullmatch(text)
    if offset:
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(away if offset[1] == "+" else -away) if away < timedelta(hours=15) else None
    key = text.casefold()
    if key in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[key]))
    try:
        return ZoneInfo(_CLOCKS.get(key, text)) if text else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _moment(entry: RegisterEntry, day: date) -> datetime | None:
    """The aware time of a timed entry; None for one that takes whole days."""
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", entry.time or "")
    zone = clock(entry.timezone)
    if not found or zone is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    if day.year in (date.min.year, date.max.year):
        # There another zone's hour may lie outside of the calendar.
        return None
    moment = datetime.combine(day, time(int(found[1]), int(found[2])), zone)
    # Abbreviated offsets have no name that a calendar would know, so they are written in UTC.
    return moment if isinstance(zone, ZoneInfo) else moment.astimezone(UTC)


def _summary(entry: RegisterEntry, timed: bool) -> str:
    title = entry.title
    if entry.kind == "deadline":
        title = f"Deadline: {title}"
    if entry.status in {"postponed", "cancelled"}:
        title = f"{entry.status.capitalize()}: {title}"
    if proposed_note(entry):
        title = f"Proposed: {title}"
    if entry.time and not timed:
        title += f" ({entry.time} {entry.timezone or 'time zone not stated'})"
    return title


def _description(entry: RegisterEntry, earlier: Iterable[RegisterEntry]) -> str:
    lines = [f"{when(entry)}{' (the year is inferred)' if entry.year_inferred else ''}"]
    if entry.status == "postponed":
        lines.append("Postponed: these are the dates that were first planned.")
    if proposed_note(entry):
        lines.append("Proposed: a document names this date with reserve, and none has confirmed it.")
    lines += [f"Earlier: {when(old)} ({old.source}, § {old.section})" for old in earlier]
    if entry.corrected:
        lines.append(f"This entry was {correction_note(entry)}; the document says:")
    if entry.recurrence:
        lines.append(f"Recurrence as stated: {recurrence(entry)}")
    lines += ["", f"“{entry.quote}”", f"{entry.document}, § {entry.section} ({entry.source})"]
    return "\n".join(lines)


def _alarm(before: timedelta, summary: str) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", before)
    return alarm


def _event(
    entry: RegisterEntry,
    earlier: tuple[RegisterEntry, ...],
    as_of: date,
    stamp: datetime,
) -> icalendar.Event | None:
    first, last = entry.first_day, entry.end or entry.start
    if first is None or last is None:
        return None
    # Only what happens on one day has one hour; an hour in a range of days belongs to one of them.
    moment = _moment(entry, first) if first == last or entry.bound == "by" else None
    event = icalendar.Event()
    summary = _summary(entry, moment is not None)
    event.add("uid", entry.chain_id)
    event.add("sequence", entry.generation)
    event.add("dtstamp", stamp)
    event.add("summary", summary)
    event.add("description", _description(entry, earlier))
    if moment:
        event.add("dtstart", moment)
    else:
        event.add("dtstart", first)
        if last < date.max:
            event.add("dtend", last + timedelta(days=1))
    if entry.location:
        event.add("location", entry.location)
    states = {"postponed": "TENTATIVE", "cancelled": "CANCELLED"}
    event.add("status", states.get(entry.status, "TENTATIVE" if proposed_note(entry) else "CONFIRMED"))
    event.add("categories", [entry.kind])
    # The register says what happens, not that the reader is busy then.
    event.add("transp", "TRANSPARENT")
    if entry.kind == "deadline" and entry.status == "scheduled" and not entry.is_over(as_of):
        for before in TIMED_ALARMS if moment else ALL_DAY_ALARMS:
            event.add_component(_alarm(before, summary))
    return event


def _add_clocks(calendar: icalendar.Calendar) -> None:
    """Add the rules of the time zones in use, for the years in use.

    Given every year since 1970, python-dateutil reads the long list of changes wrongly: summer time
    is lost, and an hour with it.
    """
    moments = [event.decoded("dtstart") for event in calendar.walk("VEVENT")]
    years = [moment.year for moment in moments if isinstance(moment, datetime)]
    if years:
        calendar.add_missing_timezones(date(min(years), 1, 1), date(max(years) + 1, 1, 1))


def to_ics(
    entries: Iterable[RegisterEntry],
    as_of: date,
    stamp: datetime,
    *,
    history: Iterable[RegisterEntry] | None = None,
    coarse: bool = False,
) -> bytes:
    """Return `entries` as one iCalendar object, events in the order given.

    `stamp` is the aware time of writing. `history` is the whole register, whose superseded datings are
    named even where `entries` is a selection of it. What is known to less than the day would fill a
    month or a year of a calendar, and is left out unless `coarse`. Undated entries are always left out.
    """
    chosen = list(entries)
    earlier = earlier_datings(chosen if history is None else history)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//itubot//register of dates//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "ITU in United Nations processes")
    for entry in chosen:
        if entry.rescheduled_to is not None or (entry.precision != "day" and not coarse):
            continue
        event = _event(entry, earlier.get(entry.chain_id, ()), as_of, stamp)
        if event is not None:
            calendar.add_component(event)
    _add_clocks(calendar)
    return bytes(calendar.to_ical())
