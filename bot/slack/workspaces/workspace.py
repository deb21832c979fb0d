"""The bot in one workspace: who it is there, its features, and the Bolt app that passes them what Slack sends."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, cast
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.routing import Route

from bot.slack.core.access import Admission, Budget, LibraryUsers, Policy
from bot.slack.core.errors import SlackUnreachable, TokenRefused
from bot.slack.core.options import ChannelData, SlackOptions
from bot.slack.core.payloads import installed_team
from bot.slack.core.people import Names, People, SlackCache
from bot.slack.core.receiving import Routes
from bot.slack.core.schedule import every_minute
from bot.slack.core.sending.clients import FAILURES, SlackClients, error_code, is_transient
from bot.slack.core.sending.posting import Poster
from bot.slack.core.services import WorkspaceServices
from bot.slack.features.questions.answering import Assistants
from bot.slack.manifest import granted_scopes
from bot.slack.routes import features
from store.audiences import Audience
from store.jobs import QuestionStore, Runner

_LOG = logging.getLogger(__name__)

_NOT_HERE = "I am not installed in this workspace, so I do not answer here. Please ask whoever runs me."


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


class Workspace:
    """The bot in the workspace of `identity`. `channel_data` returns what a channel may see, and may block."""

    def __init__(
        self,
        assistants: Assistants,
        channel_data: Callable[[Audience], ChannelData],
        question_store: QuestionStore,
        options: SlackOptions,
        clients: SlackClients,
        identity: AuthorizeResult,
    ) -> None:
        cache, settings = SlackCache(), options.settings
        admission = Admission(
            Policy.of(settings),
            clients.unretried,
            identity.team_id or "",
            identity.enterprise_id or "",
            patience=options.timing.admission_patience,
            cache=cache,
        )
        names = Names(clients.unretried, cache)
        bot_user = identity.bot_user_id or identity.user_id or ""
        self._services = services = WorkspaceServices(
            options=options,
            channel_data=channel_data,
            question_store=question_store,
            clients=clients,
            poster=Poster(clients.posting, clients.retrying, bot_user),
            admission=admission,
            library_users=LibraryUsers(settings.library_users, clients.retrying, names),
            budget=Budget(settings.questions_per_minute),
            names=names,
            people=People(clients.retrying, ZoneInfo(settings.timezone), cache),
            team=identity.team_id or "",
            bot_user=bot_user,
            runner=Runner(**options.timing.leases),
        )
        services.features.extend(features(services, assistants))
        self._reviewing = AsyncExitStack()
        self.app = bolt_app(clients.retrying, identity)
        """Gets what Slack sends from the workspace."""
        routes = Routes(self.app, services)
        routes.begin()
        for feature in services.features:
            feature.add_routes(routes)
        self.dispatch = self.app.async_dispatch
        """Answers a request of HTTP mode."""
        self.routes: Sequence[Route] = ()
        """Further pages: none."""

    async def start(self) -> None:
        """Start to work on jobs, and by the clock."""
        reviews = {type(feature).__name__: feature.review for feature in self._services.features}
        await self._reviewing.enter_async_context(every_minute(reviews, self._services.options.clock))
        self._services.runner.start()

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        self._services.runner.stop()

    async def close(self) -> None:
        """Let running work go on for the patience of the options, then cancel it, which takes a few seconds at most."""
        await self._reviewing.aclose()
        services = self._services
        patience = services.options.timing.shutdown_patience
        await asyncio.gather(services.tasks.close(patience), services.runner.close(patience))
        await asyncio.gather(*(feature.close() for feature in services.features))


def bolt_app(client: AsyncWebClient, identity: AuthorizeResult | None) -> AsyncApp:
    """Return a Bolt app for the workspace of `identity`; without one, it tells people that the bot is not installed.

    It does not check signatures: `transport.py` has done that before it reads a request.
    """

    async def authorize() -> Any:
        return identity

    logger = logging.getLogger("slack_bolt")
    logger.addFilter(_is_needed)
    return AsyncApp(
        name="itubot",  # Without one, Bolt reads the sources of all callers to name the app by a file.
        client=client,
        authorize=authorize,
        request_verification_enabled=False,
        user_facing_authorize_error_message=_NOT_HERE,
        logger=logger,
    )


def _is_needed(record: logging.LogRecord) -> bool:
    """Return False for the remark that the token is also in the environment and in the client: it is the same one."""
    return not re.search(r"`token`.* will be (?:unused|ignored)", record.getMessage())
