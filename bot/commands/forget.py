"""`itubot forget`: deletes what is stored about a person."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from bot.commands.context import cli_context
from bot.terminal.console import show
from store.jobs.forgetting import forget_person


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
    """Delete a person's questions with their answers, and all else that the state database has about the person."""
    deleted = forget_person(cli_context(context).services.shared.databases.state, user)
    rows = ", ".join(f"{count} of {table.replace('_', ' ')}" for table, count in sorted(deleted.items()))
    show(
        f"Deleted what was stored about {user}: {rows}."
        if rows
        else f"The state database has nothing about {user}."
    )
