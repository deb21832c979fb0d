"""`itubot changes`: what changed between the last two versions of a document."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.changes import read_changes
from bot.commands.context import AsJson, cli_context
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
    cli = cli_context(context)
    if source is None:
        cli.require_documents()
    found = read_changes(cli.services.catalog, source)
    if as_json:
        emit_json(found.to_json())
    else:
        show(changes_view(found))
