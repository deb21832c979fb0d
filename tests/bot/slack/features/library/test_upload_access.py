"""Files given to the bot: who may give them, who sees the documents, and what the messages hold."""

from __future__ import annotations

import pytest

from bot.slack.features.library.library import (
    is_for_everybody,
)
from store.jobs import SlackFile, SlackMessage, Submission
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import (
    REPORT,
    RealLibrary,
    add_report,
    upload_result,
    words,
)
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import labels, press
from tests.fake_slack.hosted_files import point_at, send_files, shared
from tests.fake_slack.slack import FakeSlack

# Who may


@pytest.mark.parametrize(
    ("users", "said"),
    [
        ((), ["Whoever runs me can name people"]),
        (
            ("U7", "S1", "S2", "S3"),
            [", @s1-team, @s2-team, @somebody. Ask one of them"],
        ),
    ],
)
async def test_who_may_not_is_told_who_may_and_a_question_beside_is_answered(
    slack: FakeSlack, run: Start, library: RealLibrary, users: tuple[str, ...], said: list[str]
) -> None:
    slack.hosted.groups |= {"S1": ["U8"], "S2": ["U1"]}
    slack.hosted.disabled.add("S2")
    await run(*users)
    await send_files(slack, slack.hosted.add("report.txt", REPORT), text="When is the summit?")
    await slack.until(lambda: len(slack.replies("D1")) == 2)
    refusal, answer = slack.replies("D1")
    assert [each in words([refusal])[0] for each in said] == [True] * len(said)
    assert "You asked: When is the summit?" in str(answer)
    assert (slack.hosted.asked, library.stored) == ([], set())


async def test_member_of_an_allowed_user_group_may_once_slack_says_so(slack: FakeSlack, run: Start) -> None:
    slack.hosted.groups["S1"] = ["U1"]
    slack.faults["usergroups.users.list"] = [Fault("refuse", error="missing_scope")]
    await run("S1")
    await send_files(slack, slack.hosted.add("report.txt", REPORT))
    assert "could not find out whether you may" in str(await slack.reply("D1"))
    assert "is new here" in await add_report(slack)


# The shortcut


async def test_shortcut_adds_the_files_of_a_message_once_and_answers_in_its_thread(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    root = slack.say("C1", "Look")
    file = slack.hosted.add("report.txt", REPORT)
    message = slack.say("C1", "", user="U5", thread=root["ts"], **shared((file,)))
    for _ in range(2):
        await point_at(slack, message, trigger="t-1")
    assert "is new here" in await upload_result(slack, "C1", root)
    assert library.runs == 1
    # What fails is said to the person alone.
    for given, user, why in (((), "U1", "no file"), ((file,), "U2", "You may not add")):
        message = slack.say("C1", "Hello", user="U5", **shared(given))
        assert why in (await slack.response(await point_at(slack, message, user=user)))["text"]
        assert slack.replies("C1", message["ts"]) == []


@pytest.mark.parametrize("faults", [[], [Fault("refuse", error="not_in_channel"), Fault("500", done=True)]])
async def test_result_goes_to_the_uploader_once_where_the_bot_is_no_member(
    slack: FakeSlack, run: Start, faults: list[Fault]
) -> None:
    slack.channels.closed.add("C1")
    slack.faults["chat.postMessage"] = faults
    await run("U1")
    message = slack.say("C1", "", user="U5", **shared((slack.hosted.add("report.txt", REPORT),)))
    await point_at(slack, message)
    await slack.until(lambda: "is new here" in str(slack.replies("D1")))
    assert (slack.replies("C1", message["ts"]), len(slack.replies("D1"))) == ([], 1)


# Who sees the documents

BUTTON = "Share with everyone"
PRIVATE = {"is_private": True}


def seen_in(library: RealLibrary, slack: FakeSlack, channel: str) -> list[str]:
    """Return the documents that a channel sees."""
    return [document.source for document in library.channel_data(f"{slack.team}/{channel}").documents()]


async def upload_to(slack: FakeSlack, channel: str) -> Message:
    """Have U1 point at a file in a channel; return the message that brought it once the file is there."""
    message = slack.say(channel, "", user="U1", **shared((slack.hosted.add("report.txt", REPORT),)))
    await point_at(slack, message, channel=channel)
    await upload_result(slack, channel, message)
    return message


@pytest.mark.parametrize(
    ("channel", "place", "seen"),
    [
        ("C7", PRIVATE, ["C7"]),
        ("C1", {}, ["C1", "C7", "D1"]),
        # Slack does not say what it is.
        ("C1", {"is_private": None}, ["C1"]),
        ("D1", {}, ["D1"]),
    ],
)
async def test_documents_are_for_the_conversation_or_from_a_public_channel_for_everybody(
    slack: FakeSlack, run: Start, library: RealLibrary, channel: str, place: dict[str, bool], seen: list[str]
) -> None:
    slack.directory.places[channel] = place
    await run("U1")
    if channel == "D1":
        await add_report(slack)
    else:
        await upload_to(slack, channel)
    assert [each for each in ("C1", "C7", "D1") if seen_in(library, slack, each)] == seen


async def test_the_line_for_everybody_shares_a_direct_message(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    file = slack.hosted.add("report.txt", REPORT)
    message = await send_files(slack, file, text="The new report. For everybody, please")
    assert "only in this conversation" not in await upload_result(slack, "D1", message)
    assert seen_in(library, slack, "C1") == ["report.txt"]


async def test_the_uploader_alone_can_share_with_everybody_later(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    slack.directory.places |= {"C7": PRIVATE, "C8": PRIVATE}
    await run("U1", "U2")
    # Files of one name in two channels are two documents of one file.
    for channel in ("C8", "C7"):
        message = await upload_to(slack, channel)
    assert (len(library.catalog.documents()), library.stored) == (2, {REPORT})
    reply = next(reply for reply in slack.replies("C7", message["ts"]) if labels(reply))
    answer = await slack.response(await press(slack, reply, BUTTON, user="U2"))
    assert "Only <@U1>" in answer["text"]
    assert seen_in(library, slack, "C1") == []
    await press(slack, reply, BUTTON)
    # The shared document is published first; then the private one is removed.
    await slack.until(
        lambda: (
            {each.audience for each in library.catalog.documents()} == {"everybody", f"{slack.team}/C8"}
            and len(library.catalog.documents()) == 2
        )
    )
    assert seen_in(library, slack, "C1") == ["report.txt"]


@pytest.mark.parametrize(
    ("text", "everybody"),
    [
        ("For everybody", True),
        ("The report.\nThis is for everyone!", True),
        ("please for everybody", True),
        ("Not for everybody", False),
        ("Dates for everybody in the team", False),
        ("Is it for everybody?", False),
        ("Dates for all meetings", False),
        ("", False),
    ],
)
def test_for_everybody_needs_a_line_of_its_own(text: str, everybody: bool) -> None:
    asked = SlackMessage("T1", "D1", "1.1", "", "U1", text)
    assert is_for_everybody(Submission("message/1", asked, (SlackFile("F1", "r.txt"),), "1.1")) is everybody


# Messages
