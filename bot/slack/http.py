"""HTTP mode: signed events from Slack on `/slack/events`, and `/healthz` for whoever watches."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.errors import PortInUse

# Bytes. Slack's events are some kilobytes; anything larger is not Slack's.
_LARGEST = 1_000_000


def web_app(app: AsyncApp) -> Starlette:
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


class _Server(uvicorn.Server):
    """A server that leaves the signals to whoever started it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def receiving(app: AsyncApp, host: str, port: int) -> AsyncIterator[int]:
    """Receive events while the context is open; gives the port, which for 0 is a free one.

    Raises PortInUse on entering.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(web_app(app), log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise PortInUse(
            f"port {port} cannot be listened on ({error.strerror}); end the program that has it, "
            "or set ITUBOT_PORT to another one"
        ) from error
