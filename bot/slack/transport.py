"""Receiving events: Socket Mode over a connection that the bot opens, or HTTP mode with signed requests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.errors import PortInUse, SlackUnreachable, TokenRefused
from bot.slack.sending.clients import FAILURES, error_code, is_transient

# Seconds between pings; a cut connection is open again after at most that long.
_PING = 3.0
# Bytes. Slack's events are some kilobytes; anything larger is not Slack's.
_LARGEST = 1_000_000


@asynccontextmanager
async def socket_mode(app: AsyncApp, app_token: str) -> AsyncIterator[None]:
    """Receive events by Socket Mode while the context is open. Raises TokenRefused or SlackUnreachable on entering."""
    handler = AsyncSocketModeHandler(app, app_token, ping_interval=_PING)
    try:
        # Not left to the handler, which would try a wrong token for ever.
        handler.client.wss_uri = await _socket_url(app, app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def _socket_url(app: AsyncApp, app_token: str) -> str:
    try:
        opened = await app.client.apps_connections_open(app_token=app_token)
    except FAILURES as error:
        code = error_code(error)
        if not isinstance(error, SlackApiError):
            raise SlackUnreachable(f"Slack opens no connection ({code}); check the network") from error
        if is_transient(error):
            raise SlackUnreachable(f"Slack opens no connection now ({code}); try again") from error
        raise TokenRefused(
            f"Slack refused SLACK_APP_TOKEN ({code}); copy the app-level token (xapp-...) with "
            "the scope connections:write from your app's Basic Information"
        ) from error
    return str(opened["url"])


class _Server(uvicorn.Server):
    """A server that leaves signals to the bot."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def http_mode(app: AsyncApp, host: str, port: int) -> AsyncIterator[int]:
    """Receive events on `/slack/events` while the context is open; gives the port, a free one for port 0.

    Raises PortInUse on entering.
    """
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise PortInUse(
            f"port {port} cannot be listened on ({error.strerror}); end the program that has it, "
            "or set ITUBOT_PORT to another one"
        ) from error
    config = uvicorn.Config(_web_app(app), log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving


def _web_app(app: AsyncApp) -> Starlette:
    """Return the web application; Bolt checks each request's signature and age."""
    bolt = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            return PlainTextResponse("Length Required", 411)
        if int(length) > _LARGEST:
            return PlainTextResponse("Content Too Large", 413)
        try:
            (await request.body()).decode()
        except UnicodeDecodeError:
            return PlainTextResponse("Bad Request", 400)
        return await bolt.handle(request)

    async def health(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    return Starlette(
        routes=[
            Route("/slack/events", events, methods=["POST"]),
            Route("/healthz", health, methods=["GET"]),
        ]
    )
