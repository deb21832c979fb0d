"""Socket Mode: events over a connection that the bot opens itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.slack.errors import SlackUnreachable, TokenRefused
from bot.slack.sending.clients import FAILURES, by_rate, own_trouble, reason

# Seconds between looks at the connection; a cut one is back after at most that long.
_PING = 3.0


@asynccontextmanager
async def receiving(app: AsyncApp, app_token: str) -> AsyncIterator[None]:
    """Receive events while the context is open. Raises TokenRefused or SlackUnreachable on entering."""
    handler = AsyncSocketModeHandler(app, app_token, ping_interval=_PING)
    try:
        # Asked for here and not by the handler, which would try a wrong token for ever.
        handler.client.wss_uri = await _address(app, app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def _address(app: AsyncApp, app_token: str) -> str:
    try:
        opened = await app.client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        if by_rate(error) or own_trouble(error):
            raise SlackUnreachable(f"Slack opens no connection now ({reason(error)}); try again") from error
        raise TokenRefused(
            f"Slack refused SLACK_APP_TOKEN ({reason(error)}); copy the app-level token (xapp-...) with "
            "the scope connections:write from your app's Basic Information"
        ) from error
    except FAILURES as error:
        raise SlackUnreachable(f"Slack opens no connection ({error}); check the network") from error
    return str(opened["url"])
