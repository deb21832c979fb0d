"""`itubot serve`: the Slack bot."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

import typer

from bot.commands.digest import DAYS, last_state, make
from bot.commands.program import Program, program
from bot.errors import SettingsError
from store.audiences import Audience


def serve(context: typer.Context) -> None:
    """Run the Slack bot, until it is told to stop."""
    start(program(context))


def start(started: Program) -> None:
    """Run the bot until it is told to stop. Raises a BotError or StoreError where it cannot run."""
    settings = started.settings
    if settings.slack_bot_token is None or not settings.slack_configured:
        raise SettingsError(
            "Slack is not set up; set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (README.md shows how)"
        )
    # Before Slack is told that somebody is there.
    started.require_documents(for_anybody=True)
    for name in ("bot", "store.jobs"):
        logging.getLogger(name).setLevel(logging.INFO)
    # Only here: nothing else needs Bolt, and it is slow to import.
    import asyncio

    from bot.slack.access.admission import Policy
    from bot.slack.access.channel_data import ChannelData
    from bot.slack.app import Daily
    from bot.slack.app import serve as run
    from bot.slack.digest_schedule import Timetable
    from bot.slack.handlers.entries import Corrections
    from bot.slack.handlers.uploads import UploadOptions

    services = started.services

    def channel_data(audience: Audience) -> ChannelData:
        own = started.seen_from(audience)
        return ChannelData(
            today=settings.today,
            register=own.register,
            documents=own.catalog.documents,
            digest=lambda day, days: make(own, day, days, last_state(started, own, day)),
            changes=own.changes,
        )

    uploads = UploadOptions(
        users=settings.library_users,
        folder=settings.data_dir / "library",
        submissions=services.submissions,
        ingest=services.ingest_in_subprocess,
        largest=settings.library_file_mb * 1_000_000,
    )
    corrections = Corrections(
        settings.library_users,
        lambda audience, *what: started.seen_from(audience).correct(*what),
        lambda audience, *what: started.seen_from(audience).undo(*what),
    )
    daily = None
    if settings.digest_channel:
        daily = Daily(
            settings.digest_channel,
            Timetable(settings.digest_time, ZoneInfo(settings.timezone)),
            services.digest_runs,
            lambda audience, day, previous: make(started.seen_from(audience), day, DAYS, previous),
        )
    app_token, secret = settings.slack_app_token, settings.slack_signing_secret
    asyncio.run(
        run(
            lambda audience: started.seen_from(audience).assistant,
            services.state,
            channel_data,
            daily=daily,
            uploads=uploads,
            corrections=corrections,
            policy=Policy(settings.allow_guests, settings.allow_external, settings.channels),
            questions_per_minute=settings.questions_per_minute,
            queue=settings.queue,
            bot_token=settings.slack_bot_token.get_secret_value(),
            app_token=app_token.get_secret_value() if app_token else None,
            signing_secret=secret.get_secret_value() if secret else None,
            api_url=settings.slack_api_url,
            port=settings.port,
        )
    )
