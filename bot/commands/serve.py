"""`itubot serve`: the Slack bot."""

from __future__ import annotations

import logging

import typer

from bot.commands.program import Program, program
from bot.errors import SettingsError


def serve(context: typer.Context) -> None:
    """Run the Slack bot, until it is told to stop."""
    start(program(context))


def start(started: Program) -> None:
    """Run the bot until it is told to stop. Raises a BotError where it cannot run."""
    settings = started.settings
    if settings.slack_bot_token is None or not settings.slack_configured:
        raise SettingsError(
            "Slack is not set up; set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (README.md shows how)"
        )
    logging.getLogger("bot").setLevel(logging.INFO)
    # Only here: nothing else needs Bolt, and it is slow to import.
    import asyncio

    from bot.slack.app import serve as run

    app_token, secret = settings.slack_app_token, settings.slack_signing_secret
    asyncio.run(
        run(
            started.services.assistant,
            started.services.state,
            bot_token=settings.slack_bot_token.get_secret_value(),
            app_token=app_token.get_secret_value() if app_token else None,
            signing_secret=secret.get_secret_value() if secret else None,
            api_url=settings.slack_api_url,
            port=settings.port,
        )
    )
