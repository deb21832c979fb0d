"""Questions taken and kept: acknowledged in time, never before they are written down, and by one process at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store.audiences import Audience
from store.errors import StoreBusy
from store.jobs import Delivery, Holder, Job, QuestionJob, QuestionStore, SlackMessage
from store.schema import jobs
from tests.bot.slack.conftest import PATIENT, Assistant, Start, until_finished
from tests.bot.slack.core.sending.abandoned_jobs import GONE, died_over
from tests.bot.slack.core.sending.test_faults import asked_in
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.clock import Clock
from tests.store.jobs.stored_outcome import stored_outcome, until_stored


async def test_stopping_process_keeps_the_lease_of_a_running_answer(
    slack: FakeSlack, start: Start, assistant: Assistant, tmp_path: Path
) -> None:
    clock, stop = Clock(), asyncio.Event()
    state = QuestionStore.open(database_url(tmp_path), clock.reading)
    assistant.go.clear()
    stopping = await start(stop=stop, state=state, timing=replace(PATIENT, shutdown_patience=100.0))
    asked = await slack.mention("C1", "When?")
    await assistant.until_at_work_on(1)
    stop.set()

    def is_renewed() -> bool:
        query = select(jobs.c.expires_at).where(jobs.c.kind == "question", jobs.c.done.is_(False))
        with state.engine.connect() as connection:
            return connection.scalar(query) == clock.now + PATIENT.lease_seconds

    for _ in range(3):
        clock.now += PATIENT.lease_seconds / 2
        await until_stored(is_renewed)
    assistant.go.set()
    await stopping
    assert len(slack.replies("C1", asked["ts"])) == 1


async def test_release_at_shutdown_counts_as_no_failure(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    asked = asked_in(slack)
    job = state.claim(QuestionJob(asked), GONE)
    for _ in range(2):
        assert job is not None
        state.release(job.lease)
        [job] = state.adopt(GONE)
    state.release(job.lease)
    await start()
    assert "You asked: When?" in (await slack.reply("C1", asked.ts))["text"]


async def test_death_of_the_process_is_no_failure_of_a_question_that_waits(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: Assistant, tmp_path: Path
) -> None:
    assistant.go.clear()
    await start(workers=2, queue=5)
    asked = await slack.mention("C1", "First?")
    await assistant.until_at_work_on(1)
    # Behind the first one in its thread, and, as there is no third worker, in the queue.
    await slack.mention("C1", "Follow-up?", thread=asked["ts"])
    await slack.mention("C2", "Second?")
    await assistant.until_at_work_on(2)
    await slack.mention("C3", "Third?")
    later = QuestionStore.open(database_url(tmp_path), Clock(time.time() + 60).reading)
    adopted = later.adopt(Holder("the next", PATIENT.lease_seconds))
    assert {job.work.message.text: job.failures for job in adopted} == {
        "First?": 1,
        "Follow-up?": 0,
        "Second?": 1,
        "Third?": 0,
    }


async def test_question_whose_claim_fails_is_answered_at_redelivery(
    slack: FakeSlack, start: Start, state: QuestionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, failed = state.claim, asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail_once(asked: SlackMessage, *other: Any) -> Job[QuestionJob] | None:
        if not failed.is_set():
            loop.call_soon_threadsafe(failed.set)
            raise StoreBusy("the database is locked")
        return claim(asked, *other)

    monkeypatch.setattr(state, "claim", fail_once)
    await start()
    asked = slack.say("C1", f"<@{slack.bot_user}> When?")
    event = {**asked, "type": "app_mention", "channel": "C1"}
    first = slack.send(event)
    await failed.wait()
    await slack.deliver(event)
    assert "You asked: When?" in (await slack.reply("C1", asked["ts"]))["text"]
    assert first.seconds is None


@pytest.mark.parametrize(
    ("fails", "told"), [(False, "Your answer is in our messages"), (True, "That did not work")]
)
async def test_command_that_is_stored_late_is_acknowledged_in_time_and_its_end_is_told(
    slack: FakeSlack,
    start: Start,
    state: QuestionStore,
    monkeypatch: pytest.MonkeyPatch,
    fails: bool,
    told: str,
) -> None:
    claim, gate = state.claim, threading.Event()

    def wait(*arguments: Any) -> Job[QuestionJob] | None:
        assert gate.wait(100)
        if fails:
            raise StoreBusy("the database is locked")
        return claim(*arguments)

    monkeypatch.setattr(state, "claim", wait)
    await start()
    asked = await slack.command("When is it?")
    gate.set()
    assert told in (await slack.response(asked))["text"]


# Answers to questions that no message in Slack asks

NOW = "1700000000.000001"


@pytest.fixture
def asked(slack: FakeSlack) -> SlackMessage:
    return SlackMessage(slack.team, "C1", NOW, NOW, "U1", "When?")


@pytest.fixture
def delivery(slack: FakeSlack) -> Delivery:
    return Delivery(response_url=f"{slack.url}respond/t-1")


async def test_answer_in_direct_messages_is_from_what_they_may_see(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    seen: list[Audience] = []

    def assistant_for(audience: Audience) -> Assistant:
        seen.append(audience)
        return assistant

    await start(assistants=assistant_for)
    await slack.command("When is it?", trigger="t-1")
    await slack.reply("D1")
    assert seen[-1] == f"{slack.team}/D1"


async def test_answer_whose_blocks_slack_does_not_take_is_shown_as_text(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")]
    question = replace(asked, channel="U1")
    state.release(died_over(state, question, 1, Delivery()).lease)
    await start()
    reply = await slack.reply("D1")
    assert (reply["text"].startswith("You asked: "), reply["blocks"]) == (True, [])
    await until_finished(state, question)
    assert stored_outcome(state, question) == "answer"


async def test_question_whose_text_is_refused_too_ends(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")] * 2
    asked = await slack.mention("C1", "When?")
    question = SlackMessage(slack.team, "C1", asked["ts"], asked["ts"], "U1", "")
    await until_finished(state, question)
    assert (len(slack.called("chat.postMessage")), slack.messages["C1"][1:]) == (2, [])
