"""`itubot serve`: the Slack bot."""

from __future__ import annotations

import logging
import signal
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer
from pydantic import SecretStr

from bot.commands.context import CliContext, cli_context, install_options
from bot.digests import make_digest, make_digest_on, previous_state
from bot.errors import NotReady, SettingsError
from bot.slack.manifest import needed_scopes
from bot.sources import read_source
from bot.stopping import end_soon
from store.audiences import Audience
from store.jobs import (
    ExpertAnswerStore,
    ExpertQuestionStore,
    QuestionStore,
    ReminderStore,
    SubscriptionStore,
)
from store.records import EVERYBODY
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
    for name in ("bot", "store.jobs"):
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
    return cli.services.shared.question_store, _options(cli)


def _leave(*_: object) -> None:
    end_soon()
    raise SystemExit(0)


def _options(cli: CliContext) -> SlackOptions:
    """Return the bot's options from the settings."""
    from bot.slack import options
    from bot.slack.access.admission import Policy
    from bot.slack.readiness import StoreChecks
    from bot.telemetry.metrics import load_metrics

    settings, services = cli.settings, cli.services
    if settings.status_port:
        services.shared.metrics = load_metrics()
    experts, channels = None, settings.channels
    if settings.experts_channel:
        state = services.shared.databases.state
        experts = options.ExpertOptions(
            settings.experts_channel, ExpertQuestionStore(state), ExpertAnswerStore(state)
        )
        channels += (settings.experts_channel,) if channels else ()
    return options.SlackOptions(
        bot_token=_secret(settings.slack_bot_token) or "",
        app_token=_secret(settings.slack_app_token),
        signing_secret=_secret(settings.slack_signing_secret),
        installing=install_options(cli),
        api_url=settings.slack_api_url,
        needed_scopes=needed_scopes(settings),
        command=settings.command,
        port=settings.port,
        status_port=settings.status_port,
        traces=services.shared.traces,
        metrics=services.shared.metrics,
        checks=StoreChecks(services.shared.has_documents, services.shared.index.answers),
        policy=Policy(settings.allow_guests, settings.allow_external, channels),
        questions_per_minute=settings.questions_per_minute,
        asks_assistant=(lambda *asked: services.shared.addressee_judge.asks_assistant(*asked))
        if settings.follow_threads and settings.model
        else None,
        queue_length=settings.queue,
        uploads=options.UploadOptions(
            users=settings.library_users,
            storage=services.shared.storage,
            submissions=services.shared.submission_store,
            ingest=services.shared.ingest_in_subprocess,
            max_bytes=settings.library_file_mb * 1_000_000,
        ),
        corrections=options.CorrectionAccess(
            settings.library_users,
            lambda audience, *what: cli.seen_from(audience).correct(*what),
            lambda audience, *what: cli.seen_from(audience).undo(*what),
            lambda: cli.seen_from(EVERYBODY).corrections(),
        ),
        experts=experts,
        schedule=options.ScheduleOptions(
            services.shared.digest_store,
            ReminderStore(services.shared.databases.state),
            SubscriptionStore(services.shared.databases.state),
            lambda audience, *what: make_digest_on(cli.seen_from(audience), *what),
            settings.digest_time,
            ZoneInfo(settings.timezone),
            settings.digest_channel,
        ),
    )


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
