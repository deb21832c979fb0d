"""Uploads: their ingest, and the replies to their uploaders."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from bot.slack.core.payloads import upload_of_event
from bot.slack.core.sending.clients import UpdateBudget
from store.jobs import Holder, Lease, MessageRef, QuestionStore, SubmissionStore
from tests.bot.slack.conftest import PATIENT, Start
from tests.bot.slack.features.library.real_library import (
    LATER,
    REPORT,
    RealLibrary,
    add_report,
    archive,
    busy,
    upload_result,
)
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.hosted_files import send_files, shared
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.clock import Clock

# What is found


async def test_ingested_file_shows_its_next_dates(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run("U1")
    result = await add_report(slack)
    assert "*report.txt* is new here: 3 sections, 2 dates" in result
    assert "Report on the summit, 20 April 2024" in result
    assert result.index("31 May 2024") < result.index("Summit of the Future")
    assert (library.sources, library.files) == (["report.txt"], {"report.txt": REPORT})


async def test_file_of_the_same_name_is_a_new_version_with_its_changes(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    await add_report(slack)
    second = await send_files(slack, slack.hosted.add("report.txt", LATER))
    assert "is here in version 2" in await upload_result(slack, "D1", second)
    changes = await upload_result(slack, "D1", second, "reworded")
    assert "~eighty~ *ninety*" in changes
    assert "14 June 2024" in changes.split("*Dates*")[1].splitlines()[1]
    assert (library.files, library.stored) == ({"report.txt": LATER}, {REPORT, LATER})


async def test_unchanged_file_is_reported_as_such(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    for _ in range(2):
        message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
        result = await upload_result(slack, "D1", message)
    assert "was here already, and is unchanged: 3 sections, 2 dates" in result


async def test_several_files_share_one_message(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run("U1")
    files = [slack.hosted.add(n, d) for n, d in (("a.txt", REPORT), ("b.txt", LATER), ("c.png", b"\x89PNG"))]
    message = await send_files(slack, *files)
    result = await upload_result(slack, "D1", message)
    assert "*2 of 3 in the library*" in result
    assert ":warning: *c.png* is not added: files of this kind are not read" in result
    assert (len(slack.replies("D1", message["ts"])), library.runs) == (1, 1)


async def test_two_files_of_one_name_in_one_message_are_two_versions(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    await upload_result(
        slack,
        "D1",
        await send_files(slack, slack.hosted.add("r.txt", REPORT), slack.hosted.add("r.txt", LATER)),
    )
    [document] = library.catalog.documents()
    assert (document.version, library.files) == (2, {"r.txt": LATER})


async def test_each_document_of_an_archive_has_its_line(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    packed = archive({"good.txt": REPORT, "empty.docx": b""})
    result = await upload_result(slack, "D1", await send_files(slack, slack.hosted.add("all.zip", packed)))
    assert "*all.zip/good.txt* is new here" in result
    assert "*all.zip/empty.docx* is not added: the file is empty" in result
    assert library.sources == ["all.zip/good.txt"]


# In turn, and once


async def test_questions_are_answered_during_an_ingest(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    library.go.clear()
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    await library.began.wait()
    asked = await slack.direct("When is the summit?")
    assert "You asked" in str(await slack.reply("D1", asked["ts"]))
    library.go.set()
    await upload_result(slack, "D1", message)


async def test_second_upload_waits_and_says_so(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run("U1")
    library.go.clear()
    first = await send_files(slack, slack.hosted.add("a.txt", REPORT))
    await library.began.wait()
    second = await send_files(slack, slack.hosted.add("b.txt", LATER))
    await slack.until(lambda: "Waiting: 1 other upload first" in str(slack.replies("D1", second["ts"])))
    assert library.runs == 1
    library.go.set()
    for message in (first, second):
        await upload_result(slack, "D1", message)
    assert library.sources == ["a.txt", "b.txt"]


async def test_status_updates_are_paced_but_not_the_result(slack: FakeSlack, run: Start) -> None:
    await run("U1", timing=replace(PATIENT, update_upload_every=60.0))
    files = [slack.hosted.add(f"{number}.txt", REPORT) for number in range(4)]
    await upload_result(slack, "D1", await send_files(slack, *files))
    assert len(slack.called("chat.update")) == 2


async def test_rate_limited_status_update_is_skipped_but_not_the_result(slack: FakeSlack, run: Start) -> None:
    slack.faults["chat.update"] = [Fault("429", retry_after=0)] * 3
    await run("U1")
    assert "is new here" in await add_report(slack)


async def test_death_of_the_bot_is_no_failure_of_an_upload_that_waits(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    library.go.clear()
    await send_files(slack, slack.hosted.add("first.txt", REPORT))
    await library.began.wait()
    second = await send_files(slack, slack.hosted.add("second.txt", LATER))
    await slack.until(lambda: "Waiting: 1 other upload first" in str(slack.replies("D1", second["ts"])))
    later = SubmissionStore.open(database_url(library.store.folder), Clock(time.time() + 60).reading)
    adopted = later.adopt(Holder("the next", PATIENT.lease_seconds))
    library.go.set()
    assert {job.work.submission.files[0].name: job.failures for job in adopted} == {
        "first.txt": 1,
        "second.txt": 0,
    }


async def test_upload_waits_for_another_writer(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    library.fails = [busy(), busy()]
    await run("U1")
    assert "is new here" in await add_report(slack)


async def test_upload_delivered_twice_is_ingested_once(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    message = slack.say("D1", "", **shared((slack.hosted.add("report.txt", REPORT),)))
    for event_id in ("Ev-1", "Ev-1", "Ev-2"):
        await slack.deliver({**message, "channel": "D1", "channel_type": "im"}, event_id)
    await upload_result(slack, "D1", message)
    await upload_result(slack, "D1", await send_files(slack, slack.hosted.add("other.txt", LATER)))
    assert (library.runs, len(slack.replies("D1", message["ts"]))) == (2, 1)


# Restarts


async def left_by_a_stopped_bot(slack: FakeSlack, run: Start, library: RealLibrary) -> Message:
    """Put a file into Slack during whose ingest the bot is stopped."""
    stop = asyncio.Event()
    task = await run("U1", stop=stop)
    library.go.clear()
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    await library.began.wait()
    stop.set()
    await task
    library.fails = [RuntimeError("the first ingest, which was stopped with its bot")]
    library.go.set()
    await library.ended.wait()
    return message


async def test_upload_of_a_stopped_bot_is_finished_by_the_next(
    slack: FakeSlack, run: Start, library: RealLibrary, tmp_path: Path
) -> None:
    message = await left_by_a_stopped_bot(slack, run, library)
    assert "I am restarting" in str(slack.replies("D1", message["ts"]))
    await run("U1", state=QuestionStore.open(database_url(tmp_path)))
    result = await upload_result(slack, "D1", message)
    assert "is new here" in result
    assert (len(slack.replies("D1", message["ts"])), len(slack.hosted.asked)) == (1, 1)


async def test_update_of_a_try_that_failed_does_not_follow_the_result(
    slack: FakeSlack, run: Start, library: RealLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await left_by_a_stopped_bot(slack, run, library)
    save, calls = SubmissionStore.save_status, count()

    def busy_once(store: SubmissionStore, lease: Lease, status: MessageRef) -> None:
        if next(calls) == 0:
            raise busy()
        save(store, lease, status)

    pauses = iter([1_000.0])
    monkeypatch.setattr(SubmissionStore, "save_status", busy_once)
    monkeypatch.setattr(UpdateBudget, "wait", lambda _budget: next(pauses, 0.0))
    await run("U1", state=QuestionStore.open(database_url(tmp_path)))
    assert "is new here" in await upload_result(slack, "D1", message)
    assert [task for task in asyncio.all_tasks() if "_keep_updating" in repr(task.get_coro())] == []


async def left_by_the_dead(slack: FakeSlack, library: RealLibrary, deaths: int, text: str = "") -> Message:
    """Put a file into Slack that so many processes died over, one after the other."""
    message = slack.say("D1", text, **shared((slack.hosted.add("report.txt", REPORT),)))
    upload = upload_of_event(
        slack.callback({**message, "channel": "D1", "channel_type": "im"}), slack.bot_user
    )
    assert upload is not None
    table = library.submissions
    gone = Holder("gone", 60.0)
    job = table.claim(upload, gone)
    for death in range(deaths):
        if death:
            [job] = table.adopt(gone)
        assert job is not None
        table.release(job.lease, failed=True)
    return message


async def test_upload_of_a_killed_bot_is_adopted(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    message = await left_by_the_dead(slack, library, 1)
    await run("U1")
    assert "is new here" in await upload_result(slack, "D1", message)


async def test_upload_over_which_two_bots_died_is_given_up(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    message = await left_by_the_dead(slack, library, 2)
    await run("U1")
    assert "made me crash twice" in await upload_result(slack, "D1", message)
    assert library.runs == 0


async def test_result_message_is_retried_later(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    slack.faults["chat.postMessage"] = [Fault("drop", done=True)]
    await run("U1")
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    assert "is new here" in await upload_result(slack, "D1", message)
    assert len(slack.replies("D1", message["ts"])) == 1


async def test_files_are_added_though_slack_refuses_their_status(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")]
    await run("U1")
    assert "is new here" in await add_report(slack)
    assert library.sources == ["report.txt"]


async def test_deleted_status_message_is_posted_again(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    library.go.clear()
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    await library.began.wait()
    slack.messages["D1"].remove(slack.replies("D1", message["ts"])[0])
    library.go.set()
    assert "is new here" in await upload_result(slack, "D1", message)
