"""The register as a table in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.register import RegisterEntry
from bot.register.agenda import agenda, earlier_datings, first_rows
from bot.register.date_format import day, distance, proposed_note, recurrence, when
from bot.safe_text import visible

YEAR_MARK = "*"
# Characters of an id that are shown; they identify it among thousands.
ID_LENGTH = 8
# Nobody reads a longer table, and rendering ten thousand rows takes seconds.
MAX_ROWS = 500
_KIND_STYLE = {"deadline": "bold red", "meeting": "cyan", "publication": "green", "milestone": "magenta"}


def _what(entry: RegisterEntry, earlier: Sequence[RegisterEntry]) -> Text:
    text = Text(visible(entry.title))
    if entry.location:
        text.append(visible(f", {entry.location}"), style="dim")
    if proposed_note(entry):
        text.append(f" ({proposed_note(entry)})", style="italic yellow")
    if entry.likely_past:
        text.append(" (probably over)", style="dim")
    if entry.recurrence and entry.start:
        text.append(visible(f" ({recurrence(entry)})"), style="dim")
    for old in earlier:
        text.append(visible(f"\nwas {when(old)}"), style="dim strike")
    if entry.corrected:
        text.append(
            visible(f"\ncorrected by {entry.corrected.by}, {day(entry.corrected.at.date())}"), style="dim"
        )
    return text


def _row(
    table: Table, entry: RegisterEntry, earlier: Sequence[RegisterEntry], left: str, *, style: str
) -> None:
    table.add_row(
        Text(visible(when(entry, year_mark=YEAR_MARK))),
        Text(left, style="bold yellow" if left in {"now", "today", "tomorrow"} else ""),
        Text(entry.kind, style=_KIND_STYLE[entry.kind]),
        _what(entry, earlier),
        Text(visible(entry.section)),
        Text(visible(entry.id[:ID_LENGTH]), style="dim"),
        style=style,
    )


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("when", min_width=15, ratio=1)
    table.add_column("left", no_wrap=True, min_width=11)
    table.add_column("kind", no_wrap=True)
    table.add_column("what", ratio=3)
    table.add_column("§", no_wrap=True)
    table.add_column("id", no_wrap=True)
    return table


def _left(name: str, entry: RegisterEntry, as_of: date) -> str:
    """Return the time left; in the groups "Postponed" and "Cancelled" their name, since the dates no longer count."""
    if name in {"Postponed", "Cancelled"}:
        return name.lower()
    return distance(entry, as_of) or "–"


def register_table(entries: Sequence[RegisterEntry], as_of: date) -> RenderableType:
    """Return the table of `entries`, grouped as an `Agenda`: at most `MAX_ROWS`, with the number of those left out."""
    shown = agenda(entries, as_of)
    listed_groups = [(name, rows) for state, name, rows in shown.groups if state != "superseded"]
    groups, left_out = first_rows(listed_groups, MAX_ROWS)
    title = Text.from_markup(f"[bold]The register as of {escape(day(as_of))}[/bold]")
    if not groups:
        return Group(title, Text("Nothing in the documents falls into this period."))
    table, earlier = _table(), earlier_datings(shown.superseded)
    for number, (name, rows) in enumerate(groups):
        if number:
            table.add_section()
        table.add_row(Text(name, style="bold"))
        style = "dim" if name in {"Past", "Cancelled"} else ""
        for entry in rows:
            _row(table, entry, earlier.get(entry.chain_id, ()), _left(name, entry, as_of), style=style)
    parts: list[RenderableType] = [title, table]
    listed = [entry for _, rows in groups for entry in rows]
    if left_out:
        parts.append(Text(f"… and {left_out} more: choose a window, or --format csv", style="bold"))
    if any(entry.year_inferred for entry in listed):
        parts.append(Text(f"{YEAR_MARK} the year is inferred: the document does not state it", style="dim"))
    sources = list(dict.fromkeys(entry.document for entry in listed))
    parts.append(
        Text(visible("from " + "; ".join(sources[:5])) + (" …" if len(sources) > 5 else ""), style="dim")
    )
    return Group(*parts)
