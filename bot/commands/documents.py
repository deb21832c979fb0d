"""`itubot documents` and `itubot remove`: list the documents of the store, remove one."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.context import AsJson, cli_context
from bot.safe_text import visible
from bot.terminal.console import emit_json, show
from bot.terminal.documents import documents_json, documents_view
from store.audiences import PUBLIC


def documents(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Include the documents of Slack channels.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the documents that answers come from, and whom each is for."""
    catalog = cli_context(context).services.catalog
    if everything:
        catalog = catalog.seen_by(PUBLIC | catalog.known_audiences())
    with catalog.snapshot() as view:
        found, counts = view.documents(), view.counts()
    if as_json:
        emit_json(documents_json(found, counts))
    else:
        show(documents_view(found, counts))


def remove(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(help="A source, as `itubot documents` names it.", show_default=False)
    ],
) -> None:
    """Take a document out of the store, not its file."""
    cli = cli_context(context)
    report = cli.services.shared.remove(source, cli.audience)
    for row in report.documents:
        show(f"Removed {visible(row.source)}; a file in a folder of yours is where it was.")
