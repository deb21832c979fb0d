"""Files given to the bot: who may give them, and those that are pointed at with the shortcut."""

from __future__ import annotations

import pytest

from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import (
    REPORT,
    RealLibrary,
    add_report,
    upload_result,
    words,
)
from tests.fake_slack.faults import Fault
from tests.fake_slack.hosted_files import mention_with_files, point_at, send_files, shared
from tests.fake_slack.slack import FakeSlack

# Who may


async def test_empty_allow_list_names_its_setting(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run()
    await send_files(slack, slack.hosted.add("report.txt", REPORT))
    assert "Whoever runs me can name people" in str(await slack.reply("D1"))
    assert (slack.hosted.asked, library.stored) == ([], set())


async def test_unauthorized_user_is_told_who_may_add_documents(slack: FakeSlack, run: Start) -> None:
    slack.hosted.groups |= {"S1": ["U8"], "S2": ["U1"]}
    slack.hosted.disabled.add("S2")
    await run("U7", "S1", "S2", "S3")
    await send_files(slack, slack.hosted.add("report.txt", REPORT))
    [reply] = words([await slack.reply("D1")])
    assert "<@U7>, the user group @s1-team, the user group @s2-team (switched off in Slack)" in reply
    assert "S3 (there is none of this id any more)" in reply
    assert slack.hosted.asked == []


async def test_member_of_an_allowed_user_group_is_admitted(slack: FakeSlack, run: Start) -> None:
    slack.hosted.groups["S1"] = ["U1"]
    await run("S0", "S1")
    assert "is new here" in await add_report(slack)


async def test_unreadable_user_group_gives_no_permission(slack: FakeSlack, run: Start) -> None:
    slack.faults["usergroups.users.list"] = [Fault("refuse", error="missing_scope")]
    await run("S1")
    await send_files(slack, slack.hosted.add("report.txt", REPORT))
    assert "usergroups:read" in str(await slack.reply("D1"))


async def test_question_beside_a_refused_upload_is_answered(slack: FakeSlack, run: Start) -> None:
    await run()
    await send_files(slack, slack.hosted.add("screen.png", b"\x89PNG"), text="When is the summit?")
    await slack.until(lambda: len(slack.replies("D1")) == 2)
    assert "You asked: When is the summit?" in str(slack.replies("D1"))


async def test_file_of_a_mention_by_somebody_else_is_refused_and_its_text_answered(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U2")
    message = await mention_with_files(slack, slack.hosted.add("report.txt", REPORT), text="When is it?")
    await slack.until(lambda: len(slack.replies("C1", message["ts"])) == 2)
    replies = str(slack.replies("C1", message["ts"]))
    assert ("You may not add" in replies, "You asked: When is it?" in replies) == (True, True)
    assert library.runs == 0


# The shortcut


async def test_shortcut_ingests_the_files_of_a_message(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    message = slack.say("C1", "", user="U5", **shared((slack.hosted.add("report.txt", REPORT),)))
    for _ in range(2):
        await point_at(slack, message, trigger="t-1")
    assert "is new here" in await upload_result(slack, "C1", message)
    assert library.runs == 1


async def test_result_goes_to_the_uploader_where_the_bot_is_no_member(slack: FakeSlack, run: Start) -> None:
    slack.channels.closed.add("C1")
    await run("U1")
    message = slack.say("C1", "", user="U5", **shared((slack.hosted.add("report.txt", REPORT),)))
    await point_at(slack, message)
    await slack.until(lambda: "is new here" in str(slack.replies("D1")))
    assert slack.replies("C1", message["ts"]) == []


async def test_result_whose_response_was_lost_goes_to_the_uploader_once(slack: FakeSlack, run: Start) -> None:
    slack.channels.closed.add("C1")
    slack.faults["chat.postMessage"] = [Fault("refuse", error="not_in_channel"), Fault("500", done=True)]
    await run("U1")
    message = slack.say("C1", "", user="U5", **shared((slack.hosted.add("report.txt", REPORT),)))
    await point_at(slack, message)
    await slack.until(lambda: "is new here" in str(slack.replies("D1")))
    assert len(slack.replies("D1")) == 1


@pytest.mark.parametrize(("files", "user", "why"), [(0, "U1", "no file"), (1, "U2", "You may not add")])
async def test_failed_shortcut_is_an_ephemeral_reply(
    slack: FakeSlack, run: Start, files: int, user: str, why: str
) -> None:
    await run("U1")
    given = tuple(slack.hosted.add("report.txt", REPORT) for _ in range(files))
    message = slack.say("C1", "Hello", user="U5", **shared(given))
    reply = await slack.response(await point_at(slack, message, user=user))
    assert why in reply["text"]
    assert slack.replies("C1", message["ts"]) == []


async def test_the_file_of_a_thread_is_answered_in_its_thread(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    root = slack.say("C1", "Look")
    file = slack.hosted.add("report.txt", REPORT)
    await point_at(slack, slack.say("C1", "", thread=root["ts"], **shared((file,))))
    assert "is new here" in await upload_result(slack, "C1", root)
