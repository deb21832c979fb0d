"""What the log says of each question at its end: its outcome, never its text; one request id in all processes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bot.answering.answer import Answer
from bot.answering.question import Turn
from bot.telemetry import request_id
from store.errors import NoStore
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Assistant, Start, cited_answer
from tests.bot.slack.core.sending.abandoned_jobs import GONE
from tests.bot.slack.core.sending.test_faults import asked_in
from tests.fake_slack.slack import FakeSlack


class Ends(logging.Handler):
    """Queues what is logged at the ends of questions, with the request id of that time."""

    def __init__(self) -> None:
        super().__init__()
        self._records: asyncio.Queue[logging.LogRecord] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        record.request_id = request_id.current()
        self._records.put_nowait(record)

    async def next(self) -> dict[str, Any]:
        """Wait for the end of the next question; return what is logged about it."""
        async with asyncio.timeout(60):
            return (await self._records.get()).__dict__


@pytest.fixture
def ends(caplog: pytest.LogCaptureFixture) -> Iterator[Ends]:
    caplog.set_level(logging.INFO, "bot")
    handler, logger = Ends(), logging.getLogger("bot.telemetry.questions")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("fails", "outcome"), [(None, "answered"), (RuntimeError("x"), "failed"), (NoStore("x"), "no documents")]
)
async def test_question_is_logged_with_its_outcome(
    slack: FakeSlack, start: Start, assistant: Assistant, ends: Ends, fails: Exception | None, outcome: str
) -> None:
    assistant.fails = fails
    await start()
    await slack.mention("C1", "When?")

    assert (await ends.next())["outcome"] == outcome


async def test_end_of_a_question_has_the_seconds_of_each_stage_and_no_text(
    slack: FakeSlack, start: Start, assistant: Assistant, ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    def timed(question: str, **_: Any) -> Answer:
        answer = cited_answer(question)
        answer.timings_ms.update(retrieve=250.0, verify=0.0, total=300.0)
        return answer

    monkeypatch.setattr(assistant, "answer", timed)
    await start()
    await slack.mention("C1", "Is Amina dismissed?")
    record = await ends.next()

    assert record["seconds"] == {"retrieve": 0.25, "total": 0.3}
    assert "Amina" not in str(record)


async def test_request_id_is_the_same_in_the_thread_that_answers(
    slack: FakeSlack, start: Start, assistant: Assistant, ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def answer(question: str, *, history: list[Turn], **_: Any) -> Answer:
        seen.append(request_id.current())
        return cited_answer(question)

    monkeypatch.setattr(assistant, "answer", answer)
    await start()
    await slack.mention("C1", "When?")
    record = await ends.next()

    assert seen == [record["request_id"]] != [""]


async def test_request_id_is_the_same_in_the_process_that_takes_a_question_over(
    slack: FakeSlack, start: Start, state: QuestionStore, ends: Ends
) -> None:
    asked = asked_in(slack)
    job = state.claim(asked, GONE)
    assert job is not None
    state.release(job.lease)
    request_id.bind_key(job.lease.key)
    former = request_id.current()
    request_id.bind("")
    await start()

    assert (await ends.next())["request_id"] == former
