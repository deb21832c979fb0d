"""The windows with the documents, and with what changed in one: of a private document, only where it is seen."""

from __future__ import annotations

import pytest

from tests.bot.slack.features.library.real_library import LATER
from tests.bot.slack.features.shown_register import Register
from tests.bot.slack.windows import choices, home, window
from tests.fake_slack.forms import View, labels, press
from tests.fake_slack.slack import FakeSlack


async def listed(slack: FakeSlack, channel: str = "C1") -> View:
    """Open the list after the command."""
    return await window(slack, await choices(slack, channel), "Documents")


@pytest.fixture
async def private(slack: FakeSlack, register: Register) -> None:
    """A bot with a document in two versions that only the channel C1 sees."""
    here = f"{slack.team}/C1"
    await register.open(audience=here)
    await register.ingest(LATER, here)


async def test_list_names_version_and_date_and_opens_what_changed(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    assert labels(await listed(slack)) == []
    await register.ingest(LATER)
    shown = await listed(slack)
    assert "*Report on the summit*, 20 April 2024, version 2" in str(shown["blocks"])
    view = await window(slack, shown, "What changed")
    assert view["title"]["text"] == "What changed"
    assert "~eighty~ *ninety*" in str(view["blocks"])


async def test_private_document_and_its_changes_are_shown_in_its_channel_alone(
    slack: FakeSlack, private: None
) -> None:
    shown = await listed(slack)
    assert "ninety" in str((await window(slack, shown, "What changed"))["blocks"])
    for other in (await listed(slack, "C2"), await window(slack, await home(slack), "Documents")):
        assert "Report on the summit" not in str(other)
        # As if the button of the channel's list were there.
        await press(slack, {**other, "blocks": shown["blocks"]}, "What changed")
        await slack.until(lambda other=other: "not for this channel" in str(other))
