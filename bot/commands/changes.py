"""`itubot changes`: what changed between the last two versions of a document."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.changes.versions import read_changes
from bot.commands.program import AsJson, program
from bot.terminal.changes import changes_view
from bot.terminal.console import emit_json, show


def changes(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="A source, as `itubot documents` names it; without one, the document that changed last.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show paragraph by paragraph what is new, gone and reworded, and which dates moved."""
    started = program(context)
    if source is None:
        started.require_documents()
    found = read_changes(started.services.catalog, source)
    if as_json:
        emit_json(found.to_json())
    else:
        show(changes_view(found))
