"""The doctor asks Slack itself whether it takes the tokens."""

from __future__ import annotations

import asyncio

import pytest

from bot.doctor import CheckResult
from bot.doctor.slack import check_slack
from bot.settings import Settings
from tests.fake_slack.slack import FakeSlack


async def checks(
    slack: FakeSlack, bot: str = "xoxb-good", app: str = "xapp-good", **features: str
) -> list[CheckResult]:
    tokens = {"slack_bot_token": bot, "slack_app_token": app}
    settings = Settings(**tokens, slack_api_url=slack.url, **features)
    return await asyncio.to_thread(lambda: list(check_slack(settings)))


async def test_good_tokens_name_the_bot_and_its_workspace(slack: FakeSlack) -> None:
    found = await checks(slack)

    assert [check.verdict for check in found] == ["ok", "ok", "ok"]
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


async def test_a_missing_scope_is_named_with_its_feature_and_the_way_out(slack: FakeSlack) -> None:
    slack.scopes -= {"files:read", "users:read"}

    [scopes] = [check for check in await checks(slack, library_users="U1") if check.name == "Slack scopes"]

    assert scopes.verdict == "broken"
    assert "files:read for documents and corrections from Slack" in scopes.found
    assert "users:read for no answers to guests" in scopes.found
    assert "`itubot manifest`" in scopes.remedy
    assert "install the app again" in scopes.remedy

    # One of a feature that is off is not missed.
    slack.scopes |= {"files:read", "users:read"}
    slack.scopes -= {"assistant:write"}
    [scopes] = [check for check in await checks(slack, allow_guests=True) if check.name == "Slack scopes"]
    assert scopes.verdict == "ok"
