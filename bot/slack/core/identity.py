"""Who the bot is in Slack, and which scopes its token was granted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, cast

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.core.errors import SlackUnreachable, TokenRefused
from bot.slack.core.payloads import installed_team
from bot.slack.core.sending.clients import FAILURES, error_code, is_transient
from bot.slack.manifest import granted_scopes

_LOG = logging.getLogger(__name__)


async def identify(client: AsyncWebClient, needed_scopes: Iterable[str] = ()) -> AuthorizeResult:
    """Return the bot's identity; logs which of the needed scopes the token lacks.

    Raises TokenRefused or SlackUnreachable.
    """
    try:
        response = await client.auth_test()
    except FAILURES as error:
        code = error_code(error)
        if not isinstance(error, SlackApiError):
            raise SlackUnreachable(
                f"Slack cannot be reached at {client.base_url} ({code}); check the network and the address"
            ) from error
        if is_transient(error):
            raise SlackUnreachable(f"Slack does not answer now ({code}); try again later") from error
        raise TokenRefused(
            f"Slack refused SLACK_BOT_TOKEN ({code}); copy the Bot User OAuth Token "
            "(xoxb-...) from your app's page Install App"
        ) from error
    granted = granted_scopes(response.headers)
    missing = [scope for scope in needed_scopes if scope not in granted] if granted is not None else []
    if missing:
        _LOG.warning(
            "the Slack app lacks the scopes %s; `itubot doctor` says what for, and the way out",
            ", ".join(missing),
        )
    identity = AuthorizeResult.from_auth_test_response(bot_token=client.token, auth_test_response=response)
    identity.team_id = team_of(response)
    return identity


def team_of(response: AsyncSlackResponse) -> str:
    """Return the id of the team that `auth.test` names, the same as in what Slack sends.

    It is the organization for an app that is installed in all of its workspaces.
    """
    return installed_team(cast(Mapping[str, Any], response.data))
