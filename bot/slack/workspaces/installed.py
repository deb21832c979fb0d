"""The workspaces that have installed the app: the bot works in each, and ends in those that remove the app."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import datetime

from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.core.errors import SlackUnreachable, TokenRefused
from bot.slack.core.options import InstallOptions, SlackOptions
from bot.slack.core.payloads import installed_team
from bot.slack.core.schedule import every_minute, utc_now
from bot.slack.core.sending.clients import FAILURES, SlackClients, error_code, is_transient
from bot.slack.core.services import BackgroundTasks
from bot.slack.manifest import needed_scopes
from bot.slack.workspaces.installing import install_routes
from bot.slack.workspaces.tokens import RenewedToken
from bot.slack.workspaces.workspace import Workspace, bolt_app, identify
from store.errors import StoreError
from store.jobs import Installation, QuestionStore

_LOG = logging.getLogger(__name__)

# Error codes of a token that is not valid any more, unlike one that has expired and can be renewed.
_WITHOUT_TOKEN = {"account_inactive", "token_revoked", "invalid_auth"}


class _NotNow(Exception):
    """A workspace that has installed the app cannot be served just now."""


class InstalledWorkspaces:
    """The bot in each installed workspace. Every process follows the table of installations, at least each minute.

    `make` returns the bot in one of them.
    """

    def __init__(
        self,
        make: Callable[..., Workspace],
        question_store: QuestionStore,
        options: SlackOptions,
        installing: InstallOptions,
    ) -> None:
        self._make = make
        self._question_store = question_store
        self._options = options
        self._installing = installing
        self._client = AsyncWebClient(base_url=options.settings.slack_api_url)
        self._served: dict[str, Workspace] = {}
        self._tokens: dict[str, RenewedToken] = {}
        # A workspace is begun once, however many requests come from there.
        self._beginning: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stopping = False
        self._following = AsyncExitStack()
        self._tasks = BackgroundTasks()
        # Gets what is of no served workspace: Slack's check of the address, and what people do where the app was.
        self._other = bolt_app(self._client, None)
        self.routes = install_routes(installing, self._client, needed_scopes(options.settings))

    async def dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        """Pass a signed request to the workspace that it is from, or delete what is stored if it ends an installation.

        The response is 503 while the workspace cannot be served: Slack sends an event again, and tells whoever did
        anything else that it did not work.
        """
        event, team = request.body.get("event") or {}, installed_team(request.body)
        try:
            # https://docs.slack.dev/reference/events/app_uninstalled and /tokens_revoked: both come, in any order.
            match event.get("type"):
                case "app_uninstalled":
                    # Slack may tell it again minutes later, when the app is installed again.
                    if "x-slack-retry-num" not in request.headers or await self._refusal(team):
                        await asyncio.to_thread(self._installing.store.forget, team)
                        self._tasks.start(self._end_and_forget(team))
                    return BoltResponse(status=200)
                case "tokens_revoked":
                    tokens = event.get("tokens") or {}
                    if tokens.get("bot") and await self._refusal(team) in _WITHOUT_TOKEN:
                        await asyncio.to_thread(self._installing.store.delete, team=team)
                        self._tasks.start(self._end(team))
                    return BoltResponse(status=200)
            workspace = await self._begin(team)
        except _NotNow:
            return BoltResponse(status=503)
        except StoreError as error:
            _LOG.warning("a request of Slack is not answered: %s", error)
            return BoltResponse(status=503)
        return await (workspace.app if workspace else self._other).async_dispatch(request)

    async def start(self) -> None:
        """Start to work in the installed workspaces."""
        await self._following.enter_async_context(every_minute({"installations": self._follow}, utc_now))

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        self._stopping = True
        for workspace in self._served.values():
            workspace.stop()

    async def close(self) -> None:
        """Finish running work within the patience of the options, then cancel the rest."""
        self._stopping = True
        await self._following.aclose()
        patience = self._options.timing.shutdown_patience
        await asyncio.gather(self._tasks.close(patience), *map(self._end, list(self._served)))

    async def _follow(self, _now: datetime) -> None:
        """Begin and end workspaces as the table says. Raises StoreError."""
        # A workspace that is begun meanwhile may not be in the table yet when it is read.
        served = set(self._served)
        installed = {
            installation.team for installation in await asyncio.to_thread(self._installing.store.all)
        }
        await asyncio.gather(*map(self._end, served - installed), *map(self._try_to_begin, installed))

    async def _try_to_begin(self, team: str) -> None:
        """Begin a workspace, unless it cannot be served just now. Raises StoreError."""
        with suppress(_NotNow):
            await self._begin(team)

    async def _begin(self, team: str) -> Workspace | None:
        """Return the bot in a workspace, begun if it is not yet; None where the app is not.

        Raises _NotNow, StoreError.
        """
        if team not in self._installing.workspaces:
            return None
        # Read each time: another process may have taken the removal and the next installation.
        installation = await asyncio.to_thread(self._installing.store.find, team=team)
        if installation is None:
            return None
        async with self._beginning[team]:
            if team not in self._served:
                await self._serve(installation)
        if team in self._served:
            await self._tokens[team].learn(installation)
        return self._served.get(team)

    async def _serve(self, installation: Installation) -> None:
        """Begin a workspace, unless Slack refuses its token. Raises _NotNow."""
        team, settings = installation.team, self._options.settings
        token = RenewedToken(installation, self._installing, self._client)
        clients = SlackClients(token, settings.slack_api_url, self._options.metrics.slack_error)
        try:
            identity = await identify(clients.retrying, needed_scopes(settings))
        except TokenRefused:
            _LOG.error("Slack refuses the token of the workspace %s; install the app there again", team)
            return
        except SlackUnreachable as error:
            _LOG.warning("the workspace %s is not served yet: %s", team, error)
            raise _NotNow from error
        if self._stopping:
            raise _NotNow
        identity.team_id = team
        workspace = self._make(self._question_store.of(team), self._options_of(team), clients, identity)
        self._served[team], self._tokens[team] = workspace, token
        await workspace.start()
        _LOG.info("the workspace %s (%s) is served", team, installation.name)

    def _options_of(self, team: str) -> SlackOptions:
        """Return the options for a workspace: people and channels by their ids are those of the first one."""
        options = self._options
        if team == self._installing.workspaces[0]:
            return options
        none = {"channels": (), "library_users": (), "experts_channel": "", "digest_channel": ""}
        return replace(options, settings=options.settings.model_copy(update=none))

    async def _end(self, team: str) -> None:
        """End the work in a workspace."""
        if workspace := self._served.pop(team, None):
            _LOG.info("the workspace %s is not served any more", team)
            workspace.stop()
            token = self._tokens.pop(team)
            await asyncio.gather(workspace.close(), token.close(self._options.timing.shutdown_patience))

    async def _end_and_forget(self, team: str) -> None:
        """End the work in a workspace, and delete what it stored until then."""
        await self._end(team)
        await asyncio.to_thread(self._installing.store.forget, team, unless_installed=True)

    async def _refusal(self, team: str) -> str:
        """Return why the bot cannot work in a workspace, Slack's error for its token; "" if it can.

        Raises _NotNow where Slack does not say, StoreError.
        """
        installation = await asyncio.to_thread(self._installing.store.find, team=team)
        if installation is None:
            return "not_installed"
        try:
            await self._client.auth_test(token=installation.token)
        except FAILURES as error:
            if is_transient(error):
                raise _NotNow from error
            return error_code(error)
        return ""
