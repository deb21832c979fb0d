"""Questions beside uploads, in direct messages and in mentions."""

from __future__ import annotations

import pytest

from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary, upload_result
from tests.fake_slack.hosted_files import mention_with_files, send_files
from tests.fake_slack.slack import FakeSlack


async def test_question_beside_an_upload_is_answered_after_it(
    slack: FakeSlack, run: Start, library: RealLibrary, assistant: Assistant
) -> None:
    await run("U1")
    library.go.clear()
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT), text="What is due?")
    await library.began.wait()
    assert assistant.questions == []
    library.go.set()
    assert "You asked: What is due?" in str(await slack.reply("D1", message["ts"], 2))


@pytest.mark.parametrize("text", ["Summarise the work on AI", "Key dates\nfor everybody"])
async def test_text_beside_an_upload_is_answered_without_a_question_mark(
    slack: FakeSlack, run: Start, assistant: Assistant, text: str
) -> None:
    await run("U1")
    message = await send_files(slack, slack.hosted.add("report.txt", REPORT), text=text)
    assert "You asked" in str(await slack.reply("D1", message["ts"], 2))
    assert assistant.questions == [text.splitlines()[0]]


@pytest.mark.parametrize(
    "text", ["The new report", "Here is the draft.", "Please add this", "For everybody", "FYI", "Thanks!"]
)
async def test_text_that_only_hands_a_file_over_is_no_question(
    slack: FakeSlack, run: Start, assistant: Assistant, text: str
) -> None:
    await run("U1")
    await upload_result(slack, "D1", await send_files(slack, slack.hosted.add("r.txt", REPORT), text=text))
    asked = await slack.direct("When?")
    await slack.reply("D1", asked["ts"])
    assert assistant.questions == ["When?"]


async def test_file_of_a_mention_is_added_and_its_text_is_answered(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    file = slack.hosted.add("report.txt", REPORT)
    message = await mention_with_files(slack, file, text="What is due?")
    assert "is new here" in await upload_result(slack, "C1", message)
    await slack.until(lambda: "You asked: What is due?" in str(slack.replies("C1", message["ts"])))
    assert library.sources == ["report.txt"]


async def test_file_of_a_mention_that_arrives_as_a_message_too_is_added_once(
    slack: FakeSlack, run: Start, library: RealLibrary, assistant: Assistant
) -> None:
    await run("U1")
    message = await mention_with_files(slack, slack.hosted.add("report.txt", REPORT), text="What is due?")
    await slack.deliver({**message, "channel": "C1", "channel_type": "channel"})
    await slack.until(lambda: "You asked: What is due?" in str(slack.replies("C1", message["ts"])))
    assert (library.runs, assistant.questions) == (1, ["What is due?"])
