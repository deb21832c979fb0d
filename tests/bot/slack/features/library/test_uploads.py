"""Uploads: what is found, in which order, and what their uploaders read, also after restarts and failures."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.slack.core.payloads import upload_of_event
from bot.slack.core.sending.posting import EVENT_TYPE
from bot.slack.features.library.library import own_audience
from store.errors import IndexDamaged
from store.jobs import Holder, QuestionStore, Submission, SubmissionStore, Upload
from tests.bot.slack.conftest import PATIENT, Assistant, Start
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
from tests.fake_slack.forms import opened_by, press
from tests.fake_slack.hosted_files import mention_with_files, send_files, shared
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.clock import Clock
from tests.store.jobs.stored_outcome import open_jobs, until_stored

# What is found


async def test_a_file_shows_its_next_dates_and_its_next_version_what_changed(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    first = await add_report(slack)
    assert "*report.txt* is new here: 3 sections, 2 dates" in first
    assert "Report on the summit, 20 April 2024" in first
    assert first.index("31 May 2024") < first.index("Summit of the Future")
    assert "*report.txt* is unchanged: 3 sections, 2 dates" in await add_report(slack)

    second = await send_files(slack, slack.hosted.add("report.txt", LATER))
    assert "is here in version 2" in await upload_result(slack, "D1", second)
    [reply] = slack.replies("D1", second["ts"])
    window, _ = await opened_by(slack, press(slack, reply, "What changed", channel="D1"))
    assert "~eighty~ *ninety*" in str(window)
    assert (library.files, library.stored) == ({"report.txt": LATER}, {REPORT, LATER})

    # What cannot be read leaves the former version, and is kept.
    assert "Rich Text" in await add_report(slack, b"{\\rtf1 }")
    assert library.files == {"report.txt": LATER}
    assert b"{\\rtf1 }" in library.stored


async def test_several_files_share_one_message_in_which_each_document_has_a_line(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    packed = archive({"good.txt": REPORT + b"\n1.3 More.\n", "empty.docx": b""})
    workbook = archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""})
    given = [
        ("a.txt", REPORT),
        ("c.png", b"\x89PNG"),
        ("x.docx", workbook),
        ("all.zip", packed),
        ("a.txt", LATER),
    ]
    linked = slack.hosted.add("linked.txt", REPORT, mode="external", external_type="gdrive")
    message = await send_files(slack, linked, *(slack.hosted.add(name, data) for name, data in given))
    result = await upload_result(slack, "D1", message)
    assert "*3 of 7 in the library*" in result
    assert "only links it (gdrive)" in result
    assert "Excel" in result
    assert "*c.png* is not added: files of this kind are not read" in result
    assert "*all.zip/good.txt* is new here" in result
    assert "*all.zip/empty.docx* is not added: the file is empty" in result
    # Two files of one name are two versions.
    assert "*a.txt* is here in version 2" in result
    assert library.files["a.txt"] == LATER
    assert (len(slack.replies("D1", message["ts"])), library.runs) == (1, 2)


# In turn, and once


async def test_during_an_ingest_questions_are_answered_and_uploads_wait(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    library.go.clear()
    await send_files(slack, slack.hosted.add("first.txt", REPORT))
    await library.began.wait()
    asked = await slack.direct("When is the summit?")
    assert "You asked" in str(await slack.reply("D1", asked["ts"]))
    second = await send_files(slack, slack.hosted.add("second.txt", LATER))
    await slack.until(
        lambda: "Waiting until another upload is finished" in str(slack.replies("D1", second["ts"]))
    )
    assert library.runs == 1

    # A death of the bot now is no failure of the upload that waits.
    later = SubmissionStore.open(database_url(library.store.folder), Clock(time.time() + 60).reading)
    adopted = later.adopt(Holder("the next", PATIENT.lease_seconds))
    failures = {job.work.submission.files[0].name: job.failures for job in adopted}
    assert failures == {"first.txt": 1, "second.txt": 0}
    library.go.set()
    await library.ended.wait()


@pytest.mark.parametrize("again", [REPORT, b""])
async def test_an_older_file_that_arrives_later_does_not_become_the_current_one(
    slack: FakeSlack, run: Start, library: RealLibrary, again: bytes
) -> None:
    await run("U1")
    if again:
        await add_report(slack)
    slow = slack.hosted.add("report.txt", LATER if again else REPORT)
    slow.gate = asyncio.Event()
    between = await send_files(slack, slow)
    await add_report(slack, again or LATER)
    slow.gate.set()
    result = await upload_result(slack, "D1", between)
    assert "a file of this name that was sent later is in the library already" in result
    assert library.files == {"report.txt": again or LATER}


async def test_upload_delivered_twice_waits_for_another_writer_and_is_ingested_once(
    slack: FakeSlack, run: Start, library: RealLibrary, state: QuestionStore
) -> None:
    library.fails = [busy(), busy()]
    await run("U1")
    message = slack.say("D1", "", **shared((slack.hosted.add("report.txt", REPORT),)))
    for event_id in ("Ev-1", "Ev-1", "Ev-2"):
        await slack.deliver({**message, "channel": "D1", "channel_type": "im"}, event_id)
    assert "is new here" in await upload_result(slack, "D1", message)
    await until_stored(lambda: open_jobs(state) == 0)
    assert (library.runs, len(slack.replies("D1", message["ts"]))) == (3, 1)


async def test_the_result_of_long_work_is_a_new_message_of_which_slack_tells(
    slack: FakeSlack, run: Start
) -> None:
    await run("U1", timing=replace(PATIENT, notify_after=0.0))
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    assert "is new here" in await upload_result(slack, "D1", message)
    await slack.until(lambda: len(slack.replies("D1", message["ts"])) == 1)
    assert "is new here" in str(slack.called("chat.postMessage")[-1])


# What Slack does not take


@pytest.mark.parametrize(
    ("method", "faults"),
    [
        ("chat.update", [Fault("429", retry_after=0)] * 3),
        # The status message was deleted.
        ("chat.update", [Fault("refuse", error="message_not_found")]),
        ("chat.update", [Fault("refuse", error="invalid_blocks")]),
        ("chat.postMessage", [Fault("drop", done=True)]),
        ("chat.postMessage", [Fault("refuse", error="invalid_blocks")]),
    ],
)
async def test_result_arrives_once_whatever_becomes_of_the_status(
    slack: FakeSlack, run: Start, method: str, faults: list[Fault]
) -> None:
    slack.faults[method] = faults
    await run("U1")
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    assert "is new here" in await upload_result(slack, "D1", message)
    assert sum("is new here" in str(reply) for reply in slack.replies("D1", message["ts"])) == 1


async def test_upload_whose_result_slack_refuses_ends(
    slack: FakeSlack, run: Start, library: RealLibrary, state: QuestionStore
) -> None:
    slack.faults["chat.update"] = [Fault("refuse", error="invalid_blocks")] * 100
    await run("U1")
    await send_files(slack, slack.hosted.add("report.txt", REPORT))
    await library.ended.wait()
    await until_stored(lambda: open_jobs(state) == 0)
    assert library.runs == 1


# Restarts


async def test_upload_of_a_stopped_bot_is_finished_by_the_next(
    slack: FakeSlack, run: Start, library: RealLibrary, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    task = await run("U1", stop=stop)
    library.go.clear()
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT))
    await library.began.wait()
    stop.set()
    await task
    assert "I am restarting" in str(slack.replies("D1", message["ts"]))

    library.fails = [RuntimeError("the first ingest, which was stopped with its bot")]
    library.go.set()
    await library.ended.wait()
    await run("U1", state=QuestionStore.open(database_url(tmp_path)))
    assert "is new here" in await upload_result(slack, "D1", message)
    await slack.until(lambda: len(slack.replies("D1", message["ts"])) == 1)
    assert len(slack.hosted.asked) == 1


def left_by_the_dead(slack: FakeSlack, library: RealLibrary, deaths: int) -> tuple[Message, Submission]:
    """Put a file into Slack that so many processes died over, one after the other."""
    message = slack.say("D1", "", **shared((slack.hosted.add("report.txt", REPORT),)))
    event = {**message, "channel": "D1", "channel_type": "im"}
    upload = upload_of_event(slack.callback(event), slack.bot_user)
    assert upload is not None
    table, gone = library.submissions, Holder("gone", 60.0)
    job = table.claim(Upload(upload), gone)
    for death in range(deaths):
        if death:
            [job] = table.adopt(gone)
        assert job is not None
        table.release(job.lease, failed=True)
    return message, upload


@pytest.mark.parametrize(
    ("deaths", "published", "said"),
    [
        (1, [], "is new here"),
        (2, [], "I crashed twice"),
        (2, [REPORT], "is here"),
        (2, [REPORT, LATER], "that was sent later is in the library already"),
    ],
)
async def test_upload_of_killed_bots_is_adopted_once_and_not_lost_if_it_was_published(
    slack: FakeSlack, start: Start, library: RealLibrary, deaths: int, published: list[bytes], said: str
) -> None:
    message, upload = left_by_the_dead(slack, library, deaths)
    for number, data in enumerate(published):
        file = library.store.send("report.txt", data, float(upload.submitted_ts) + number)
        await library.ingest([file], lambda _step: None, own_audience(upload))
    # The status message of the killed bot goes.
    key = f"{slack.team}/D1/{message['ts']}"
    name = {"event_type": EVENT_TYPE, "event_payload": {"question": f"{key}/message/{key}"}}
    slack.channels.put("D1", {"thread_ts": message["ts"], "text": "", "blocks": [], "metadata": name})
    await start(**library.options("U1"))
    assert said in await upload_result(slack, "D1", message)
    await slack.until(lambda: len(slack.replies("D1", message["ts"])) == 1)
    assert library.runs == (1 if deaths == 1 else len(published))


# What the uploader reads where an ingest fails


async def test_error_has_a_reference_or_a_reason_and_names_no_command_of_the_terminal(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    damaged = "a part of the index is missing or damaged"
    library.fails = [
        RuntimeError("secret detail"),
        IndexDamaged(f"{damaged}; run `itubot reindex` to rebuild it"),
    ]
    await run("U1")
    unexpected = await add_report(slack)
    assert ("R-" in unexpected, "secret" in unexpected) == (True, False)
    known = await add_report(slack)
    assert (f"{damaged}; tell whoever runs me" in known, "itubot" in known) == (True, False)
    assert library.stored == {REPORT}


# Questions beside files


async def test_question_beside_an_upload_is_answered_after_it(
    slack: FakeSlack, run: Start, library: RealLibrary, assistant: Assistant
) -> None:
    await run("U1")
    library.go.clear()
    file = slack.hosted.add("report.txt", REPORT)
    message = await send_files(slack, file, text="The new report.\nWhat is due?\nFor everybody")
    await library.began.wait()
    assert assistant.questions == []
    library.go.set()
    assert "You asked: What is due?" in str(await slack.reply("D1", message["ts"], 2))

    # Also beside a mention, which arrives as a message too; words without a question hand the file over.
    mention = await mention_with_files(slack, slack.hosted.add("b.txt", LATER), text="它有什么？")
    await slack.deliver({**mention, "channel": "C1", "channel_type": "channel"})
    await slack.until(lambda: "You asked: 它有什么？" in str(slack.replies("C1", mention["ts"])))
    await upload_result(slack, "D1", await send_files(slack, file, text="Voici le rapport."))
    assert (assistant.questions, library.runs) == (["What is due?", "它有什么？"], 3)
