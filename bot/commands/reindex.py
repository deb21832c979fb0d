"""`itubot reindex`: builds the index anew from the catalog."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict

import typer

from bot.commands.context import AsJson, cli_context
from bot.terminal.console import emit_json, only_result, show
from bot.terminal.ingest import progress_bars, reindex_view


def reindex(context: typer.Context, as_json: AsJson = False) -> None:
    """Build the index anew with the embedding model that is set; questions are answered meanwhile."""
    # Libraries print while they load a model.
    with only_result() if as_json else nullcontext(), progress_bars() as show_progress:
        report = cli_context(context).services.shared.reindex(show_progress)
    if as_json:
        emit_json(asdict(report))
    else:
        show(reindex_view(report))
