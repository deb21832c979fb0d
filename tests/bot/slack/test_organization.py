"""An app that is installed in all workspaces of an organization: one team for what it is asked and what it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack.core.options import ChannelData
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
