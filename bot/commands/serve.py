"""`itubot serve`: the Slack bot."""

from __future__ import annotations

import logging
import signal
from functools import partial
from typing import TYPE_CHECKING

import typer

from bot.commands.context import CliContext, cli_context
from bot.digests import make_digest, previous_state
from bot.errors import NotReady, SettingsError
from bot.sources import read_source
from bot.stopping import end_soon
from store.audiences import Audience
from store.jobs import QuestionStore
from store.restarts import while_it_restarts

if TYPE_CHECKING:
    from bot.slack.options import SlackOptions

_LOG = logging.getLogger(__name__)


def serve(context: typer.Context) -> None:
    """Run the Slack bot until it is stopped."""
    run_bot(cli_context(context))


def run_bot(cli: CliContext) -> None:
    """Run the bot until it is stopped. Raises BotError or StoreError."""
    settings = cli.settings
    if not settings.slack_configured:
        raise SettingsError(
            "Slack is not set up; set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (README.md shows how)"
        )
    # From here until the bot listens to signals itself; without it, a container's first process ignores SIGTERM.
    signal.signal(signal.SIGTERM, _leave)
    for name in ("bot", "store.jobs", "store.search"):
        logging.getLogger(name).setLevel(logging.INFO)
    # An error of the store ends the program before it connects to Slack.
    question_store, options = while_it_restarts(partial(_open_store, cli))
    # Imported late: Bolt is slow to import, and only this command needs it.
    import asyncio

    from bot.slack.access.channel_data import ChannelData
    from bot.slack.app import run_slack_bot

    def channel_data(audience: Audience) -> ChannelData:
        own = cli.seen_from(audience)
        return ChannelData(
            today=settings.today,
            register=own.register,
            documents=own.catalog.documents,
            digest=lambda day, days: make_digest(own, day, days, previous_state(settings, own, day)),
            changes=own.changes,
            source=partial(read_source, own.catalog),
        )

    asyncio.run(
        run_slack_bot(
            lambda audience: cli.seen_from(audience).assistant,
            question_store,
            channel_data,
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

    return cli.services.shared.question_store, slack_options(cli.services, cli.seen_from)


def _leave(*_: object) -> None:
    end_soon()
    raise SystemExit(0)
