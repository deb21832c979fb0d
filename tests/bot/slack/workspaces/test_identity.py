"""The start of the bot names the scopes that its app lacks."""

from __future__ import annotations

import pytest

from bot.slack.core.sending.clients import SlackClients
from bot.slack.workspaces.workspace import identify
from tests.fake_slack.slack import FakeSlack


@pytest.mark.parametrize(
    ("needed", "warned"), [(["chat:write"], False), (["chat:write", "files:read"], True)]
)
async def test_scopes_that_the_app_lacks_are_logged(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture, needed: list[str], warned: bool
) -> None:
    slack.scopes.discard("files:read")

    identity = await identify(SlackClients(slack.bot_token, slack.url).retrying, needed)

    assert identity.bot_user_id == slack.bot_user
    assert ("lacks the scopes files:read; `itubot doctor`" in caplog.text) == warned
