"""Traces sent by OTLP over HTTP; needs the extra `traces`. The libraries read their own environment variables."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode, Tracer, set_span_in_context

from bot.telemetry import request_id
from bot.telemetry.spans import CURRENT, Traces

# Seconds to send what is left when the bot stops.
_CLOSE_SECONDS = 2.0


class OtlpTraces(Traces):
    """Traces of the service "itubot", unless OTEL_SERVICE_NAME says otherwise."""

    def __init__(self) -> None:
        resource = Resource({"service.name": "itubot"}).merge(OTELResourceDetector().detect())
        # Not at exit, where it could wait for an endpoint that is away.
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("itubot")

    @contextmanager
    def question(self) -> Iterator[None]:
        """Record the span of a question, with its request id, while the context is open."""
        attributes = {"itubot.request": request_id.current()}
        question = self._tracer.start_span("question", Context(), attributes=attributes)
        token = CURRENT.set(QuestionSpan(self._tracer, question))
        try:
            with _ending(question):
                yield
        finally:
            CURRENT.reset(token)

    def close(self) -> None:
        """Send what is not sent yet, for some seconds at most."""
        closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)


class QuestionSpan:
    """The span of a question. Safe between threads."""

    def __init__(self, tracer: Tracer, question: Span) -> None:
        self._tracer = tracer
        self._question = question

    @contextmanager
    def child(self, name: str) -> Iterator[None]:
        """Record a span of a part of the work, while the context is open."""
        with _ending(self._tracer.start_span(name, set_span_in_context(self._question))):
            yield

    def set_outcome(self, outcome: str) -> None:
        """Record how the question ended."""
        self._question.set_attribute("itubot.outcome", outcome)


@contextmanager
def _ending(span: Span) -> Iterator[None]:
    """End a span with the context; of an error only its name, as its words may have texts and addresses."""
    try:
        yield
    except Exception as error:
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        span.end()
