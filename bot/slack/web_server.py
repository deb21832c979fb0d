"""A web server on the bot's event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from bot.slack.errors import PortInUse


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
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=patience)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
