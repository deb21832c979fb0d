"""Questions taken and kept: acknowledged in time, never before they are written down, and by one process at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.register import RegisterEntry
from store.errors import StoreBusy
from store.jobs import Holder, Job, QuestionJob, QuestionStore, SlackMessage
from tests.bot.slack.conftest import PATIENT, Assistant, Start, channel_data, running
from tests.bot.slack.core.sending.abandoned_jobs import GONE
from tests.bot.slack.core.sending.passing_leases import PassingLeases
from tests.bot.slack.core.sending.test_faults import asked_in
from tests.bot.slack.test_transport import start_http
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.clock import Clock
from tests.store.jobs.full_disk import Disk


async def test_stopping_process_keeps_the_lease_of_a_running_answer(
    slack: FakeSlack, start: Start, assistant: Assistant, tmp_path: Path
) -> None:
    leases = PassingLeases(database_url(tmp_path))
    assistant.go.clear()
    stop = asyncio.Event()
    stopping = await start(stop=stop, state=leases.open(), timing=replace(PATIENT, shutdown_patience=100.0))
    asked = await slack.mention("C1", "When?")
    await assistant.until_at_work_on(1)
    stop.set()
    other = Assistant()
    async with running(slack, other, leases.open()):
        await leases.pass_twice()
        assistant.go.set()
        await stopping
        assert (other.questions, len(slack.replies("C1", asked["ts"]))) == ([], 1)


async def test_release_at_shutdown_counts_as_no_failure(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    asked = asked_in(slack)
    job = state.claim(asked, GONE)
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


@pytest.mark.files
async def test_question_whose_begin_cannot_be_stored_is_tried_again(
    slack: FakeSlack, start: Start, state: QuestionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(state)
    monkeypatch.setattr(state, "begin", disk.refusing_once(state.begin))
    await start()
    asked = await slack.mention("C1", "When?")
    assert "You asked: When?" in (await slack.reply("C1", asked["ts"]))["text"]


async def test_slow_commands_do_not_delay_acknowledgements(slack: FakeSlack, start: Start) -> None:
    gate = threading.Event()

    def register(_day: date) -> list[RegisterEntry]:
        assert gate.wait(100)
        return []

    await start(channel_data=replace(channel_data(), register=register))
    # More than the loop has threads.
    for _ in range(40):
        await slack.command("dates")
    asked = slack.say("C1", f"<@{slack.bot_user}> When?")
    try:
        envelope = slack.send({**asked, "type": "app_mention", "channel": "C1"})
        await slack.until(lambda: envelope.seconds is not None, 45)
    finally:
        gate.set()


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


async def test_question_whose_claim_fails_over_http_gets_an_error_status(
    slack: FakeSlack, start: Start, state: QuestionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreBusy("the database is locked")

    monkeypatch.setattr(state, "claim", fail)
    await start_http(slack, start)
    asked = slack.say("C1", f"<@{slack.bot_user}> When?")
    body = slack.callback({**asked, "type": "app_mention", "channel": "C1"})
    status, _ = await slack.delivery.post("events_api", body)
    assert status == 500
