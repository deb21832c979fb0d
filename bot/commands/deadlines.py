"""`itubot deadlines`: the register, as a table, data, a calendar, a page or a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.context import AsJson, AsOf, cli_context, day_option, output_option
from bot.commands.file_modes import umask
from bot.register import RegisterEntry, select
from bot.register.date_format import add_days
from bot.register.export.data import to_csv, to_json
from bot.terminal.console import notices, only_result, results, show
from bot.terminal.deadlines import register_table
from store.records import Kind


class Format(StrEnum):
    """Output formats of the register."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    ICS = "ics"
    HTML = "html"
    PNG = "png"


def render(
    entries: Sequence[RegisterEntry],
    register: Sequence[RegisterEntry],
    as_of: date,
    output_format: Format,
) -> bytes:
    """Return `entries`, a part of the whole `register`, in any format but the table; text is UTF-8."""
    if output_format is Format.JSON:
        return (to_json(entries) + "\n").encode()
    if output_format is Format.CSV:
        return to_csv(entries).encode()
    if output_format is Format.ICS:
        from bot.register.export.calendar import to_ics

        return to_ics(entries, as_of, datetime.now(UTC), history=register)
    if output_format is Format.HTML:
        from bot.register.export.timeline import to_html

        return to_html(entries, as_of).encode()
    from bot.register.export.timeline_picture import to_png  # draws with matplotlib, which is slow to import

    return to_png(entries, as_of)


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
    everything: Annotated[bool, typer.Option("--all", help="What is past, too.")] = False,
    output_format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    output: Annotated[Path | None, output_option("Write to FILE, not to the terminal.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what the documents say will happen, and when."""
    cli = cli_context(context)
    output_format = Format.JSON if as_json else output_format
    day = as_of or cli.settings.today()
    if within is not None and (start or end):
        raise typer.BadParameter("give --within or --from and --to, not both")
    if within is not None:
        end = add_days(day, within)
    if start and end and end < start:
        raise typer.BadParameter(f"--to {end} lies before --from {start}")
    if output_format is Format.TABLE and output is not None:
        raise typer.BadParameter("--output wants a --format: json, csv, ics, html or png")
    if output_format is Format.PNG and output is None and results().is_terminal:
        raise typer.BadParameter("a picture does not fit into a terminal; name a file with --output")
    cli.require_documents()
    with only_result():
        # A start before today asks for past entries.
        include_past = everything or (start is not None and start < day)
        register = cli.services.register(day)
        chosen = select(register, day, start, end, kind, include_past)
        data = b"" if output_format is Format.TABLE else render(chosen, register, day, output_format)
    if output_format is Format.TABLE:
        show(register_table(chosen, day))
    elif output is None:
        typer.get_binary_stream("stdout").write(data)
    else:
        with umask(cli.usual_umask):
            output.write_bytes(data)
        notices().print(f"Wrote {len(chosen)} entries to {output}.")
