"""What Slack has refused: remembered by its key, for an hour."""

from __future__ import annotations

from bot.slack.core.sending.clients import Refusals


def test_channel_that_refuses_streams_is_asked_again_after_an_hour() -> None:
    now = 0.0
    refused = Refusals(lambda: now)
    refused.add("C1")
    assert ("C1" in refused, "C2" in refused) == (True, False)
    now = 3601.0
    assert "C1" not in refused
