"""`itubot ingest`: reads documents into the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.context import AsJson, CliContext, bundled, cli_context
from bot.commands.watch import changed, keep_current
from bot.terminal.console import emit_json, only_result, show
from bot.terminal.ingest import ingest_json, ingest_view, progress_bars
from ingest.report import IngestReport


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH ...]", help="Files or folders; without any, the bundled report."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents of the given folders whose files are gone.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep them current: ingest after each change, until Ctrl-C.")
    ] = False,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Let the rules read the dates, not the language model.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take documents in; unchanged ones cost nothing."""
    label, chosen = not no_model, paths or bundled()
    if watch:
        if not paths or as_json:
            wrong = "prints a line for each ingest, not JSON" if as_json else "needs a PATH to keep current"
            raise typer.BadParameter(f"--watch {wrong}.")
        cli = cli_context(context)
        changes = changed(chosen, cli.settings.data_dir)
        keep_current(changes, lambda: ingest_paths(cli, chosen, prune=prune, label=label))
        return
    if as_json:
        with only_result():
            report = ingest_paths(cli_context(context), chosen, prune=prune, label=label, bundled=not paths)
        emit_json(ingest_json(report))
    else:
        report = ingest_paths(cli_context(context), chosen, prune=prune, label=label, bundled=not paths)
        show(ingest_view(report))
    if any(row.status == "failed" for row in report.documents):
        raise typer.Exit(1)


def ingest_paths(
    cli: CliContext,
    paths: Sequence[Path],
    *,
    prune: bool = False,
    label: bool = True,
    bundled: bool = False,
) -> IngestReport:
    """Ingest `paths`, with progress on stderr; with `label`, the language model labels the dates, if one is set.

    `bundled`: the paths are the program's own, since the user named none.
    """
    with progress_bars() as show_progress:
        return cli.services.shared.ingest(
            paths, prune=prune, progress=show_progress, label=label, bundled=bundled, audience=cli.audience
        )
