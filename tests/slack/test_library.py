"""Files given to the bot: what becomes of them, and what their givers are told."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.slack.library.uploads import read_gift
from bot.subprocesses import SubprocessDied
from store.jobs import Holder, QuestionStore
from tests.slack.conftest import Assistant, Start
from tests.slack.fake import FakeSlack
from tests.slack.fake_channels import Message
from tests.slack.fake_faults import Fault
from tests.slack.fake_library import give, shared
from tests.slack.shelves import LATER, REPORT, Shelves, busy, word_on
from tests.slack.test_http_mode import start_http


def archive(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return data.getvalue()


# What is found


async def test_a_file_is_taken_in_and_its_next_dates_are_named(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    told = await word_on(slack, "D1", await give(slack, slack.hosted.add("report.txt", REPORT)))
    assert "*report.txt* is new here: 3 sections, 2 dates" in told
    assert "Report on the summit, 20 April 2024" in told
    assert told.index("31 May 2024") < told.index("Summit of the Future")
    assert (shelves.sources, shelves.files) == (["report.txt"], {"report.txt": REPORT})


async def test_the_same_name_is_a_new_version_whose_changes_are_told(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    await word_on(slack, "D1", await give(slack, slack.hosted.add("report.txt", REPORT)))
    second = await give(slack, slack.hosted.add("report.txt", LATER))
    assert "is here in version 2" in await word_on(slack, "D1", second)
    changes = await word_on(slack, "D1", second, "reworded")
    assert "~eighty~ *ninety*" in changes
    assert "14 June 2024" in changes.split("*Dates*")[1].splitlines()[1]
    assert (shelves.files, shelves.aside(".former")) == ({"report.txt": LATER}, [REPORT])


async def test_a_file_that_is_there_already_is_said_to_be_so(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    for _ in range(2):
        message = await give(slack, slack.hosted.add("report.txt", REPORT))
        told = await word_on(slack, "D1", message)
    assert "was here already, and is unchanged: 3 sections, 2 dates" in told


async def test_several_files_are_told_in_one_message(slack: FakeSlack, run: Start, shelves: Shelves) -> None:
    await run("U1")
    files = [slack.hosted.add(n, d) for n, d in (("a.txt", REPORT), ("b.txt", LATER), ("c.png", b"\x89PNG"))]
    message = await give(slack, *files)
    told = await word_on(slack, "D1", message)
    assert "*2 of 3 in the library*" in told
    assert ":warning: *c.png* is not added: files of this kind are not read" in told
    assert (len(slack.replies("D1", message["ts"])), shelves.runs) == (1, 1)


async def test_two_files_of_one_name_in_one_message_are_two_versions(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    await word_on(
        slack,
        "D1",
        await give(slack, slack.hosted.add("r.txt", REPORT), slack.hosted.add("r.txt", LATER)),
    )
    [document] = shelves.catalog.documents()
    assert (document.version, shelves.files) == (2, {"r.txt": LATER})


async def test_each_document_of_an_archive_has_its_line(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    packed = archive({"good.txt": REPORT, "empty.docx": b""})
    told = await word_on(slack, "D1", await give(slack, slack.hosted.add("all.zip", packed)))
    assert "*all.zip/good.txt* is new here" in told
    assert "*all.zip/empty.docx* is not added: the file is empty" in told
    assert shelves.sources == ["all.zip/good.txt"]


# What cannot be taken in

WORKBOOK = archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""})


@pytest.mark.parametrize(
    ("name", "data", "told", "why"),
    [
        ("r.txt", REPORT, {"mode": "external", "external_type": "gdrive"}, "only linked (gdrive)"),
        ("r.txt", b"", {}, "is empty"),
        ("r.png", b"\x89PNG", {}, "not read"),
        ("r.docx", WORKBOOK, {}, "Excel"),
    ],
)
async def test_what_cannot_be_taken_in_is_told_in_one_line(
    slack: FakeSlack, run: Start, shelves: Shelves, name: str, data: bytes, told: dict[str, Any], why: str
) -> None:
    await run("U1")
    said = await word_on(slack, "D1", await give(slack, slack.hosted.add(name, data, **told)))
    assert why in said
    assert len(said.splitlines()) == 2
    assert shelves.folder.exists() is False or shelves.files == {}


async def test_a_bad_version_leaves_the_good_one_and_is_kept(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    await word_on(slack, "D1", await give(slack, slack.hosted.add("report.txt", REPORT)))
    told = await word_on(slack, "D1", await give(slack, slack.hosted.add("report.txt", b"{\\rtf1 }")))
    assert "Rich Text" in told
    assert (shelves.sources, shelves.files) == (["report.txt"], {"report.txt": REPORT})
    assert shelves.aside(".refused") == [b"{\\rtf1 }"]


async def test_a_fault_inside_has_a_reference_and_the_file_is_kept(
    slack: FakeSlack, run: Start, shelves: Shelves, caplog: pytest.LogCaptureFixture
) -> None:
    shelves.fails = [RuntimeError("secret detail")]
    await run("U1")
    told = await word_on(slack, "D1", await give(slack, slack.hosted.add("report.txt", REPORT)))
    assert "R-" in told
    assert "secret" not in told
    assert shelves.aside(".refused") == [REPORT]


async def test_a_file_that_crashes_its_reader_leaves_the_others_alone(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    # Together, and then the first alone.
    shelves.fails = [SubprocessDied("killed"), SubprocessDied("killed")]
    await run("U1")
    files = [slack.hosted.add(name, REPORT) for name in ("a.txt", "b.txt")]
    told = await word_on(slack, "D1", await give(slack, *files))
    assert "*a.txt* is not added: reading it ended in a crash" in told
    assert (shelves.sources, list(shelves.files)) == (["b.txt"], ["b.txt"])


async def test_a_reader_that_is_stuck_is_ended(slack: FakeSlack, start: Start, shelves: Shelves) -> None:
    await start(library=shelves.library, contributions=shelves.contributions("U1", hung_after=0.1))
    shelves.go.clear()
    told = await word_on(slack, "D1", await give(slack, slack.hosted.add("report.txt", REPORT)))
    assert "did not come to an end" in told
    assert shelves.files == {}
    shelves.fails = [RuntimeError("the reader that was ended")]
    shelves.go.set()


# In turn, and once


async def test_questions_are_answered_while_a_file_is_taken_in(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    shelves.go.clear()
    message = await give(slack, slack.hosted.add("report.txt", REPORT))
    await shelves.began.wait()
    await slack.direct("When is the summit?")
    assert "You asked" in str(await slack.reply("D1"))
    shelves.go.set()
    await word_on(slack, "D1", message)


async def test_the_second_waits_and_says_so(slack: FakeSlack, run: Start, shelves: Shelves) -> None:
    await run("U1")
    shelves.go.clear()
    first = await give(slack, slack.hosted.add("a.txt", REPORT))
    await shelves.began.wait()
    second = await give(slack, slack.hosted.add("b.txt", LATER))
    await slack.until(lambda: "Waiting: 1 other delivery first" in str(slack.replies("D1", second["ts"])))
    assert shelves.runs == 1
    shelves.go.set()
    for message in (first, second):
        await word_on(slack, "D1", message)
    assert shelves.sources == ["a.txt", "b.txt"]


async def test_updates_keep_their_pace_and_the_end_does_not_wait_for_it(
    slack: FakeSlack, start: Start, shelves: Shelves
) -> None:
    await start(library=shelves.library, contributions=shelves.contributions("U1", pace=60.0))
    files = [slack.hosted.add(f"{number}.txt", REPORT) for number in range(4)]
    await word_on(slack, "D1", await give(slack, *files))
    assert len(slack.called("chat.update")) == 2


async def test_updates_refused_by_rate_are_left_out_and_the_last_is_not(slack: FakeSlack, run: Start) -> None:
    slack.faults["chat.update"] = [Fault("429", retry_after=0)] * 3
    await run("U1")
    message = await give(slack, slack.hosted.add("report.txt", REPORT))
    assert "is new here" in await word_on(slack, "D1", message)


async def test_it_waits_for_another_program_that_writes(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    shelves.fails = [busy(), busy()]
    await run("U1")
    assert "is new here" in await word_on(
        slack, "D1", await give(slack, slack.hosted.add("report.txt", REPORT))
    )


async def test_a_message_delivered_twice_is_taken_in_once(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    message = slack.say("D1", "", **shared((slack.hosted.add("report.txt", REPORT),)))
    for event_id in ("Ev-1", "Ev-1", "Ev-2"):
        await slack.deliver({**message, "channel": "D1", "channel_type": "im"}, event_id)
    await word_on(slack, "D1", message)
    await word_on(slack, "D1", await give(slack, slack.hosted.add("other.txt", LATER)))
    assert (shelves.runs, len(slack.replies("D1", message["ts"]))) == (2, 1)


async def test_a_question_beside_the_file_is_answered_after_it(
    slack: FakeSlack, run: Start, shelves: Shelves, assistant: Assistant
) -> None:
    await run("U1")
    shelves.go.clear()
    await give(slack, slack.hosted.add("report.txt", REPORT), text="What is due?")
    await shelves.began.wait()
    assert assistant.questions == []
    shelves.go.set()
    assert "You asked: What is due?" in str(await slack.reply("D1"))


async def test_words_beside_the_file_are_no_question(
    slack: FakeSlack, run: Start, assistant: Assistant
) -> None:
    await run("U1")
    await word_on(slack, "D1", await give(slack, slack.hosted.add("r.txt", REPORT), text="The new report"))
    await slack.direct("When?")
    await slack.reply("D1")
    assert assistant.questions == ["When?"]


# Restarts


async def test_what_a_stopped_bot_left_is_finished_by_the_next(
    slack: FakeSlack, run: Start, shelves: Shelves, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    task = await run("U1", stop=stop)
    shelves.go.clear()
    message = await give(slack, slack.hosted.add("report.txt", REPORT))
    await shelves.began.wait()
    stop.set()
    await task
    assert "restarted" in str(slack.replies("D1", message["ts"]))
    shelves.fails = [RuntimeError("the first ingest, which was stopped with its bot")]
    shelves.go.set()
    await shelves.ended.wait()
    await run("U1", state=QuestionStore.open(f"sqlite:///{tmp_path / 'second.db'}"))
    told = await word_on(slack, "D1", message)
    assert "is new here" in told
    assert (len(slack.replies("D1", message["ts"])), len(slack.hosted.asked)) == (1, 1)


async def left_by_the_dead(slack: FakeSlack, shelves: Shelves, deaths: int, text: str = "") -> Message:
    """Put a file into Slack that so many processes died over, one after the other."""
    message = slack.say("D1", text, **shared((slack.hosted.add("report.txt", REPORT),)))
    gift = read_gift(slack.callback({**message, "channel": "D1", "channel_type": "im"}), slack.bot_user)
    assert gift is not None
    table = shelves.contributions().submissions
    # A lease that has run out when it begins.
    table.claim(gift, Holder("0", -1.0))
    for death in range(1, deaths):
        table.adopt(Holder(str(death), -1.0))
    return message


async def test_what_a_dead_bot_left_is_taken_up(slack: FakeSlack, run: Start, shelves: Shelves) -> None:
    message = await left_by_the_dead(slack, shelves, 1)
    await run("U1")
    assert "is new here" in await word_on(slack, "D1", message)


async def test_what_ended_two_bots_is_not_tried_again(slack: FakeSlack, run: Start, shelves: Shelves) -> None:
    message = await left_by_the_dead(slack, shelves, 2)
    await run("U1")
    assert "ended me twice" in await word_on(slack, "D1", message)
    assert shelves.runs == 0


async def test_a_word_that_slack_did_not_take_is_given_later(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    slack.faults["chat.postMessage"] = [Fault("drop", done=True)]
    await run("U1")
    message = await give(slack, slack.hosted.add("report.txt", REPORT))
    assert "is new here" in await word_on(slack, "D1", message)
    assert len(slack.replies("D1", message["ts"])) == 1


async def test_a_message_that_was_deleted_meanwhile_is_posted_again(
    slack: FakeSlack, run: Start, shelves: Shelves
) -> None:
    await run("U1")
    shelves.go.clear()
    message = await give(slack, slack.hosted.add("report.txt", REPORT))
    await shelves.began.wait()
    slack.messages["D1"].remove(slack.replies("D1", message["ts"])[0])
    shelves.go.set()
    assert "is new here" in await word_on(slack, "D1", message)


async def test_a_file_over_http_is_taken_in(slack: FakeSlack, run: Start) -> None:
    address = await start_http(slack, lambda **more: run("U1", **more))
    message = slack.say("D1", "", **shared((slack.hosted.add("report.txt", REPORT),)))
    event = {**message, "channel": "D1", "channel_type": "im"}
    assert (await slack.post_signed(f"{address}/slack/events", slack.callback(event)))[0] == 200
    assert "is new here" in await word_on(slack, "D1", message)
