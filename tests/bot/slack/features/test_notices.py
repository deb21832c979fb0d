"""Notices: a refusal of one ends it, a refusal of the bot itself does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.slack.features import notices
from store.jobs import Notice, NoticeStore, QuestionStore
from tests.bot.slack.conftest import PATIENT
from tests.bot.slack.services import workspace_services
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_notices, until_stored

NOTICE = Notice("T0TEAM", "D1", "The summit is near.", [], "U1")


@pytest.fixture
async def store(
    slack: FakeSlack, state: QuestionStore, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[NoticeStore]:
    """A store whose notices are sent."""
    monkeypatch.setattr(notices, "_PAUSE_SECONDS", 0.01)
    sender = notices.Notices(workspace_services(slack, state, timing=PATIENT))
    sender.runner.start()
    yield NoticeStore.beside(state)
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


async def test_conversation_that_a_notice_begins_is_named_after_it(
    slack: FakeSlack, store: NoticeStore
) -> None:
    store.put("n1", replace(NOTICE, text="The summit is near.\nIt is in New York."))
    message = await slack.reply("D1")
    await slack.until(lambda: message["ts"] in slack.agents.titles)
    assert slack.agents.titles[message["ts"]] == "The summit is near."
