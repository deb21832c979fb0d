"""The doctor asks Slack itself whether it takes the tokens."""

from __future__ import annotations

import asyncio

import pytest

from bot.doctor import CheckResult
from bot.doctor.checks import check_slack
from bot.settings import Settings
from tests.bot.slack.fakes.slack import FakeSlack


async def checks(slack: FakeSlack, bot: str, app: str) -> list[CheckResult]:
    tokens = {"slack_bot_token": bot, "slack_app_token": app}
    settings = Settings(**tokens, slack_api_url=slack.url)
    return await asyncio.to_thread(lambda: list(check_slack(settings)))


async def test_good_tokens_name_the_bot_and_its_workspace(slack: FakeSlack) -> None:
    found = await checks(slack, slack.bot_token, slack.app_token)

    assert [check.verdict for check in found] == ["ok", "ok"]
    assert found[0].found == "itubot in Test"


@pytest.mark.parametrize(
    ("bot", "app", "named"),
    [("xoxb-wrong", "xapp-good", "SLACK_BOT_TOKEN"), ("xoxb-good", "xapp-wrong", "SLACK_APP_TOKEN")],
)
async def test_a_refused_token_is_named(slack: FakeSlack, bot: str, app: str, named: str) -> None:
    (broken,) = [check for check in await checks(slack, bot, app) if check.verdict == "broken"]

    assert named in broken.found
    assert "invalid_auth" in broken.found
    assert "wrong" not in broken.found
