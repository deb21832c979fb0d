"""The register as iCalendar (RFC 5545): a file that updates the events of earlier files, or a feed to subscribe to.

Each event is one VEVENT, whatever its datings: its UID is the `chain_id`, with a number behind it for the second of
several sessions. SEQUENCE, by which a calendar recognises the newer version, grows with each change: in a file it is
the store's generation, which increases with every publication and correction, as an update without changes does no
harm; in a feed it is the generation in which the event changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar

from bot.locales import _, commas, language, noted, quoted
from bot.register import RegisterEntry
from bot.register.agenda import earlier_datings
from bot.register.wording import (
    correction_note,
    kind_word,
    proposed_note,
    recurrence,
    section_mark,
    stated_in,
    title,
    when,
)
from bot.safe_text import one_line, visible
from store.jobs import Revision

# Nine in the morning of the day before and of a week before an all-day date, which begins at midnight.
ALL_DAY_ALARMS = (timedelta(hours=-15), timedelta(days=-6, hours=-15))
TIMED_ALARMS = (timedelta(hours=-2), timedelta(days=-1), timedelta(days=-7))
REFRESH_AFTER = timedelta(hours=6)

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


def _start_moment(entry: RegisterEntry, day: date) -> datetime | None:
    """Return the time of an entry in UTC, which needs no rules of a time zone in the file; None for whole days."""
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", entry.time or "")
    zone = clock(entry.timezone)
    if not found or zone is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    if day.year in (date.min.year, date.max.year):
        # In another time zone the hour may be outside of the calendar.
        return None
    return datetime.combine(day, time(int(found[1]), int(found[2])), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """What a calendar shows of one event of the register: `entry`, and the former datings of its chain."""

    uid: str
    entry: RegisterEntry
    earlier: tuple[RegisterEntry, ...] = ()
    moved_to: RegisterEntry | None = None
    """The valid dating where a calendar cannot hold it, so that the former one is shown, as postponed."""

    @property
    def facts(self) -> str:
        """A checksum of what the documents say of the event, whichever of its datings is shown, in any language."""
        datings = (self.entry, *self.earlier, *([self.moved_to] if self.moved_to else []))
        stated = sorted(json.dumps(_stated_facts(dating), default=str) for dating in datings)
        return hashlib.sha256("\n".join(stated).encode()).hexdigest()

    @property
    def status(self) -> str:
        """Its status as of the day of the register, but for a session that moved: "postponed"."""
        return "postponed" if self.moved_to else self.entry.status


def _stated_facts(entry: RegisterEntry) -> list[object]:
    # That a day passes is no change.
    status = "scheduled" if entry.status == "past" else entry.status
    names = (
        "title",
        "other_titles",
        "kind",
        "tentative",
        "location",
        "document",
        "source",
        "section",
        "quote",
    )
    facts = [getattr(entry, name) for name in names]
    return [*facts, entry.stated(), status, entry.corrected and entry.corrected.at]


def calendar_events(
    entries: Iterable[RegisterEntry], history: Iterable[RegisterEntry], *, periods: bool = False
) -> list[CalendarEvent]:
    """Return what a calendar shows of `entries`, in order; `history` is the whole register.

    An entry that is known to a month or a year is shown with `periods`. Otherwise it is left out, unless the event had
    a day before: that is shown then, as what people have in their calendars must not vanish.
    """
    register = list(history)
    earlier = earlier_datings(register)
    # Several datings of an event are valid where it has several sessions.
    sessions: defaultdict[str, list[str]] = defaultdict(list)
    for entry in register:
        if entry.rescheduled_to is None:
            sessions[entry.chain_id].append(entry.id)
    shown = []
    for entry in entries:
        if entry.rescheduled_to is not None:
            continue
        ids = sessions[entry.chain_id]
        number = ids.index(entry.id) + 1 if entry.id in ids else 1
        uid = entry.chain_id if number == 1 else f"{entry.chain_id}-{number}"
        former = earlier.get(entry.chain_id, ())
        if entry.precision == "day" or (periods and entry.precision != "none"):
            shown.append(CalendarEvent(uid, entry, former))
            continue
        dated = [old for old in former if old.precision == "day" and _leads_to(old, entry, former)]
        if dated:
            left = tuple(old for old in former if old is not dated[-1])
            shown.append(CalendarEvent(uid, dated[-1], left, entry))
    return [event for event in shown if _calendar_days(event.entry) is not None]


def _leads_to(old: RegisterEntry, entry: RegisterEntry, former: Sequence[RegisterEntry]) -> bool:
    """Whether a superseded dating was replaced by `entry`, or by one that was."""
    following = {each.id: each.rescheduled_to for each in former}
    at: str | None = old.id
    while at in following:
        # Each step is taken once, so that it ends.
        at = following.pop(at)
    return at == entry.id


def _calendar_days(entry: RegisterEntry) -> tuple[date, date] | None:
    """Return the first and the last day that an entry takes in a calendar."""
    first = entry.first_day if entry.precision == "day" else entry.start or entry.end
    last = entry.last_day
    return (first, last) if first and last else None


def _event_summary(event: CalendarEvent, timed: bool) -> str:
    entry = event.entry
    name = title(entry)
    if entry.kind == "deadline":
        name = _("Deadline: {title}", title=name)
    if entry.precision != "day":
        name = noted(name, when(entry))
    elif entry.time and not timed:
        zone = entry.timezone or _("time zone not stated")
        name = noted(name, f"{entry.time} {zone}")
    if event.status == "postponed":
        return _("[POSTPONED] {title}", title=name)
    if event.status == "cancelled":
        return _("[CANCELLED] {title}", title=name)
    return _("[PROPOSED] {title}", title=name) if proposed_note(entry) else name


def _event_description(event: CalendarEvent) -> str:
    entry = event.entry
    dates = when(entry)
    lines = [_("{dates} (the year is inferred)", dates=dates) if entry.year_inferred else dates]
    if event.moved_to:
        lines.append(
            _("Postponed: the new date is not known to the day: {dates}", dates=when(event.moved_to))
        )
    elif entry.status == "postponed":
        lines.append(_("Postponed: these are the dates that were first planned."))
    if proposed_note(entry):
        lines.append(_("Proposed: a document names this date with reserve, and none has confirmed it."))
    for old in event.earlier:
        source = commas([old.source, section_mark(old)])
        lines.append(_("Earlier: {dates} ({source})", dates=when(old), source=source))
    if entry.corrected:
        lines.append(_("This entry was {corrected}; the document says:", corrected=correction_note(entry)))
    if entry.recurrence:
        lines.append(_("Recurrence as stated: {recurrence}", recurrence=recurrence(entry)))
    for stating in (event.moved_to, entry):
        if stating:
            lines += ["", quoted(stating.quote), noted(stated_in(stating), stating.source)]
    return "\n".join(lines)


def _event_component(
    event: CalendarEvent, as_of: date, revision: Revision, *, cancelled: str = "CANCELLED"
) -> icalendar.Event:
    entry = event.entry
    days = _calendar_days(entry)
    assert days is not None  # noqa: S101  calendar_events() leaves the others out
    first, last = days
    # Only what happens on one day has one hour; an hour in a range of days belongs to one of them.
    is_timed = entry.precision == "day" and (first == last or entry.bound == "by")
    moment = _start_moment(entry, first) if is_timed else None
    component = icalendar.Event()
    summary = one_line(_event_summary(event, moment is not None))
    component.add("uid", event.uid)
    component.add("sequence", revision.sequence)
    changed_at = datetime.fromtimestamp(revision.changed_at, UTC)
    component.add("dtstamp", changed_at)
    component.add("last-modified", changed_at)
    component.add("summary", summary)
    component.add("description", visible(_event_description(event)))
    if moment:
        component.add("dtstart", moment)
    else:
        component.add("dtstart", first)
        if last < date.max:
            component.add("dtend", last + timedelta(days=1))
    if entry.location:
        component.add("location", one_line(entry.location))
    states = {"postponed": "TENTATIVE", "cancelled": cancelled}
    component.add("status", states.get(event.status, "TENTATIVE" if proposed_note(entry) else "CONFIRMED"))
    component.add("categories", [kind_word(entry.kind)])
    # The register says what happens, not that the reader is busy then.
    component.add("transp", "TRANSPARENT")
    is_due = entry.kind == "deadline" and event.status == "scheduled" and entry.precision == "day"
    if is_due and not entry.is_over(as_of):
        for before in TIMED_ALARMS if moment else ALL_DAY_ALARMS:
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", summary)
            alarm.add("trigger", before)
            component.add_component(alarm)
    return component


def to_ics(
    entries: Iterable[RegisterEntry],
    as_of: date,
    stamp: datetime,
    *,
    history: Iterable[RegisterEntry] | None = None,
) -> bytes:
    """Return the entries with a day as a file, one iCalendar object, in the order given.

    `stamp` is the aware time of writing. `history` is the whole register, for superseded datings that are not in
    `entries`. Entries that are less precise would fill a month or a year of a calendar, and are left out.
    """
    chosen = list(entries)
    events = calendar_events(chosen, history or chosen)
    revisions = {event.uid: Revision(event.entry.generation, stamp.timestamp()) for event in events}
    return _written_calendar(
        _empty_calendar(""), [_event_component(event, as_of, revisions[event.uid]) for event in events]
    )


def to_feed(
    events: Sequence[CalendarEvent],
    as_of: date,
    revisions: Mapping[str, Revision],
    topic: str,
    *,
    hides_cancelled: bool = False,
) -> bytes:
    """Return events as a calendar of a topic to subscribe to; the same bytes until something in it changes.

    `revisions`: the UID of each event -> when it changed last. `hides_cancelled`: the program that reads it shows no
    event with the status CANCELLED, so those get TENTATIVE.
    """
    calendar = _empty_calendar(topic)
    # How often a calendar should ask, by RFC 7986 and as Outlook reads it.
    calendar.add("refresh-interval", REFRESH_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESH_AFTER))
    cancelled = "TENTATIVE" if hides_cancelled else "CANCELLED"
    return _written_calendar(
        calendar,
        (_event_component(event, as_of, revisions[event.uid], cancelled=cancelled) for event in events),
    )


def _empty_calendar(topic: str) -> icalendar.Calendar:
    name = _("ITU in United Nations processes")
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//itubot//register of dates//{language().upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(_("{name}: {topic}", name=name, topic=topic) if topic else name))
    return calendar


def _written_calendar(calendar: icalendar.Calendar, events: Iterable[icalendar.Event]) -> bytes:
    """Return a calendar with its events.

    Each event is written at once: the objects of thousands of them would keep the garbage collector, and with it all
    other threads, busy for half a second.
    """
    end = b"END:VCALENDAR\r\n"
    return bytes(calendar.to_ical()).removesuffix(end) + b"".join(event.to_ical() for event in events) + end
