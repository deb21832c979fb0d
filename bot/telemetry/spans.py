"""Spans: what was done for a question, and when. They have names, times and outcomes, and no texts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING

from bot.extras import missing

if TYPE_CHECKING:
    from bot.telemetry.open_telemetry import QuestionSpan

_LOG = logging.getLogger(__name__)

CURRENT: ContextVar[QuestionSpan | None] = ContextVar("question_span", default=None)


class Traces:
    """Records nothing: the traces without an endpoint or the libraries."""

    @contextmanager
    def question(self) -> Iterator[None]:
        """Record the span of a question while the context is open; `span` adds its parts."""
        yield

    def close(self) -> None:
        """Send what is not sent yet, for some seconds at most."""


def span(name: str) -> AbstractContextManager[None]:
    """Record a part of the present question while the context is open; nothing outside of questions."""
    question = CURRENT.get()
    return nullcontext() if question is None else question.child(name)


def set_outcome(outcome: str) -> None:
    """Record how the present question ended."""
    if (question := CURRENT.get()) is not None:
        question.set_outcome(outcome)


def load_traces() -> Traces:
    """Return traces that are sent to OTEL_EXPORTER_OTLP_ENDPOINT; without the libraries, traces that record nothing."""
    try:
        from bot.telemetry.open_telemetry import OtlpTraces
    except ModuleNotFoundError:
        _LOG.warning(missing("there are no traces", "traces"))
        return Traces()
    return OtlpTraces()
