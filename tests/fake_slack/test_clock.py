"""The fake Slack's clock: a message has a second of its own, and none is behind the clock of the bots."""

from __future__ import annotations

import time

from tests.fake_slack.slack import FakeSlack


async def test_message_is_never_behind_the_clock() -> None:
    slack = FakeSlack()
    slack.pass_time(-3_600)
    first, second = (float(slack.say("C1", "text")["ts"]) for _ in range(2))
    assert int(time.time()) <= first < second
