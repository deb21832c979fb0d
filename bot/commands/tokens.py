"""The tokens of Slack, as the settings and the installations have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.context import CliContext
from bot.errors import BotError, SettingsError
from store.jobs import InstallationStore

if TYPE_CHECKING:
    from bot.slack.options import InstallOptions
    from bot.slack.sending.clients import PresentToken


def install_options(cli: CliContext) -> InstallOptions | None:
    """Return how workspaces install the app; None where the bot has a token of its own. Raises SettingsError."""
    from bot.slack.options import InstallOptions

    settings = cli.settings
    if problem := settings.workspaces_problem:
        raise SettingsError(problem)
    if not settings.workspaces:
        return None
    return InstallOptions(
        InstallationStore(cli.services.shared.databases.state),
        settings.workspaces,
        settings.slack_client_id,
        settings.slack_client_secret.get_secret_value(),
    )


def token_of_channels(cli: CliContext) -> str | PresentToken:
    """Return the token of the workspace whose channels the settings name. Raises BotError if there is none."""
    # Imported late: most commands need no Slack.
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.workspaces.tokens import RenewedToken

    settings, installing = cli.settings, install_options(cli)
    if installing is None:
        if settings.slack_bot_token is None:
            raise SettingsError("Slack is not set up; set SLACK_BOT_TOKEN (README.md shows how)")
        return settings.slack_bot_token.get_secret_value()
    team = installing.workspaces[0]
    installation = installing.store.find(team)
    if installation is None:
        raise BotError(f"the workspace {team} has not installed the app; docs/workspaces.md says how")
    return RenewedToken(installation, installing, AsyncWebClient(base_url=settings.slack_api_url))
