"""Commands for all that is stored: `itubot backup`, `restore`, `migrate` and `forget`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.context import cli_context
from bot.plural import counted
from bot.terminal import show
from store.jobs.forgetting import forget_person
from store.migrations import Migration

if TYPE_CHECKING:
    from store.backup import BackupReport


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The archive to write, as in itubot.zip.", show_default=False)],
) -> None:
    """Save documents, corrections, jobs, conversations and files in one archive; bots may run meanwhile."""
    # Imported late, as other commands do not need it.
    from store.backup import write_backup

    report = write_backup(cli_context(context).services.shared.whole_store, file)
    show(f"Saved in {file}: {_contents(report)}.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An archive that `itubot backup` wrote.", show_default=False)],
) -> None:
    """Restore an archive, into an empty data folder and database."""
    from store.backup import open_archive
    from store.backup import restore as restore_archive

    archive = open_archive(file)
    report = restore_archive(cli_context(context).services.shared.whole_store, archive)
    show(f"Restored from {file}: {_contents(report)}.")


def _contents(report: BackupReport) -> str:
    counts = (
        (report.documents, "document"),
        (report.open_jobs, "unfinished job"),
        (report.files, "stored file"),
    )
    return ", ".join(counted(number, noun) for number, noun in counts)


def migrate(context: typer.Context) -> None:
    """Adapt the database of an earlier version to this one."""
    show(_line(cli_context(context).services.shared.databases.migrate()))


def _line(migration: Migration) -> str:
    if migration.former is None:
        return "The database does not exist yet; it is created when it is first needed."
    if migration.former == migration.revision:
        return f"The database is up to date, at revision {migration.revision}."
    return f"The database was migrated from revision {migration.former} to {migration.revision}."


def _person(value: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]+", value):
        raise typer.BadParameter(
            f"{value!r} is not the id of a person; copy it in Slack from the profile, as in U0123ABCD"
        )
    return value


def forget(
    context: typer.Context,
    user: Annotated[str, typer.Argument(parser=_person, metavar="USER", help="The person's id in Slack.")],
) -> None:
    """Delete a person's questions with their answers, and all else that is kept of the person."""
    deleted = forget_person(cli_context(context).services.shared.databases.state, user)
    rows = ", ".join(f"{count} of {table.replace('_', ' ')}" for table, count in sorted(deleted.items()))
    show(f"Deleted what was stored about {user}: {rows}." if rows else f"Nothing is stored about {user}.")
