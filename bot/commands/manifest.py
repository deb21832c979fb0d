"""`itubot manifest`: the manifest that the Slack app is made from."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from bot.commands.context import cli_context
from bot.settings import command_name
from bot.slack.manifest import make_manifest
from bot.terminal.console import emit_json


def manifest(
    context: typer.Context,
    http: Annotated[
        str,
        typer.Option("--http", metavar="URL", help="For HTTP mode: the bot's public address, https://HOST."),
    ] = "",
    command: Annotated[
        str, typer.Option("--command", metavar="/NAME", help="The slash command; by default ITUBOT_COMMAND.")
    ] = "",
) -> None:
    """Print the Slack app's manifest for the features that are switched on."""
    settings = cli_context(context).settings
    name = _checked_command(command or settings.command)
    emit_json(make_manifest(settings, command=name, url=_checked_address(http)))


def _checked_command(name: str) -> str:
    try:
        return command_name(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _checked_address(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise typer.BadParameter(
            f"{url!r} is no address that Slack calls; write it as in https://bot.example.org"
        )
    return url
