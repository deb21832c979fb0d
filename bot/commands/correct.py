"""`itubot correct`: corrects an entry of the register, undoes that, or lists the corrections."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from bot.commands.context import AsJson, cli_context, day_option
from bot.commands.deadlines import ID_LENGTH
from bot.json_fields import json_fields
from bot.register import RegisterEntry
from bot.register.export.data import entry_json
from bot.register.repository import EntryEdit, ListedCorrection
from bot.register.wording import day, day_range, status, when
from bot.safe_text import visible
from bot.terminal import emit, emit_json, only_result, short, show, table
from store.records import CorrectedStatus, Correction, Kind


def correct(
    context: typer.Context,
    entry_id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="The entry's id, as `itubot deadlines` shows it, or its beginning; without it, the list.",
            show_default=False,
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="What it is called.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="What it is.")] = None,
    start: Annotated[date | None, day_option("--start", "Its first or only day (YYYY-MM-DD).")] = None,
    end: Annotated[date | None, day_option("--end", "Its last day.")] = None,
    status: Annotated[CorrectedStatus | None, typer.Option("--status", help="Its status.")] = None,
    no_event: Annotated[
        bool, typer.Option("--no-event", help="It is not an event: remove it from the register.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo the correction, including --no-event.")] = False,
    as_json: AsJson = False,
) -> None:
    """Correct an entry of the register, as long as the document has the sentence; without ID, list the corrections."""
    edit = EntryEdit(title, kind, start, end, status, no_event)
    if entry_id is None:
        if undo or edit:
            raise typer.BadParameter("name the entry by its ID; `itubot deadlines` shows the ids.")
        with only_result():
            listed = cli_context(context).services.corrections()
        return emit(as_json, corrections_json, corrections_view, listed)
    if undo and edit:
        raise typer.BadParameter("--undo cannot be combined with corrections.")
    if not undo and not edit:
        raise typer.BadParameter("say what to correct, as with --title or --start, or --undo.")
    if no_event and edit != EntryEdit(no_event=True):
        raise typer.BadParameter("--no-event cannot be combined with other corrections.")
    services = cli_context(context).services
    with only_result():
        entry = services.undo(entry_id) if undo else services.correct(entry_id, edit, _login())
    if as_json:
        emit_json(entry_json(entry) | {"no_event": no_event})
    else:
        show(visible(_result_line(entry, undo=undo, no_event=no_event)))


def _result_line(entry: RegisterEntry, *, undo: bool, no_event: bool) -> str:
    short_id = entry.id[:8]
    if no_event:
        return f"Taken out: {entry.title}. `itubot correct {short_id} --undo` brings it back."
    done = "As in the document again" if undo else "Corrected"
    return f"{done}: {entry.title}, {when(entry)}: {entry.kind}, {status(entry)} [{short_id}]"


def _login() -> str:
    try:
        # An "@" in front marks user ids of Slack.
        name = visible(getpass.getuser()).lstrip("@")
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        name = ""
    return name or "somebody at the terminal"


def corrections_json(listed: Sequence[ListedCorrection]) -> list[dict[str, Any]]:
    """Return what `itubot correct --json` prints without an ID; values that were not corrected are null."""
    return [
        {
            **json_fields(listing, "id title source"),
            "correction": json_fields(listing.correction, "title kind start end status no_event"),
            "by": listing.correction.by,
            "at": listing.correction.at.isoformat(timespec="seconds"),
        }
        for listing in listed
    ]


def corrections_view(listed: Sequence[ListedCorrection]) -> RenderableType:
    """Return the table of corrections."""
    if not listed:
        return Text("Nothing in the register is corrected.")
    columns = (
        short("id"),
        Column("entry in the document", ratio=1),
        Column("correction", ratio=1),
        "by",
        short("on"),
    )
    rows = (
        (
            one.id[:ID_LENGTH],
            one.title,
            _new_values(one.correction),
            one.correction.by,
            day(one.correction.at),
        )
        for one in listed
    )
    return Group(table(columns, rows), "", Text("`itubot correct ID --undo` takes a correction back."))


def _new_values(correction: Correction) -> str:
    if correction.no_event:
        return "no event: taken out"
    days = day_range(correction.start, correction.end or correction.start) if correction.start else None
    parts = (correction.title and f"“{correction.title}”", correction.kind, days, correction.status)
    return ", ".join(part for part in parts if part)
