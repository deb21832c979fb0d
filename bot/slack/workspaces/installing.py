"""The pages by which a workspace installs the app: Slack asks a person there, and sends them back with a code.

https://docs.slack.dev/authentication/installing-with-oauth. Bolt has the steps: the `state`, which belongs to the
browser of the person, and the exchange of the code, which is valid once, for a token.
"""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_callback_options import AsyncFailureArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
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


def install_routes(options: InstallOptions, client: AsyncWebClient, scopes: Sequence[str]) -> list[Route]:
    """Return the two pages. `client` has no token."""
    settings = AsyncOAuthSettings(
        client_id=options.client_id,
        client_secret=options.client_secret,
        scopes=scopes,
        authorization_url=urljoin(client.base_url, "/oauth/v2/authorize"),
        install_path=INSTALL_PATH,
        install_page_rendering_enabled=False,  # Slack's own page asks.
        redirect_uri_path=REDIRECT_PATH,
        installation_store=_Installations(options, client),
        # Signed, and not stored: anybody may open the first page, any number of times.
        state_store=StatelessOAuthStateStore(
            expiration_seconds=_STATE_SECONDS, signing_secret=options.client_secret, logger=_LOG
        ),
        state_expiration_seconds=_STATE_SECONDS,
    )
    flow = AsyncOAuthFlow(client=_ExchangeClient(base_url=client.base_url), settings=settings, logger=_LOG)
    flow.failure_handler = _show_failure

    async def begin(request: Request) -> Response:
        return to_starlette_response(await flow.handle_installation(to_async_bolt_request(request, b"")))

    async def complete(request: Request) -> Response:
        try:
            response = await flow.handle_callback(to_async_bolt_request(request, b""))
        except StoreError as error:
            _LOG.error("a page of the installation is not shown: %s", error)
            response = _page(503, "Nothing can be stored just now. Please try again in a minute.")
        except _NotInstalled as refused:
            response = _page(*refused.args)
        return to_starlette_response(response)

    return [
        Route(INSTALL_PATH, begin, methods=["GET"]),
        Route(REDIRECT_PATH, complete, methods=["GET"]),
    ]


class _NotInstalled(Exception):
    """The app is not installed; `args` are the status and the text of the page that says why."""


class _ExchangeClient(AsyncWebClient):
    """Raises _NotInstalled for every failure: Bolt would log some of them with the code, and not expect the others."""

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Call a method of the Web API."""
        try:
            return await super().api_call(api_method, **arguments)
        except FAILURES as error:
            code = error_code(error)
            _LOG.error("Slack does not confirm an installation: %s", code)
            status, why = 401, f"Slack does not confirm it ({code})."
            if is_transient(error):
                status, why = 503, "Slack does not answer just now. Please try again in a minute."
            raise _NotInstalled(status, f"The app is not installed: {why}") from None


@dataclass
class _Installations(AsyncInstallationStore):
    """Keeps the installations in the workspaces that may install the app."""

    options: InstallOptions
    client: AsyncWebClient

    async def async_save(self, installation: SlackInstallation) -> None:
        """Keep an installation. Raises _NotInstalled, StoreError."""
        whole = installation.is_enterprise_install
        team = (installation.enterprise_id if whole else installation.team_id) or ""
        name = (installation.enterprise_name if whole else installation.team_name) or ""
        token = installation.bot_token or ""
        if team not in self.options.workspaces:
            await self._remove_app(token)
            raise _NotInstalled(
                403,
                f"This app may not be installed in the workspace {team}. Whoever runs it can allow that "
                "(ITUBOT_WORKSPACES).",
            )
        refresh_token, expires_at = installation.bot_refresh_token or "", installation.bot_token_expires_at
        kept = Installation(team, name, token, refresh_token, expires_at)
        await asyncio.to_thread(self.options.store.save, kept)
        _LOG.info("the app is installed in the workspace %s", team)

    async def _remove_app(self, token: str) -> None:
        """Remove the app from a workspace that may not have it."""
        secret = {"client_id": self.options.client_id, "client_secret": self.options.client_secret}
        bearer = {"Authorization": f"Bearer {token}"}
        try:
            # The method of the client puts the secret into the address.
            await self.client.api_call("apps.uninstall", data=secret, headers=bearer)
        except FAILURES as error:
            _LOG.warning("the app is still in a workspace that may not have it: %s", error_code(error))


async def _show_failure(arguments: AsyncFailureArgs) -> BoltResponse:
    reason = arguments.reason
    line = _FAILURES.get(reason, f"The app is not installed. Slack's reason: {reason}")
    return _page(arguments.suggested_status_code, line)


def _page(status: int, line: str) -> BoltResponse:
    body = f'<!DOCTYPE html><p>{html.escape(line, quote=False)}</p><p><a href="{INSTALL_PATH}">Begin again</a></p>'
    return BoltResponse(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
