"""Notices: a refusal of one ends it, a refusal of the bot itself does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import Poster
from bot.slack.features.notices import NoticeSender
from store.jobs import Notice, NoticeStore
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import state_url
from tests.store.jobs.stored_outcome import open_notices, until_stored

NOTICE = Notice("T0TEAM", "D1", "The summit is near.", [], "U1")


@pytest.fixture
async def store(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[NoticeStore]:
    """A store whose notices are sent."""
    store, clients = NoticeStore.open(state_url(tmp_path)), SlackClients(slack.bot_token, slack.url)
    poster = Poster(clients.posting, clients.retrying, slack.bot_user)
    sender = NoticeSender(store, poster, renew_every=0.02, lease_seconds=30.0, pause=0.01)
    sender.runner.start()
    yield store
    await sender.runner.close(5)


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive", "missing_scope"])
async def test_notice_waits_until_slack_takes_messages_of_the_bot_again(
    slack: FakeSlack, store: NoticeStore, code: str
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error=code)] * 3
    store.put("n1", NOTICE)
    message = await slack.reply("D1")
    assert message["text"] == NOTICE.text


async def test_notice_that_slack_refuses_is_not_sent_again(slack: FakeSlack, store: NoticeStore) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="channel_not_found")]
    store.put("n1", NOTICE)
    await until_stored(lambda: not open_notices(store))
    assert slack.replies("D1") == []
