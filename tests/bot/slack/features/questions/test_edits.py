"""Edited messages: a mention that an edit adds is a question; no other edit is one."""

from __future__ import annotations

import pytest

from tests.bot.slack.conftest import Assistant
from tests.bot.slack.features.questions.test_questions import settle
from tests.fake_slack.channels import Message
from tests.fake_slack.slack import FakeSlack


@pytest.mark.parametrize("form", ["app_mention", "message_changed"])
async def test_mention_that_an_edit_adds_is_answered_once(slack: FakeSlack, bot: object, form: str) -> None:
    asked = slack.say("C1", "When is the summit?")
    for _ in range(2):
        await slack.deliver(edit(slack, asked, f"<@{slack.bot_user}> When is the summit?", form))
    reply = await slack.reply("C1", asked["ts"])
    await settle(slack, asked["ts"])
    assert "You asked: When is the summit?" in reply["text"]
    assert len(slack.replies("C1", asked["ts"])) == 2


@pytest.mark.parametrize("form", ["app_mention", "message_changed"])
async def test_edit_of_an_answered_mention_is_not_answered_again(
    slack: FakeSlack, bot: object, form: str
) -> None:
    asked = await slack.mention("C1", "When is the sumit?")
    await slack.reply("C1", asked["ts"])
    await slack.deliver(edit(slack, asked, f"<@{slack.bot_user}> When is the summit?", form))
    await settle(slack, asked["ts"])
    assert len(slack.replies("C1", asked["ts"])) == 2


@pytest.mark.parametrize("form", ["app_mention", "message_changed"])
async def test_edit_of_an_old_message_is_no_question(
    slack: FakeSlack, bot: object, assistant: Assistant, form: str
) -> None:
    asked = slack.say("C1", "When is the summit?")
    await slack.deliver(edit(slack, asked, f"<@{slack.bot_user}> When?", form, seconds=48 * 3600))
    await slack.direct("For you?")
    await slack.reply("D1")
    assert assistant.questions == ["For you?"]


def edit(slack: FakeSlack, message: Message, text: str, form: str, seconds: int = 60) -> Message:
    """Return the event of an edit so many seconds after the message, in one of the forms that Slack sends."""
    edited = {"user": message["user"], "ts": f"{float(message['ts']) + seconds:.6f}"}
    changed = {**message, "text": text, "edited": edited}
    if form == "app_mention":
        return {**changed, "type": "app_mention", "channel": "C1"}
    event = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": edited["ts"]}
    return {**event, "channel": "C1", "message": changed, "previous_message": message}
