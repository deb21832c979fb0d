"""The register as a table, as the digest and as files: a calendar, and a picture, which takes a second or two. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.plural import and_more, counted
from bot.register import RegisterEntry, select
from bot.register.agenda import State, agenda
from bot.register.date_format import (
    add_days,
    correction_note,
    day,
    distance,
    planned_dates,
    proposed_note,
    when,
)
from bot.register.digest import Digest, age_line, changed_lines, digest_citer, newest_document
from bot.register.entry_text import CiteEntry, entry_citer
from bot.register.export.calendar import to_ics
from bot.register.export.timeline_picture import to_png
from bot.safe_text import visible
from bot.slack.blocks.elements import (
    Block,
    File,
    Message,
    context,
    fallback_text,
    fitting,
    header,
    section,
    table,
)
from bot.slack.blocks.entry import with_details_menu
from bot.slack.blocks.entry_lines import MOST_ENTRIES, Group, listings
from bot.slack.blocks.mrkdwn import escape_short, shorten
from store.records import Document

_COMING: tuple[State, ...] = ("now", "upcoming", "coarse")
_OTHERS: tuple[State, ...] = ("postponed", "cancelled", "undated")
# Past entries shown where there are no upcoming ones.
_MOST_PAST = 5
# A headline, or a line on a change.
_LINE_CHARS = 300
# The title of a file.
_FILE_CHARS = 120
# The description of a picture.
_ALT_CHARS = 1_000
# A longer table is hard to read, and the message has 13,000 characters with the menu's 3,000.
_MOST_ROWS = 30
_TABLE_CHARS = 7_000
# The parts of a cell.
_TITLE_CHARS = 110
_PLACE_CHARS = 40
_WHEN_CHARS = 60
_CITED_CHARS = 60
_HEADS = ("When", "Left", "What", "Kind", "Stated in")


def deadlines_message(
    register: Sequence[RegisterEntry],
    as_of: date,
    days: int | None,
    documents: Sequence[Document],
    command: str,
) -> Message:
    """Return the entries of the next `days` days (None: all upcoming ones); where there are none, the last past ones.

    `command` is the slash command's name, for the way to the rest of a long list.
    """
    shown = agenda(select(register, as_of, end=last_day(as_of, days)), as_of)
    found: dict[State, Group] = {state: (heading, entries) for state, heading, entries in shown.groups}
    coming = [found[state] for state in _COMING if state in found]
    others = [found[state] for state in _OTHERS if state in found]
    count = len(shown.now) + len(shown.upcoming)
    known = " known to the day or the month" if shown.coarse else ""
    more = len(shown.coarse) + sum(len(entries) for _, entries in others)
    others_too = f"; {more} more without an exact date, postponed or cancelled" if more else ""
    summary = (
        f"{counted(count, 'upcoming date')}{within(days)}{others_too}"
        if count
        else f"No upcoming dates{known}{within(days)}"
    )
    groups = [*coming, *others]
    if not coming:
        groups.insert(0, ("The last were", agenda(register, as_of).past[:_MOST_PAST]))
    entries = [entry for _, entries in groups for entry in entries]
    cite = entry_citer(entries)
    rows = fitting((_row(entry, as_of, cite) for entry in entries[:_MOST_ROWS]), _TABLE_CHARS, _characters)
    title = f"Deadlines and dates, {day(as_of)}"
    rest = f": {command} timeline, {command} calendar"
    head = [header(title), section(f"*{summary}.*")]
    foot = context(escape_short(age_line(newest_document(documents), as_of), _LINE_CHARS))
    blocks: list[Block] = [head[0], with_details_menu(head[1], entries[: len(rows)])]
    if rows:
        blocks.append(table(_HEADS, rows))
    blocks += map(context, and_more(len(entries) - len(rows), escape_short(rest, _LINE_CHARS)))
    # Lines are easier to listen to than the cells of a table.
    lines = fallback_text([*head, *listings(groups, as_of, cite, rest), foot])
    return Message(lines, (*blocks, foot))


def last_day(as_of: date, days: int | None) -> date | None:
    """Return the last day of a span of days from `as_of` on; None for None."""
    return None if days is None else add_days(as_of, days)


def within(days: int | None) -> str:
    """Return the words for a span of days, with a space before them; "" for None."""
    if days is None:
        return ""
    return " within a day" if days == 1 else " today" if days == 0 else f" within {days} days"


def _row(entry: RegisterEntry, as_of: date, cite: CiteEntry) -> tuple[str, ...]:
    called_off = entry.status in ("postponed", "cancelled")
    dates = when(entry)
    if called_off:
        dates = f"was {planned_dates(entry)}" if entry.last_day else "no date"
    left = [entry.status if called_off else distance(entry, as_of), proposed_note(entry)]
    if entry.year_inferred and not called_off:
        left.append("year inferred")
    what = _cell(entry.title, _TITLE_CHARS) + (
        f", {_cell(entry.location, _PLACE_CHARS)}" if entry.location else ""
    )
    cited = ", ".join(text for text in (_cell(cite(entry), _CITED_CHARS), correction_note(entry)) if text)
    return _cell(dates, _WHEN_CHARS), "; ".join(text for text in left if text), what, entry.kind, cited


def _characters(row: Sequence[str]) -> int:
    return sum(len(cell) for cell in row)


def _cell(text: str, limit: int) -> str:
    return shorten(visible(text), limit)


def digest_message(digest: Digest) -> Message:
    """Return the digest: what is due, what to watch, what changed, and how old the documents are."""
    cite = digest_citer(digest)
    title = f"Dates, {day(digest.as_of)}"
    headline = escape_short(digest.headline, _LINE_CHARS)
    blocks: list[Block] = [header(title), section(f"*{headline}*")]
    blocks += listings(digest.sections, digest.as_of, cite)
    changed = changed_lines(digest)
    if changed:
        lines = [f"• {escape_short(text, _LINE_CHARS)}" for text in changed[:MOST_ENTRIES]]
        lines += and_more(len(changed) - MOST_ENTRIES)
        blocks.append(section("\n".join(["*Changed since the last digest*", *lines])))
    blocks.append(context(escape_short(age_line(digest.newest, digest.as_of), _LINE_CHARS)))
    return Message.of(blocks)


def timeline_file(register: Sequence[RegisterEntry], as_of: date, days: int | None) -> File:
    """Return the picture of the upcoming entries; where there are none, of all entries."""
    chosen = select(register, as_of, end=last_day(as_of, days))
    comment = f"Dates as the documents state them, seen on {day(as_of)}{within(days)}."
    if not any(entry.status == "scheduled" for entry in chosen):
        chosen = select(register, as_of, include_past=True)
        comment = f"No upcoming dates{within(days)}; this is the past, seen on {day(as_of)}."
    title = f"Timeline, {day(as_of)}"
    return File(f"timeline-{as_of}.png", title, comment, to_png(chosen, as_of), _in_words(title, chosen))


def calendar_file(
    register: Sequence[RegisterEntry],
    as_of: date,
    days: int | None,
    stamp: datetime,
) -> File | None:
    """Return the calendar of the upcoming entries, None where no entry fits into one. `stamp` has a time zone."""
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
        f"*{escape_short(entry.title, _FILE_CHARS)}*: open the file to add it to your calendar. "
        "A later file moves what has moved."
    )
    data = to_ics([entry], as_of, stamp, history=register)
    title = shorten(visible(entry.title), _FILE_CHARS) or "Calendar"
    return File(f"itu-date-{entry.id[:8]}.ics", title, comment, data)


def _in_words(title: str, entries: Sequence[RegisterEntry]) -> str:
    """Return what a picture of entries shows, for people who do not see it."""
    listed = "; ".join(f"{entry.title}, {when(entry)}" for entry in entries)
    return shorten(visible(f"{title}. {counted(len(entries), 'date')}: {listed}"), _ALT_CHARS)
