"""The pages for whoever runs the bot: /healthz, /readyz and /metrics."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.readiness import Readiness
from bot.telemetry.metrics import Metrics

_NO_METRICS = "there are no metrics without the extra `metrics`; run: pip install 'itubot[metrics]'\n"


def health_routes(readiness: Readiness) -> list[Route]:
    """Return /healthz, which is 200 while the process lives, and /readyz, which is 503 while it cannot answer."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def ready(_request: Request) -> Response:
        report = await readiness.report()
        return JSONResponse({"ready": report.ready, **report.parts}, 200 if report.ready else 503)

    return [Route("/healthz", health), Route("/readyz", ready)]


def metrics_route(metrics: Metrics) -> Route:
    """Return /metrics, for Prometheus; without its library 404, with the way out."""

    async def page(_request: Request) -> Response:
        found = metrics.page()
        if found is None:
            return PlainTextResponse(_NO_METRICS, 404)
        content, media_type = found
        return Response(content, media_type=media_type)

    return Route("/metrics", page)
