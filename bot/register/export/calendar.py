"""The register as an iCalendar file (RFC 5545) that updates the events of earlier files.

Each event is one VEVENT, whatever its datings: its UID is the `chain_id`. SEQUENCE, by which a calendar recognises the
newer version, is the store's generation, which increases with every publication and correction. An update without
changes does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar

from bot.locales import _, commas, language, noted, quoted
from bot.register import RegisterEntry
from bot.register.agenda import earlier_datings
from bot.register.wording import correction_note, proposed_note, recurrence, title, when

# Nine in the morning of the day before and of a week before an all-day date, which begins at midnight.
ALL_DAY_ALARMS = (timedelta(hours=-15), timedelta(days=-6, hours=-15))
TIMED_ALARMS = (timedelta(hours=-2), timedelta(days=-1), timedelta(days=-7))

# Time zones as UN and ITU papers name them.
_CLOCKS = {
    name: zone
    for zone, names in {
        "Europe/Zurich": "geneva|swiss|bern|cet|central european",
        "America/New_York": "new york|est|et|eastern",
        "Europe/Vienna": "vienna",
        "Africa/Nairobi": "nairobi|eat|east africa",
        "Europe/Paris": "paris",
        "Europe/Rome": "rome",
        "Europe/London": "london",
        "Europe/Brussels": "brussels",
        "Europe/Amsterdam": "the hague",
        "America/Toronto": "montreal",
        "Asia/Bangkok": "bangkok",
        "Africa/Addis_Ababa": "addis ababa",
        "Asia/Beirut": "beirut",
        "America/Santiago": "santiago",
        "Africa/Kigali": "kigali",
        "Asia/Dubai": "dubai",
        "UTC": "utc|gmt",
    }.items()
    for name in names.split("|")
}
# "17:00 CET" is also written in July for local time. If the two may differ, the earlier hour counts: names of winter
# time mean the local time of the place, names of summer time their offset.
_OFFSETS = {"cest": 2, "central european summer": 2, "edt": -4, "bst": 1}
_OFFSET = re.compile(r"(?:utc|gmt)\s*([+\-−–])\s*(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)


def clock(name: str | None) -> tzinfo | None:
    """Return the time zone of a name ("Geneva time", "CET", "UTC+2", "Europe/Zurich").

    None for an unknown name: a wrong hour is worse than no hour.
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
    """Return the aware time of an entry; None for one of whole days."""
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", entry.time or "")
    zone = clock(entry.timezone)
    if not found or zone is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    if day.year in (date.min.year, date.max.year):
        # In another time zone the hour may be outside of the calendar.
        return None
    moment = datetime.combine(day, time(int(found[1]), int(found[2])), zone)
    # A calendar knows no name for an offset, so it is written in UTC.
    return moment if isinstance(zone, ZoneInfo) else moment.astimezone(UTC)


def _summary(entry: RegisterEntry, timed: bool) -> str:
    name = title(entry)
    if entry.kind == "deadline":
        name = _("Deadline: {title}", title=name)
    if entry.status == "postponed":
        name = _("Postponed: {title}", title=name)
    if entry.status == "cancelled":
        name = _("Cancelled: {title}", title=name)
    if proposed_note(entry):
        name = _("Proposed: {title}", title=name)
    if entry.time and not timed:
        zone = entry.timezone or _("time zone not stated")
        name = noted(name, f"{entry.time} {zone}")
    return name


def _description(entry: RegisterEntry, earlier: Iterable[RegisterEntry]) -> str:
    dates = when(entry)
    lines = [_("{dates} (the year is inferred)", dates=dates) if entry.year_inferred else dates]
    if entry.status == "postponed":
        lines.append(_("Postponed: these are the dates that were first planned."))
    if proposed_note(entry):
        lines.append(_("Proposed: a document names this date with reserve, and none has confirmed it."))
    for old in earlier:
        source = commas([old.source, f"§ {old.section}"])
        lines.append(_("Earlier: {dates} ({source})", dates=when(old), source=source))
    if entry.corrected:
        lines.append(_("This entry was {corrected}; the document says:", corrected=correction_note(entry)))
    if entry.recurrence:
        lines.append(_("Recurrence as stated: {recurrence}", recurrence=recurrence(entry)))
    lines += [
        "",
        quoted(entry.quote),
        f"{entry.document}, § {entry.section} ({entry.source})",
    ]
    return "\n".join(lines)


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
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", summary)
            alarm.add("trigger", before)
            event.add_component(alarm)
    return event


def to_ics(
    entries: Iterable[RegisterEntry],
    as_of: date,
    stamp: datetime,
    *,
    history: Iterable[RegisterEntry] | None = None,
) -> bytes:
    """Return the entries with a day as one iCalendar object, in the order given.

    `stamp` is the aware time of writing. `history` is the whole register, for superseded datings that are not in
    `entries`. Entries that are less precise would fill a month or a year of a calendar, and are left out.
    """
    chosen = list(entries)
    earlier = earlier_datings(history or chosen)
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//itubot//register of dates//{language().upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("ITU in United Nations processes"))
    for entry in chosen:
        if entry.rescheduled_to is not None or entry.precision != "day":
            continue
        event = _event(entry, earlier.get(entry.chain_id, ()), as_of, stamp)
        if event is not None:
            calendar.add_component(event)
    moments = [event.decoded("dtstart") for event in calendar.walk("VEVENT")]
    years = [moment.year for moment in moments if isinstance(moment, datetime)]
    if years:
        # Only for the years in use: python-dateutil misreads the long list of changes since 1970 and loses summer time.
        calendar.add_missing_timezones(date(min(years), 1, 1), date(max(years) + 1, 1, 1))
    return bytes(calendar.to_ical())
