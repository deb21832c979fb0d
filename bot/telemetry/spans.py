"""Spans: what was done for a question, and when, sent by OTLP over HTTP. They have names, times and outcomes, no texts.

The libraries read their own environment variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, ...).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from bot.telemetry import request_id

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_LOG = logging.getLogger(__name__)
# The present question's tracer and span.
_CURRENT: ContextVar[tuple[Tracer, Span] | None] = ContextVar("question_span", default=None)
# Seconds to send what is left when the bot stops.
_CLOSE_SECONDS = 2.0


class Traces:
    """The traces of questions; without an endpoint or the libraries nothing is recorded."""

    def __init__(self, *, sends: bool = False) -> None:
        """`sends`: to OTEL_EXPORTER_OTLP_ENDPOINT."""
        self._provider = _provider() if sends else None

    @contextmanager
    def question(self) -> Iterator[None]:
        """Record the span of a question, with its request id, while the context is open; `span` adds its parts."""
        if self._provider is None:
            yield
            return
        tracer = self._provider.get_tracer("itubot")
        with _recorded(tracer, "question", None, {"itubot.request": request_id.current()}) as question:
            token = _CURRENT.set((tracer, question))
            try:
                yield
            finally:
                _CURRENT.reset(token)

    def close(self) -> None:
        """Send what is not sent yet, for some seconds at most."""
        if self._provider is not None:
            closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
            closing.start()
            closing.join(_CLOSE_SECONDS)


@contextmanager
def span(name: str) -> Iterator[None]:
    """Record a part of the present question while the context is open; nothing outside of questions."""
    if (present := _CURRENT.get()) is None:
        yield
        return
    tracer, question = present
    with _recorded(tracer, name, question, {}):
        yield


def set_outcome(outcome: str) -> None:
    """Record how the present question ended."""
    if (present := _CURRENT.get()) is not None:
        present[1].set_attribute("itubot.outcome", outcome)


@contextmanager
def _recorded(
    tracer: Tracer, name: str, parent: Span | None, attributes: Mapping[str, str]
) -> Iterator[Span]:
    """End a span with the context; of an error only its name, as its words may have texts and addresses."""
    from opentelemetry.context import Context
    from opentelemetry.trace import Status, StatusCode, set_span_in_context

    context = set_span_in_context(parent, Context()) if parent else Context()
    made = tracer.start_span(name, context, attributes=attributes)
    try:
        yield made
    except Exception as error:
        made.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        made.end()


def _provider() -> Any:
    """Return what sends spans of the service "itubot" or OTEL_SERVICE_NAME; None without the extra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        from bot.extras import missing

        _LOG.warning(missing("there are no traces", "traces"))
        return None
    resource = Resource({"service.name": "itubot"}).merge(OTELResourceDetector().detect())
    # Not at exit, where it could wait for an endpoint that is away.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
