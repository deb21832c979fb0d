"""The trace of a question, as it arrives at a collector."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bot.telemetry.spans import Traces
from bot.wiring import Services
from store.jobs import QuestionStore
from tests.bot.gold_runs import with_model
from tests.bot.models.fake_chat import FakeChat
from tests.bot.slack.conftest import running
from tests.bot.slack.features.questions.real_assistant import RealAssistant
from tests.bot.telemetry.otlp_receiver import OtlpReceiver, receiving
from tests.fake_slack.slack import FakeSlack

WHEN = "When is the Summit of the Future?"
TOLD = "The Summit of the Future is scheduled for 22-23 September 2024 [1]."


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtlpReceiver]:
    with receiving() as receiver:
        for name, value in receiver.environment.items():
            monkeypatch.setenv(name, value)
        yield receiver


@pytest.fixture
async def traces(collector: OtlpReceiver) -> AsyncIterator[Traces]:
    made = Traces(sends=True)
    yield made
    made.close()


@pytest.fixture
async def spans(
    slack: FakeSlack, state: QuestionStore, report: Services, collector: OtlpReceiver, traces: Traces
) -> dict[str, Span]:
    """The spans of a question that a model answers, by name."""
    assistant = RealAssistant(with_model(report, "fake:model", FakeChat([TOLD]).make).assistant)
    async with running(slack, assistant, state, traces=traces):
        await slack.mention("C1", WHEN)
        found = await asyncio.to_thread(collector.until, "question")
    return {span.name: span for span in found}


async def test_parts_of_the_work_are_children_of_the_question(spans: dict[str, Span]) -> None:
    question = spans.pop("question")

    assert set(spans) == {"retrieval", "model", "checks", "reply"}
    assert {(span.trace_id, span.parent_span_id) for span in spans.values()} == {
        (question.trace_id, question.span_id)
    }


async def test_spans_have_no_texts(spans: dict[str, Span], collector: OtlpReceiver) -> None:
    assert b"Summit" not in b"".join(collector.texts)


async def test_failed_part_has_the_name_of_the_error_only(
    slack: FakeSlack, state: QuestionStore, report: Services, collector: OtlpReceiver, traces: Traces
) -> None:
    chat = FakeChat([[ConnectionError("at https://amina:p4ss@host")]])
    assistant = RealAssistant(with_model(report, "fake:model", chat.make).assistant)
    async with running(slack, assistant, state, traces=traces):
        await slack.mention("C1", WHEN)
        found = await asyncio.to_thread(collector.until, "question")
    failed = next(span for span in found if span.name == "model")

    assert failed.status.message == "ModelError"
    assert b"p4ss" not in b"".join(collector.texts)
