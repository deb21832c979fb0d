"""Receiving events: Socket Mode over a connection that the bot opens, or HTTP mode with signed requests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress

import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.slack.core.errors import PortInUse, SlackUnreachable, TokenRefused
from bot.slack.core.sending.clients import FAILURES, error_code, is_transient
from bot.slack.manifest import EVENTS_PATH

# Between pings; a cut connection is open again after at most that long.
_PING_SECONDS = 3.0
# At the end, for the connection, or for running requests, which Slack gives up after three.
_CLOSE_SECONDS = 3
# Answers a request of Slack.
Dispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]

# Slack's events are some kilobytes; anything larger is not Slack's.
_LARGEST_BYTES = 1_000_000


class _Server(uvicorn.Server):
    """A server that leaves signals to the bot."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def web_server(
    app: Starlette, host: str, port: int, setting: str, patience: int = 1
) -> AsyncIterator[int]:
    """Serve `app` while the context is open; gives the port, a free one for port 0.

    At the end, running requests get `patience` seconds. Raises PortInUse, which names the `setting`, on entering.
    """
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise PortInUse(
            f"port {port} cannot be listened on ({error.strerror}); end the program that has it, "
            f"or set {setting} to another one"
        ) from error
    # asyncio does this only for sockets that it opens; without it, each reply in parts takes 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=patience)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def socket_mode(app: AsyncApp, app_token: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Receive events by Socket Mode while the context is open; gives a function that returns whether it is connected.

    Raises TokenRefused or SlackUnreachable on entering.
    """
    handler = AsyncSocketModeHandler(app, app_token, ping_interval=_PING_SECONDS)
    try:
        # Not left to the handler, which would try a wrong token for ever.
        handler.client.wss_uri = await _socket_url(app, app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        yield handler.client.is_connected
    finally:
        # The websocket would wait ten seconds for the other side to close it.
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
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


def http_mode(
    dispatch: Dispatch, signing_secret: str, host: str, port: int, routes: Sequence[BaseRoute]
) -> AbstractAsyncContextManager[int]:
    """Pass Slack's requests to `/slack/events` to `dispatch`, and serve `routes`, while the context is open.

    Gives the port. A request that is not signed, or older than five minutes, is refused before its content is read.
    Raises PortInUse on entering.
    """
    verifier = SignatureVerifier(signing_secret)

    def is_signed(request: Request, body: bytes) -> bool:
        headers = request.headers
        try:
            return verifier.is_valid(
                body, headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
            )
        except (ValueError, TypeError):
            return False  # The time is no number, or the signature or the body no text.

    async def events(request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            return PlainTextResponse("Length Required", 411)
        if int(length) > _LARGEST_BYTES:
            return PlainTextResponse("Content Too Large", 413)
        body = await request.body()
        if b"ssl_check=1" in body.split(b"&"):
            # Slack tries the certificate, and may sign nothing.
            return PlainTextResponse("")
        if not is_signed(request, body):
            return PlainTextResponse("Unauthorized", 401)
        try:
            read = to_async_bolt_request(request, body)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            # No JSON, or of another form than Slack's.
            return PlainTextResponse("Bad Request", 400)
        return to_starlette_response(await dispatch(read))

    app = Starlette(routes=[Route(EVENTS_PATH, events, methods=["POST"]), *routes])
    return web_server(app, host, port, "ITUBOT_PORT", patience=_CLOSE_SECONDS)
