"""Whether the bot can answer questions now, and the pages for whoever runs it: /healthz, /readyz and /metrics."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.telemetry.metrics import Metrics
from store.errors import ModelChanged, NoStore, SchemaMismatch, StoreError

_LOG = logging.getLogger(__name__)

# Seconds that a check may take; a balancer waits about that long for the reply.
_CHECK_SECONDS = 2.0

OK = "ok"
AWAY = "does not answer"
UNKNOWN = "unknown"
FULL_TEXT_ALONE = "full text alone"


@dataclass(frozen=True, slots=True)
class StoreChecks:
    """Checks of the store. Both may block."""

    has_documents: Callable[[], bool] = lambda: True
    """Asks the databases. Raises StoreError, and ModelChanged where the documents are another model's."""
    search: Callable[[], bool] = lambda: True
    """Searches as a question does; False if that was without the index. Raises StoreError, and any fault of a search.

    It loads the model.
    """


@dataclass(frozen=True, slots=True)
class Report:
    """`parts`: the name of each part of the bot -> "ok", or what is wrong. Has no texts of errors: it may be public."""

    ready: bool
    parts: Mapping[str, str]


class Readiness:
    """What the bot knows of itself, and the checks of the store; `stopping` is set once the bot is told to stop."""

    def __init__(
        self, checks: StoreChecks, stopping: asyncio.Event, search_again_after: float, search_patience: float
    ) -> None:
        self.model_loaded = False
        self.connected: Callable[[], Awaitable[bool]] = _not_yet
        """Returns whether Slack's events arrive."""
        self._stopping = stopping
        self._has_documents = _Check(checks.has_documents)
        self._searches = _Check(checks.search, search_again_after)
        self._search_patience = search_patience

    async def report(self) -> Report:
        """Return the state of each part, after some seconds at most. The bot is ready without the index too."""
        (database, documents), (search, index), connected = await asyncio.gather(
            self._database(), self._search(), self.connected()
        )
        needed = {
            "process": "stopping" if self._stopping.is_set() else OK,
            "model": OK if self.model_loaded else "is loading",
            "slack": OK if connected else "not connected",
            "database": database,
            "documents": documents,
            "search": search,
        }
        return Report(all(state == OK for state in needed.values()), {**needed, "index": index})

    async def _database(self) -> tuple[str, str]:
        try:
            return OK, OK if await self._has_documents.result() else "none"
        except ModelChanged:
            return OK, "other model"
        except SchemaMismatch:
            return "other version", UNKNOWN
        except (StoreError, TimeoutError) as error:
            _LOG.warning("not ready: %s", str(error) or "the database does not answer in time")
            return AWAY, UNKNOWN

    async def _search(self) -> tuple[str, str]:
        """Return how a search ends, and what the index has to do with it."""
        if not self.model_loaded:
            return UNKNOWN, UNKNOWN
        try:
            return OK, OK if await self._searches.result() else FULL_TEXT_ALONE
        except NoStore:
            return OK, UNKNOWN
        except TimeoutError:
            return OK if self._searches.running_seconds < self._search_patience else AWAY, UNKNOWN
        except StoreError as error:
            _LOG.warning("not ready, a search fails: %s", error)
        except Exception:
            _LOG.exception("not ready, a search fails")
        return "fails", UNKNOWN


class _Check:
    """Runs a check that may block, once at a time: callers that come meanwhile get the same result.

    What it returns holds for `keep_seconds`; after an error it is run again.
    """

    def __init__(self, check: Callable[[], bool], keep_seconds: float = 0.0) -> None:
        self._check = check
        self._keep_seconds = keep_seconds
        self._running: Future[bool] | None = None
        self._began = 0.0

    @property
    def running_seconds(self) -> float:
        """The seconds since the last run began."""
        return time.monotonic() - self._began

    async def result(self) -> bool:
        """Return the result. Raises what the check raises, and TimeoutError if it takes too long."""
        if self._running is None or self._is_over(self._running):
            self._running, self._began = Future(), time.monotonic()
            # A daemon: a check that never ends must not delay the end of the program.
            threading.Thread(target=self._run, args=(self._running,), name="readiness", daemon=True).start()
        waiting = asyncio.wrap_future(self._running)
        # Read, so that an error that comes too late is not logged as a forgotten one.
        waiting.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        done, _ = await asyncio.wait({waiting}, timeout=_CHECK_SECONDS)
        if not done:
            raise TimeoutError
        return waiting.result()

    def _is_over(self, run: Future[bool]) -> bool:
        if not run.done():
            return False
        return run.exception() is not None or self.running_seconds >= self._keep_seconds

    def _run(self, result: Future[bool]) -> None:
        try:
            result.set_result(self._check())
        except BaseException as error:
            result.set_exception(error)


async def _not_yet() -> bool:
    return False


def health_routes(readiness: Readiness) -> list[Route]:
    """Return /healthz, which is 200 while the process lives, and /readyz, which is 503 while it cannot answer."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def ready(_request: Request) -> Response:
        report = await readiness.report()
        return JSONResponse({"ready": report.ready, **report.parts}, 200 if report.ready else 503)

    return [Route("/healthz", health), Route("/readyz", ready)]


def metrics_route(metrics: Metrics) -> Route:
    """Return /metrics, for Prometheus."""

    async def page(_request: Request) -> Response:
        content, media_type = metrics.page()
        return Response(content, media_type=media_type)

    return Route("/metrics", page)
