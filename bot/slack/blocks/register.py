"""The register as files: a picture and a calendar. Pure; the picture takes a second or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.plural import counted
from bot.register import RegisterEntry, select
from bot.register.date_format import day, when
from bot.register.export.calendar import to_ics
from bot.register.export.timeline_picture import to_png
from bot.safe_text import visible
from bot.slack.blocks.deadlines import last_day, within
from bot.slack.blocks.mrkdwn import escape_short, shorten

# Characters of a title, and of a picture's description.
_TITLE, _ALT = 120, 1_000


@dataclass(frozen=True, slots=True)
class File:
    """A file to upload; `comment` is the message with it, as mrkdwn, and `alt` what a picture shows, in words."""

    name: str
    title: str
    comment: str
    data: bytes
    alt: str | None = None


def timeline_file(register: Sequence[RegisterEntry], as_of: date, days: int | None) -> File:
    """Return the picture of the entries to come; where there are none, of all entries."""
    chosen = select(register, as_of, end=last_day(as_of, days))
    comment = f"Dates as the documents state them, seen on {day(as_of)}{within(days)}."
    if not any(entry.status == "scheduled" for entry in chosen):
        chosen = select(register, as_of, include_past=True)
        comment = f"Nothing is to come{within(days)}; this is the past, seen on {day(as_of)}."
    title = f"Timeline, {day(as_of)}"
    return File(f"timeline-{as_of}.png", title, comment, to_png(chosen, as_of), _in_words(title, chosen))


def calendar_file(
    register: Sequence[RegisterEntry],
    as_of: date,
    days: int | None,
    stamp: datetime,
) -> File | None:
    """Return the calendar of the entries to come, None where no entry fits into one. `stamp` has a time zone."""
    chosen = select(register, as_of, end=last_day(as_of, days))
    data = to_ics(chosen, as_of, stamp, history=register)
    count = data.count(b"BEGIN:VEVENT")
    if not count:
        return None
    comment = (
        f"{counted(count, 'date')}{within(days)}. Open it to add them to your calendar; "
        "a later file moves what has moved."
    )
    return File(f"itu-dates-{as_of}.ics", f"Calendar, {day(as_of)}", comment, data)


def event_file(entry: RegisterEntry, register: Sequence[RegisterEntry], as_of: date, stamp: datetime) -> File:
    """Return the calendar of one entry that has a day."""
    comment = (
        f"*{escape_short(entry.title, _TITLE)}*: open the file to add it to your calendar. "
        "A later file moves what has moved."
    )
    data = to_ics([entry], as_of, stamp, history=register)
    title = shorten(visible(entry.title), _TITLE) or "Calendar"
    return File(f"itu-date-{entry.id[:8]}.ics", title, comment, data)


def _in_words(title: str, entries: Sequence[RegisterEntry]) -> str:
    """Return what a picture of entries shows, for people who do not see it."""
    listed = "; ".join(f"{entry.title}, {when(entry)}" for entry in entries)
    return shorten(visible(f"{title}. {counted(len(entries), 'date')}: {listed}"), _ALT)
