"""An app that is installed in all workspaces of an organization: one team for what it is asked and what it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.core.access import LibraryUsers
from bot.slack.core.options import ChannelData
from bot.slack.core.people import Names
from store.audiences import Audience
from tests.bot.slack.conftest import Start, channel_data
from tests.bot.slack.options import at
from tests.fake_slack.slack import FakeSlack

ORGANIZATION = "E0ORG"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    fake = FakeSlack(organization=ORGANIZATION)
    fake.directory.people["U1"] = {"enterprise_user": {"enterprise_id": ORGANIZATION}}
    await fake.start()
    yield fake
    await fake.stop()
    assert fake.problems == []


async def test_home_has_what_the_person_subscribed_to(slack: FakeSlack, start: Start, tmp_path: Path) -> None:
    await start(clock=at("2024-05-01T09:00"))
    await slack.response(await slack.command("subscribe weekly WSIS", channel="D1"))
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    assert "dates on “WSIS”, every Monday" in str(slack.forms.homes["U1"]["blocks"])


async def test_user_groups_have_no_members_and_the_log_says_why(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.hosted.groups["S1"] = ["U1"]
    client = AsyncWebClient(slack.bot_token, base_url=slack.url)
    keepers = LibraryUsers(["S1"], client, Names(client))
    refusal = str(await keepers.refusal("U1", "add documents"))
    assert "could not find out whether you may add documents" in refusal
    assert "tell whoever runs me" in refusal
    assert "the user group S1 cannot be read: missing_argument" in caplog.text


async def test_digest_of_a_channel_has_the_documents_that_its_lists_have(
    slack: FakeSlack, start: Start, tmp_path: Path
) -> None:
    read_as: list[Audience] = []

    def read(audience: Audience) -> ChannelData:
        read_as.append(audience)
        return channel_data()

    await start(channel_data=read, clock=at("2024-05-01T06:00"), digest_channel="C1")
    await slack.reply("C1")
    await slack.response(await slack.command("dates"))
    assert read_as == [f"{ORGANIZATION}/C1"] * 2
