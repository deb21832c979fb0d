"""Audiences of uploads: who sees the documents, and how the uploader shares them with everybody."""

from __future__ import annotations

import pytest

from bot.slack.features.library.library import is_for_everybody
from store.jobs import SlackFile, SlackMessage, Submission
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary, add_report, upload_result
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import labels, press
from tests.fake_slack.hosted_files import point_at, send_files, shared
from tests.fake_slack.slack import FakeSlack

BUTTON = "Share with everyone"
PRIVATE = {"is_private": True}


def seen_in(library: RealLibrary, slack: FakeSlack, channel: str) -> list[str]:
    """Return the documents that a channel sees."""
    return [document.source for document in library.channel_data(f"{slack.team}/{channel}").documents()]


async def upload_to(slack: FakeSlack, channel: str) -> Message:
    """Have somebody point at a file in a channel; return the message that brought it."""
    message = slack.say(channel, "", user="U1", **shared((slack.hosted.add("report.txt", REPORT),)))
    await point_at(slack, message, channel=channel)
    return message


async def button_of(slack: FakeSlack, channel: str, message: Message) -> Message:
    """Wait for the reply to a message that brought a file, and return it."""
    await upload_result(slack, channel, message)
    return next(reply for reply in slack.replies(channel, message["ts"]) if labels(reply))


async def test_upload_in_a_private_channel_is_for_that_channel(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    slack.directory.places["C7"] = PRIVATE
    await run("U1")
    assert "used only in this conversation" in await upload_result(slack, "C7", await upload_to(slack, "C7"))
    assert [seen_in(library, slack, channel) for channel in ("C7", "C1", "D1")] == [["report.txt"], [], []]


async def test_upload_in_a_public_channel_is_for_everybody(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    assert "Kept" not in await upload_result(slack, "C1", await upload_to(slack, "C1"))
    assert seen_in(library, slack, "C2") == ["report.txt"]


async def test_unreadable_channel_counts_as_private(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    slack.directory.places["C1"] = {"is_private": None}
    await run("U1")
    await upload_result(slack, "C1", await upload_to(slack, "C1"))
    assert seen_in(library, slack, "C2") == []


async def test_upload_in_a_direct_message_is_for_that_conversation(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    await add_report(slack)
    assert [seen_in(library, slack, channel) for channel in ("D1", "C1")] == [["report.txt"], []]


async def test_message_of_the_upload_can_share_it_with_everybody(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    file = slack.hosted.add("report.txt", REPORT)
    reply = await upload_result(
        slack, "D1", await send_files(slack, file, text="The new report. For everybody, please")
    )
    assert "Kept" not in reply
    assert seen_in(library, slack, "C1") == ["report.txt"]


async def test_uploader_can_share_with_everybody_later(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    slack.directory.places["C7"] = PRIVATE
    await run("U1")
    reply = await button_of(slack, "C7", await upload_to(slack, "C7"))
    await press(slack, reply, BUTTON)
    await slack.until(lambda: seen_in(library, slack, "C1") == ["report.txt"])
    assert [d.audience for d in library.catalog.documents()] == ["everybody"]


async def test_only_the_uploader_can_share(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    slack.directory.places["C7"] = PRIVATE
    await run("U1", "U2")
    reply = await button_of(slack, "C7", await upload_to(slack, "C7"))
    answer = await slack.response(await press(slack, reply, BUTTON, user="U2"))
    assert "Only <@U1>" in answer["text"]
    assert seen_in(library, slack, "C1") == []


async def test_files_of_one_name_in_two_channels_are_two_files(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    slack.directory.places |= {"C7": PRIVATE, "C8": PRIVATE}
    await run("U1")
    for channel in ("C7", "C8"):
        assert "is new here" in await upload_result(slack, channel, await upload_to(slack, channel))
    assert [document.source for document in library.catalog.documents()] == ["report.txt"] * 2
    assert library.stored == {REPORT}


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
