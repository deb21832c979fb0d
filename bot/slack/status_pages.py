"""The pages for whoever runs the bot: /healthz, /readyz."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.slack.readiness import Readiness


def health_routes(readiness: Readiness) -> list[Route]:
    """Return /healthz, which is 200 while the process lives, and /readyz, which is 503 while it cannot answer."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def ready(_request: Request) -> Response:
        report = await readiness.report()
        return JSONResponse({"ready": report.ready, **report.parts}, 200 if report.ready else 503)

    return [Route("/healthz", health), Route("/readyz", ready)]
