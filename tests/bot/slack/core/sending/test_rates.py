"""Slack's rates: a message a second to a channel, and a number of calls a minute of each method."""

from __future__ import annotations

import asyncio

from tests.fake_slack.slack import FakeSlack


async def test_mentions_at_once_are_answered_once_each_at_slacks_rate(slack: FakeSlack, bot: object) -> None:
    slack.rates.enforced = True
    asked = [(channel, text) for channel in ("C1", "C2", "C3") for text in ("When?", "Where?", "Who comes?")]
    sent = await asyncio.gather(*(slack.mention(channel, text) for channel, text in asked))
    for (channel, text), message in zip(asked, sent, strict=True):
        reply = await slack.reply(channel, message["ts"])
        assert f"You asked: {text}" in reply["text"]
    assert [len(slack.replies(channel, m["ts"])) for (channel, _), m in zip(asked, sent, strict=True)] == [
        1
    ] * 9
