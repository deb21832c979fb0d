"""`itubot deadlines`: the register, as a table, data, a calendar or a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich import box
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from bot.commands.context import (
    AsJson,
    AsOf,
    InLanguage,
    cli_context,
    day_option,
    output_option,
    speak,
    umask,
)
from bot.locales import _, ngettext
from bot.register import RegisterEntry, select
from bot.register.agenda import State, agenda, earlier_datings, first_rows
from bot.register.export.data import to_csv, to_json
from bot.register.wording import (
    add_days,
    day,
    distance,
    kind_word,
    proposed_note,
    recurrence,
    status_word,
    title,
    when,
)
from bot.safe_text import one_line, visible
from bot.terminal import only_result, show, stderr_console
from store.records import Kind

Format = Literal["table", "json", "csv", "ics", "html"]


def render(
    entries: Sequence[RegisterEntry],
    register: Sequence[RegisterEntry],
    as_of: date,
    output_format: Format,
) -> bytes:
    """Return `entries`, a part of the whole `register`, in any format but the table; text is UTF-8."""
    if output_format == "json":
        return (to_json(entries) + "\n").encode()
    if output_format == "csv":
        return to_csv(entries).encode()
    if output_format == "ics":
        from bot.register.export.calendar import to_ics

        return to_ics(entries, as_of, datetime.now(UTC), history=register)
    from bot.register.export.timeline import to_html

    return to_html(entries, as_of).encode()


def deadlines(
    context: typer.Context,
    as_of: AsOf = None,
    within: Annotated[
        int | None,
        typer.Option("--within", min=0, max=36_500, metavar="DAYS", help="Only the next DAYS days."),
    ] = None,
    start: Annotated[date | None, day_option("--from", "Only from this day on.")] = None,
    end: Annotated[date | None, day_option("--to", "Only until this day.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only entries of this kind.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Include past entries.")] = False,
    output_format: Annotated[Format, typer.Option("--format", help="How to write it.")] = "table",
    output: Annotated[Path | None, output_option("Write to FILE, not to the terminal.")] = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """List what the documents say will happen, and when."""
    speak(language)
    cli = cli_context(context)
    output_format = "json" if as_json else output_format
    today = as_of or cli.settings.today()
    if within is not None and (start or end):
        raise typer.BadParameter("give --within or --from and --to, not both")
    if within is not None:
        end = add_days(today, within)
    if start and end and end < start:
        raise typer.BadParameter(f"--to {end} lies before --from {start}")
    if output_format == "table" and output is not None:
        raise typer.BadParameter("--output needs a --format: json, csv, ics or html")
    cli.require_documents()
    with only_result():
        # A start before today asks for past entries.
        include_past = everything or (start is not None and start < today)
        register = cli.services.register(today)
        chosen = select(register, today, start, end, kind, include_past)
        data = b"" if output_format == "table" else render(chosen, register, today, output_format)
    if output_format == "table":
        show(register_table(chosen, today))
    elif output is None:
        typer.get_binary_stream("stdout").write(data)
    else:
        with umask(cli.usual_umask):
            output.write_bytes(data)
        stderr_console().print(f"Wrote {len(chosen)} entries to {output}.")


YEAR_MARK = "*"
# Characters of an id that are shown; they identify it among thousands.
ID_LENGTH = 8
# Nobody reads a longer table, and rendering ten thousand rows takes seconds.
MOST_ROWS = 500
_KIND_STYLE = {"deadline": "bold red", "meeting": "cyan", "publication": "green", "milestone": "magenta"}


def register_table(entries: Sequence[RegisterEntry], as_of: date) -> RenderableType:
    """Return the table of `entries`, grouped as an `Agenda`: at most `MOST_ROWS`, with the number of those left out."""
    shown = agenda(entries, as_of)
    names: dict[State, str] = {state: name for state, name, _rows in shown.groups}
    groups, left_out = first_rows(
        [(state, rows) for state, _name, rows in shown.groups if state != "superseded"], MOST_ROWS
    )
    heading = Text(_("The register as of {day}", day=day(as_of)), style="bold")
    if not groups:
        return Group(heading, Text(_("Nothing in the documents falls into this period.")))

    # A group below its name; what an entry was before it moved is below the entry.
    earlier = earlier_datings(shown.superseded)
    table = Table(
        Column(_("when"), min_width=15, ratio=1),
        Column(_("left"), no_wrap=True, min_width=11),
        Column(_("kind"), no_wrap=True),
        Column(_("what"), ratio=3),
        *(Column(name, no_wrap=True) for name in ("§", "id")),
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
    for number, (state, rows) in enumerate(groups):
        if number:
            table.add_section()
        table.add_row(Text(names[state], style="bold"))
        for entry in rows:
            table.add_row(
                Text(visible(when(entry, year_mark=YEAR_MARK))),
                _left(state, entry, as_of),
                Text(kind_word(entry.kind), style=_KIND_STYLE[entry.kind]),
                _what(entry, earlier.get(entry.chain_id, ())),
                Text(one_line(entry.section)),
                Text(visible(entry.id[:ID_LENGTH]), style="dim"),
                style="dim" if state in {"past", "cancelled"} else "",
            )

    # What is left out, what the mark means, and where all this is from.
    listed = [entry for _state, rows in groups for entry in rows]
    parts: list[RenderableType] = [heading, table]
    if left_out:
        more = ngettext(
            "… and {count} more: choose a window, or --format csv",
            "… and {count} more: choose a window, or --format csv",
            left_out,
        )
        parts.append(Text(more, style="bold"))
    if any(entry.year_inferred for entry in listed):
        inferred = _("the year is inferred: the document does not state it")
        parts.append(Text(f"{YEAR_MARK} {inferred}", style="dim"))
    sources = list(dict.fromkeys(entry.document for entry in listed))
    named = "; ".join(sources[:5]) + (" …" if len(sources) > 5 else "")
    return Group(*parts, Text(one_line(_("from {documents}", documents=named)), style="dim"))


def _left(state: State, entry: RegisterEntry, as_of: date) -> Text:
    """Return the time left; of what is postponed or cancelled that word, since the dates no longer count."""
    if state == "postponed" or state == "cancelled":
        return Text(status_word(state))
    is_near = state in ("now", "upcoming") and (entry.first_day or date.max) <= add_days(as_of, 1)
    style = "bold yellow" if is_near and entry.precision == "day" else ""
    return Text(distance(entry, as_of) or "–", style=style)


def _what(entry: RegisterEntry, earlier: Sequence[RegisterEntry]) -> Text:
    notes = {
        f", {entry.location}" if entry.location else "": "dim",
        f" ({proposed_note(entry)})" if proposed_note(entry) else "": "italic yellow",
        f" ({_('probably over')})" if entry.likely_past else "": "dim",
        f" ({recurrence(entry)})" if entry.recurrence and entry.start else "": "dim",
    }
    text = Text(one_line(title(entry)))
    for note, style in notes.items():
        text.append(one_line(note), style=style)
    for old in earlier:
        text.append(visible("\n" + _("was {dates}", dates=when(old))), style="dim strike")
    if entry.corrected:
        by = one_line(entry.corrected.by)
        at = day(entry.corrected.at.date())
        text.append("\n" + _("corrected by {person}, {day}", person=by, day=at), style="dim")
    return text
