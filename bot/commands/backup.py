"""`itubot backup` and `itubot restore`: all that is stored, in one archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.context import cli_context
from bot.plural import counted
from bot.terminal.console import show

if TYPE_CHECKING:
    from store.backup import BackupReport


def backup(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="The archive to write, as in itubot.tar.gz.", show_default=False)
    ],
) -> None:
    """Save documents, corrections, jobs, conversations and files in one archive; bots may run meanwhile."""
    # Imported late, as other commands do not need it.
    from store.backup import write_backup

    report = write_backup(cli_context(context).services.shared.whole_store, file)
    show(f"Saved in {file}: {_contents(report)}.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An archive that `itubot backup` wrote.", show_default=False)],
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete what the store has now; stop the bots first.")
    ] = False,
) -> None:
    """Restore an archive, into an empty data folder and database."""
    from store.backup import open_archive
    from store.backup import restore as restore_archive

    archive = open_archive(file)
    report = restore_archive(cli_context(context).services.shared.whole_store, archive, replace=replace)
    show(f"Restored from {file}: {_contents(report)}.")


def _contents(report: BackupReport) -> str:
    counts = (
        (report.documents, "document"),
        (report.open_jobs, "unfinished job"),
        (report.files, "stored file"),
    )
    return ", ".join(counted(number, noun) for number, noun in counts)
