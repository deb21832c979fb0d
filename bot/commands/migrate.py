"""`itubot migrate`: adapts the databases of an earlier version."""

from __future__ import annotations

import typer

from bot.commands.context import cli_context
from bot.terminal.console import show
from store.schema_revisions import Migration


def migrate(context: typer.Context) -> None:
    """Adapt the databases of an earlier version to this one."""
    for migration in cli_context(context).services.shared.databases.migrate():
        show(_line(migration))


def _line(migration: Migration) -> str:
    name = migration.title[0].upper() + migration.title[1:]
    if migration.former is None:
        return f"{name} does not exist yet; it is created when it is first needed."
    if migration.former == migration.revision:
        return f"{name} is up to date, at revision {migration.revision}."
    return f"{name} was migrated from revision {migration.former} to {migration.revision}."
