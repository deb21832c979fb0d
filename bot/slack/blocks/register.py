"""The register as a message, a picture and a calendar. Pure; the picture takes a second or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.register import RegisterEntry, select
from bot.register.agenda import agenda
from bot.register.date_format import add_days, day
from bot.register.digest import age_line, newest_document
from bot.register.entry_text import entry_citer
from bot.register.export.calendar import to_ics
from bot.register.export.timeline_picture import to_png
from bot.slack.blocks.elements import Block, Message, context, header, section
from bot.slack.blocks.entry import with_details
from bot.slack.blocks.entry_lines import MOST, listings
from bot.slack.blocks.mrkdwn import escape_short
from store.records import Document

# Past entries shown where nothing is to come.
_LAST = 5
_LINE = 300


@dataclass(frozen=True, slots=True)
class File:
    """A file to upload; `comment` is the message with it, as mrkdwn."""

    name: str
    title: str
    comment: str
    data: bytes


def deadlines_message(
    register: Sequence[RegisterEntry],
    as_of: date,
    days: int | None,
    documents: Sequence[Document],
    command: str,
) -> Message:
    """Return the entries of the next `days` days (None: all to come); where there are none, the last past ones.

    `command` is the slash command's name, for the way to the rest of a long list.
    """
    shown = agenda(select(register, as_of, end=_end(as_of, days)), as_of)
    coming = [
        ("Going on", shown.now),
        ("Coming up", shown.upcoming),
        ("Some time in a longer period", shown.coarse),
    ]
    others = [
        ("Postponed", shown.postponed),
        ("Cancelled", shown.cancelled),
        ("No date stated", shown.undated),
    ]
    count = len(shown.now) + len(shown.upcoming)
    known = " known to the day or the month" if shown.coarse else ""
    summary = f"{count} to come{_within(days)}" if count else f"Nothing{known} is to come{_within(days)}"
    groups = [*coming, *others]
    if not any(entries for _, entries in coming):
        groups.insert(0, ("The last were", agenda(register, as_of).past[:_LAST]))
    cite = entry_citer([entry for _, entries in groups for entry in entries])
    title = f"Deadlines and dates, {day(as_of)}"
    rest = f": {command} timeline, {command} calendar"
    blocks: list[Block] = [
        header(title),
        with_details(section(f"*{summary}.*"), [entry for _, entries in groups for entry in entries[:MOST]]),
        *listings(groups, as_of, cite, rest),
        context(escape_short(age_line(newest_document(documents), as_of), _LINE)),
    ]
    return Message(f"{title}: {summary}.", tuple(blocks))


def timeline_file(register: Sequence[RegisterEntry], as_of: date, days: int | None) -> File:
    """Return the picture of the entries to come; where there are none, of all entries."""
    chosen = select(register, as_of, end=_end(as_of, days))
    comment = f"Dates as the documents state them, seen on {day(as_of)}{_within(days)}."
    if not any(entry.status == "scheduled" for entry in chosen):
        chosen = select(register, as_of, include_past=True)
        comment = f"Nothing is to come{_within(days)}; this is the past, seen on {day(as_of)}."
    return File(f"timeline-{as_of}.png", f"Timeline, {day(as_of)}", comment, to_png(chosen, as_of))


def calendar_file(
    register: Sequence[RegisterEntry],
    as_of: date,
    days: int | None,
    stamp: datetime,
) -> File | None:
    """Return the calendar of the entries to come, None where no entry fits into one. `stamp` has a time zone."""
    chosen = select(register, as_of, end=_end(as_of, days))
    data = to_ics(chosen, as_of, stamp, history=register)
    count = data.count(b"BEGIN:VEVENT")
    if not count:
        return None
    comment = (
        f"{count} {'date' if count == 1 else 'dates'}{_within(days)}. Open it to add them to your calendar; "
        "a later file moves what has moved."
    )
    return File(f"itu-dates-{as_of}.ics", f"Calendar, {day(as_of)}", comment, data)


def _end(as_of: date, days: int | None) -> date | None:
    return None if days is None else add_days(as_of, days)


def _within(days: int | None) -> str:
    if days is None:
        return ""
    return " within a day" if days == 1 else " today" if days == 0 else f" within {days} days"
