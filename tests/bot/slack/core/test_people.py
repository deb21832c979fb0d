"""What Slack says of people, kept for a while."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.slack.core.people import People, SlackCache
from bot.slack.core.sending.clients import SlackClients
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack


async def test_known_time_zone_and_language_are_used_while_slack_does_not_answer(slack: FakeSlack) -> None:
    now = [0.0]
    client = SlackClients(slack.bot_token, slack.url).unretried
    people = People(client, ZoneInfo("UTC"), SlackCache(lambda: now[0]))
    slack.directory.people["U1"] = {"tz": "Asia/Tokyo", "locale": "fr-CA"}
    known = await people.zone("U1")
    now[0] = 10_000.0
    slack.faults["users.info"] = [Fault("refuse", error="internal_error")] * 3
    assert (known.key, (await people.zone("U1")).key) == ("Asia/Tokyo", "Asia/Tokyo")
    assert [await people.language(user) for user in ("U1", "U2")] == ["fr", "en"]
