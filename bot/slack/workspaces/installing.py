"""The pages by which a workspace installs the app: Slack asks a person there, and sends them back with a code.

https://docs.slack.dev/authentication/installing-with-oauth. Bolt has the steps: the `state`, which belongs to the
browser of the person, and the exchange of the code, which is valid once, for a token.
"""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.stateless import StatelessOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.slack.core.options import InstallOptions
from bot.slack.core.sending.clients import FAILURES, error_code, is_transient
from bot.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from store.errors import StoreError
from store.jobs import Installation

_LOG = logging.getLogger(__name__)

# Seconds for which the page of Slack may be open; as long as Bolt keeps the cookie.
_STATE_SECONDS = 600
_NOT_VALID = (
    "This page is valid once, for ten minutes, in the browser in which the installation was begun. "
    "If the app was installed just now, there is nothing left to do."
)
# Reason of a failure -> what the person reads.
_FAILURES = {
    "access_denied": "The app is not installed: that was refused on Slack's page.",
    "invalid_browser": _NOT_VALID,
    "invalid_state": _NOT_VALID,
    "missing_code": _NOT_VALID,
}


def install_routes(
    options: InstallOptions,
    client: AsyncWebClient,
    scopes: Sequence[str],
    installed: Callable[[str], Awaitable[object]],
) -> list[Route]:
    """Return the two pages. `client` has no token; `installed` is called with the id of a new workspace."""
    settings = AsyncOAuthSettings(
        client_id=options.client_id,
        client_secret=options.client_secret,
        scopes=scopes,
        authorization_url=urljoin(client.base_url, "/oauth/v2/authorize"),
        install_path=INSTALL_PATH,
        install_page_rendering_enabled=False,  # Slack's own page asks.
        redirect_uri_path=REDIRECT_PATH,
        installation_store=_Installations(options, client, installed),
        # Signed, and not stored: anybody may open the first page, any number of times.
        state_store=StatelessOAuthStateStore(
            expiration_seconds=_STATE_SECONDS, signing_secret=options.client_secret, logger=_LOG
        ),
        state_expiration_seconds=_STATE_SECONDS,
        callback_options=AsyncCallbackOptions(success=_show_success, failure=_show_failure),
        logger=_LOG,
    )
    flow = AsyncOAuthFlow(client=_ExchangeClient(base_url=client.base_url), settings=settings, logger=_LOG)

    def page(
        answer: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
    ) -> Callable[..., Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            try:
                response = await answer(to_async_bolt_request(request, b""))
            except StoreError as error:
                _LOG.error("a page of the installation is not shown: %s", error)
                response = _page(503, "Nothing can be stored just now. Please try again in a minute.")
            except _NotExchanged as refused:
                _LOG.error("Slack does not confirm an installation: %s", refused.code)
                response = _page(*refused.shown)
            return to_starlette_response(response)

        return respond

    return [
        Route(INSTALL_PATH, page(flow.handle_installation), methods=["GET"]),
        Route(REDIRECT_PATH, page(flow.handle_callback), methods=["GET"]),
    ]


class _NotInstalled(BoltError):
    """An installation is not kept; the message is for the person who installs the app."""


class _NotExchanged(Exception):
    """Slack gives no token for a code."""

    def __init__(self, error: Exception) -> None:
        self.code = error_code(error)
        self.shown = (
            (503, "The app is not installed: Slack does not answer just now. Please try again in a minute.")
            if is_transient(error)
            else (401, f"The app is not installed: Slack does not confirm it ({self.code}).")
        )
        """Status and text of the page."""


class _ExchangeClient(AsyncWebClient):
    """Raises _NotExchanged for every failure: Bolt would log some of them with the code, and not expect the others."""

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Call a method of the Web API."""
        try:
            return await super().api_call(api_method, **arguments)
        except FAILURES as error:
            raise _NotExchanged(error) from None


class _Installations(AsyncInstallationStore):
    """Keeps the installations in the workspaces that may install the app."""

    def __init__(
        self,
        options: InstallOptions,
        client: AsyncWebClient,
        installed: Callable[[str], Awaitable[object]],
    ) -> None:
        self._options = options
        self._client = client
        self._installed = installed

    async def async_save(self, installation: SlackInstallation) -> None:
        """Keep an installation. Raises _NotInstalled, StoreError."""
        whole = installation.is_enterprise_install
        team = (installation.enterprise_id if whole else installation.team_id) or ""
        name = (installation.enterprise_name if whole else installation.team_name) or ""
        token = installation.bot_token or ""
        if team not in self._options.workspaces:
            await self._remove_app(token)
            raise _NotInstalled(
                f"This app may not be installed in the workspace {team}. Whoever runs it can allow that "
                "(ITUBOT_WORKSPACES)."
            )
        refresh_token, expires_at = installation.bot_refresh_token or "", installation.bot_token_expires_at
        kept = Installation(team, name, token, refresh_token, expires_at)
        await asyncio.to_thread(self._options.store.save, kept)
        _LOG.info("the app is installed in the workspace %s", team)
        # Where it cannot be begun now, it is within a minute.
        with suppress(StoreError):
            await self._installed(team)

    async def _remove_app(self, token: str) -> None:
        """Remove the app from a workspace that may not have it."""
        secret = {"client_id": self._options.client_id, "client_secret": self._options.client_secret}
        bearer = {"Authorization": f"Bearer {token}"}
        try:
            # The method of the client puts the secret into the address.
            await self._client.api_call("apps.uninstall", data=secret, headers=bearer)
        except FAILURES as error:
            _LOG.warning("the app is still in a workspace that may not have it: %s", error_code(error))


async def _show_success(arguments: AsyncSuccessArgs) -> BoltResponse:
    return await arguments.default.success(arguments)


async def _show_failure(arguments: AsyncFailureArgs) -> BoltResponse:
    if isinstance(arguments.error, _NotInstalled):
        return _page(403, str(arguments.error))
    reason = arguments.reason
    line = _FAILURES.get(reason, f"The app is not installed. Slack's reason: {reason}")
    return _page(arguments.suggested_status_code, line)


def _page(status: int, line: str) -> BoltResponse:
    body = f'<!DOCTYPE html><p>{html.escape(line, quote=False)}</p><p><a href="{INSTALL_PATH}">Begin again</a></p>'
    return BoltResponse(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
