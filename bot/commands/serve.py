"""`itubot serve`: the Slack bot, and `itubot manifest`: the app that it is in Slack."""

from __future__ import annotations

import logging
import signal
from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from bot.commands.context import CliContext, cli_context
from bot.errors import NotReady, SettingsError
from bot.settings import command_name
from bot.slack.manifest import make_manifest
from bot.stopping import end_soon
from bot.terminal import emit_json
from store.jobs import QuestionStore
from store.restarts import while_it_restarts

if TYPE_CHECKING:
    from bot.slack.core.options import SlackOptions

_LOG = logging.getLogger(__name__)


def serve(context: typer.Context) -> None:
    """Run the Slack bot until it is stopped."""
    run_bot(cli_context(context))


def run_bot(cli: CliContext) -> None:
    """Run the bot until it is stopped. Raises BotError or StoreError."""
    settings = cli.settings
    if not settings.slack_configured:
        raise SettingsError(
            "Slack is not set up; set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (docs/tutorial.md shows how)"
        )
    # From here until the bot listens to signals itself; without it, a container's first process ignores SIGTERM.
    signal.signal(signal.SIGTERM, _leave)
    for name in ("bot", "store.jobs", "store.search"):
        logging.getLogger(name).setLevel(logging.INFO)
    # An error of the store ends the program before it connects to Slack.
    question_store, options = while_it_restarts(partial(_open_store, cli))
    # Imported late: Bolt is slow to import, and only this command needs it.
    import asyncio

    from bot.slack.app import run_slack_bot
    from bot.slack.wiring import channel_data

    services = cli.services
    asyncio.run(
        run_slack_bot(
            lambda audience: services.seen_from(audience).assistant,
            question_store,
            channel_data(services),
            options,
        )
    )


def _open_store(cli: CliContext) -> tuple[QuestionStore, SlackOptions]:
    """Open all that the bot stores; an empty store can be filled from Slack."""
    try:
        cli.require_documents(for_anybody=True)
    except NotReady as error:
        _LOG.warning("%s, or send documents in Slack", error)
    # Imported late, as in `run_bot`.
    from bot.slack.wiring import slack_options

    return cli.services.shared.question_store, slack_options(cli.services)


def _leave(*_: object) -> None:
    end_soon()
    raise SystemExit(0)


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
