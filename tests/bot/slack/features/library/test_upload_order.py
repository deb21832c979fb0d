"""Files given to the bot: the one that was sent last is the current one, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.changes import Changes
from bot.slack.core.options import ChannelData
from bot.slack.core.payloads import upload_of_event
from bot.slack.core.sending.posting import EVENT_TYPE
from bot.slack.features.library.library import own_audience
from ingest.report import IngestReport
from store.errors import StoreUnavailable
from store.files import StoredFile
from store.jobs import Holder, Lease, SubmissionStore
from store.records import Document
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import (
    LATER,
    REPORT,
    RealLibrary,
    add_report,
    upload_result,
)
from tests.bot.slack.features.library.test_uploads import left_by_the_dead
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.hosted_files import send_files
from tests.fake_slack.slack import FakeSlack


def finished(monkeypatch: pytest.MonkeyPatch) -> asyncio.Semaphore:
    """Return what is released each time that a submission is finished."""
    ended, loop, finish = asyncio.Semaphore(0), asyncio.get_running_loop(), SubmissionStore.mark_done

    def watched(table: SubmissionStore, lease: Lease) -> None:
        finish(table, lease)
        loop.call_soon_threadsafe(ended.release)

    monkeypatch.setattr(SubmissionStore, "mark_done", watched)
    return ended


async def test_an_older_file_that_arrives_later_does_not_become_the_current_one(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    slow = slack.hosted.add("report.txt", REPORT)
    slow.gate = asyncio.Event()
    first = await send_files(slack, slow)
    await add_report(slack, LATER)
    slow.gate.set()
    result = await upload_result(slack, "D1", first)
    assert "a file of this name that was sent later is in the library already" in result
    assert (library.files, library.stored) == ({"report.txt": LATER}, {REPORT, LATER})


async def test_file_of_one_bot_is_not_replaced_by_an_older_one_of_another(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    await run("U1")
    library.go.clear()
    first = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    await library.began.wait()
    second = await send_files(slack, slack.hosted.add("report.txt", LATER))
    library.go.set()
    for message in (first, second):
        await upload_result(slack, "D1", message)
    assert library.files == {"report.txt": LATER}


async def test_file_that_was_sent_again_is_not_replaced_by_one_from_in_between(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    await add_report(slack)
    slow = slack.hosted.add("report.txt", LATER)
    slow.gate = asyncio.Event()
    between = await send_files(slack, slow)
    await add_report(slack)
    slow.gate.set()
    assert "that was sent later" in await upload_result(slack, "D1", between)
    assert library.files == {"report.txt": REPORT}


async def test_of_files_that_wait_the_one_that_was_sent_first_comes_first(
    slack: FakeSlack, start: Start, library: RealLibrary
) -> None:
    taken_in: list[str] = []

    async def ingest(files: Sequence[StoredFile], *others: Any) -> IngestReport:
        taken_in.extend(file.name for file in files)
        return await library.ingest(files, *others)

    await start(**library.options("U1") | {"ingest": ingest})
    library.go.clear()
    messages = [await send_files(slack, slack.hosted.add("first.txt", REPORT))]
    await library.began.wait()
    gates = [asyncio.Event() for _ in range(3)]
    for n, gate in enumerate(gates):
        file = slack.hosted.add(f"{n}.txt", REPORT)
        file.gate = gate
        messages.append(await send_files(slack, file))
    # The last one is downloaded first.
    for gate, message in zip(reversed(gates), reversed(messages), strict=False):
        gate.set()
        await slack.until(partial(waits, slack, message))
    library.go.set()
    for message in messages:
        await upload_result(slack, "D1", message)
    assert taken_in == ["first.txt", "0.txt", "1.txt", "2.txt"]


def waits(slack: FakeSlack, message: Message) -> bool:
    return "Waiting: " in str(slack.replies("D1", message["ts"]))


async def test_unexpected_error_finishes_the_upload(
    slack: FakeSlack, start: Start, library: RealLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_name: str | None) -> Changes:
        raise RuntimeError("a fault")

    stop, ended = asyncio.Event(), finished(monkeypatch)

    def channel_data(audience: str) -> ChannelData:
        return replace(library.channel_data(audience), changes=fail)

    bot = await start(**library.options("U1") | {"channel_data": channel_data}, stop=stop)
    for data in (REPORT, LATER):
        await send_files(slack, slack.hosted.add("report.txt", data))
        await ended.acquire()
    stop.set()
    await bot
    assert library.submissions.adopt(Holder("the next", 60.0)) == []
    assert library.files == {"report.txt": LATER}


async def test_status_message_of_a_killed_bot_is_reused(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    message = await left_by_the_dead(slack, library, 1)
    key = f"{slack.team}/D1/{message['ts']}"
    name = {"event_type": EVENT_TYPE, "event_payload": {"question": f"{key}/message/{key}"}}
    slack.channels.put("D1", {"thread_ts": message["ts"], "text": "", "blocks": [], "metadata": name})
    await run("U1")
    assert "is new here" in await upload_result(slack, "D1", message)
    assert len(slack.replies("D1", message["ts"])) == 1


async def published_by_the_dead(slack: FakeSlack, library: RealLibrary, *later: bytes) -> Message:
    """Put a file into Slack over which two processes died after its publication; then publish `later` ones."""
    message = await left_by_the_dead(slack, library, 2)
    upload = upload_of_event(
        slack.callback({**message, "channel": "D1", "channel_type": "im"}), slack.bot_user
    )
    assert upload is not None
    for number, data in enumerate((REPORT, *later)):
        file = library.store.send("report.txt", data, float(upload.submitted_ts) + number)
        await library.ingest([file], lambda _step: None, own_audience(upload))
    return message


async def test_given_up_upload_that_was_published_is_reported_as_such(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    message = await published_by_the_dead(slack, library)
    await run("U1")
    assert "is here" in await upload_result(slack, "D1", message)
    assert library.runs == 1


async def test_given_up_upload_is_looked_for_until_the_database_server_has_restarted(
    slack: FakeSlack, start: Start, library: RealLibrary
) -> None:
    message = await published_by_the_dead(slack, library)
    away = [StoreUnavailable("the server restarts")]

    def channel_data(audience: str) -> ChannelData:
        data = library.channel_data(audience)

        def documents() -> list[Document]:
            if away:
                raise away.pop()
            return data.documents()

        return replace(data, documents=documents)

    await start(**library.options("U1") | {"channel_data": channel_data})
    assert "is here" in await upload_result(slack, "D1", message)


async def test_given_up_upload_of_which_a_later_version_is_there_is_not_reported_as_lost(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    message = await published_by_the_dead(slack, library, LATER)
    await run("U1")
    result = await upload_result(slack, "D1", message)
    assert "a file of this name that was sent later is in the library already" in result
    assert "made me crash twice" not in result


async def test_refused_result_message_finishes_the_upload(
    slack: FakeSlack, run: Start, library: RealLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = finished(monkeypatch)
    slack.faults["chat.update"] = [Fault("refuse", error="invalid_blocks")] * 100
    await run("U1")
    await send_files(slack, slack.hosted.add("report.txt", REPORT))
    await ended.acquire()
    assert library.runs == 1
