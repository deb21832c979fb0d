"""What Slack says of people, kept for a while."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.slack.core.people import SlackCache, TimeZones
from bot.slack.core.sending.clients import SlackClients
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack


async def test_known_time_zone_is_used_while_slack_does_not_answer(slack: FakeSlack) -> None:
    now = [0.0]
    client = SlackClients(slack.bot_token, slack.url).unretried
    zones = TimeZones(client, ZoneInfo("UTC"), SlackCache(lambda: now[0]))
    slack.directory.people["U1"] = {"tz": "Asia/Tokyo"}
    known = await zones.of("U1")
    now[0] = 10_000.0
    slack.faults["users.info"] = [Fault("refuse", error="internal_error")]
    assert (known.key, (await zones.of("U1")).key) == ("Asia/Tokyo", "Asia/Tokyo")
