"""The MCP server over HTTP: `/mcp`, for requests with a token of `itubot token add`.

Each request stands for itself: its token says what it may see, and a token that is revoked gives nothing any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.budget import Budget
from bot.mcp import PATH
from bot.mcp.server import AssistantServer
from bot.mcp.tools import Caller
from store.errors import StoreError

_LOG = logging.getLogger(__name__)

# Arguments of tools are short; anything larger is refused before it is read.
_LARGEST_BYTES = 1_000_000
# Of the request's scope, where the handlers of the server find who sent it.
_CALLER = "itubot.caller"

# Returns whom a token was made for; None for one that was revoked or never made. Blocks, and raises StoreError.
Admit = Callable[[str], Caller | None]


@asynccontextmanager
async def mcp_routes(admit: Admit, budget: Budget, public_url: str) -> AsyncIterator[Sequence[Route]]:
    """Give the route of the server, which works while the context is open.

    Browsers may call it from pages of `public_url` alone.
    """
    server = AssistantServer(_caller, budget)
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        # No session outlives its token, and each request may go to another bot.
        stateless_http=True,
        max_request_body_size=_LARGEST_BYTES,
        # The gate looks at the origin; a proxy may pass on any host.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    parts = urlsplit(public_url)
    gate = _Gate(app, admit, f"{parts.scheme}://{parts.netloc}")
    try:
        async with server.session_manager.run():
            yield [Route(PATH, gate, methods=["POST"])]
    except ExceptionGroup as group:
        # What fails while the context is open comes out of the manager's group of tasks.
        raise group.exceptions[0] from None
    finally:
        server.close()


def _caller(context: Context[Any, Any]) -> Caller:
    request: Any = context.request_context.request
    found: Caller = request.scope[_CALLER]
    return found


class _Gate:
    """Passes on requests with a valid token."""

    def __init__(self, app: ASGIApp, admit: Admit, origin: str) -> None:
        self._app = app
        self._admit = admit
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = await self._caller(Headers(scope=scope))
        if isinstance(found, Caller):
            await self._app({**scope, _CALLER: found}, receive, send)
        else:
            await found(scope, receive, send)

    async def _caller(self, headers: Headers) -> Caller | Response:
        """Return who sends a request, else the refusal."""
        if headers.get("origin", self._origin) != self._origin:
            return _refusal(403, "invalid_request", "pages of other sites may not call this address")
        kind, _space, token = headers.get("authorization", "").partition(" ")
        if kind.casefold() != "bearer" or not token.strip():
            return _refusal(401, "invalid_token", "send a token: Authorization: Bearer TOKEN")
        try:
            caller = await asyncio.to_thread(self._admit, token.strip())
        except StoreError as error:
            _LOG.warning("a token could not be looked up: %s", error)
            return _refusal(503, "temporarily_unavailable", "tokens cannot be looked up now; try again later")
        if caller is None:
            return _refusal(
                401, "invalid_token", "there is no such token; ask whoever runs itubot for another one"
            )
        return caller


def _refusal(status: int, error: str, what: str) -> Response:
    # A description in a header must not contain quotation marks.
    headers = (
        {"WWW-Authenticate": f'Bearer error="{error}", error_description="{what}"'} if status == 401 else {}
    )
    return JSONResponse({"error": error, "error_description": what}, status, headers)
