"""The list of documents, and the window with what changed in one: of a private document, only where it is seen."""

from __future__ import annotations

import pytest

from tests.bot.slack.features.library.real_library import LATER
from tests.bot.slack.features.shown_register import Register
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import labels, opened_by, press
from tests.fake_slack.slack import FakeSlack


async def listed(slack: FakeSlack, channel: str = "C1") -> Message:
    """Type the command, and return the list."""
    return await slack.response(await slack.command("documents", channel=channel))


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
    await register.ingest(LATER)
    shown = await listed(slack)
    assert "*Report on the summit*, 20 April 2024, version 2" in str(shown["blocks"])
    view, _ = await opened_by(slack, press(slack, shown, "What changed"))
    assert view["title"]["text"] == "What changed"
    assert "~eighty~ *ninety*" in str(view["blocks"])


async def test_document_of_one_version_has_no_changes_to_show(slack: FakeSlack, register: Register) -> None:
    await register.open()
    assert labels(await listed(slack)) == ["Share to channel"]


async def test_changes_of_a_private_document_are_shown_in_its_channel(
    slack: FakeSlack, private: None
) -> None:
    view, _ = await opened_by(slack, press(slack, await listed(slack), "What changed", channel="C1"))
    assert "ninety" in str(view["blocks"])


async def test_changes_of_a_private_document_are_refused_in_another_channel(
    slack: FakeSlack, private: None
) -> None:
    shown = await listed(slack)
    assert "Report on the summit" not in str(await listed(slack, "C2"))
    told = await slack.response(await press(slack, shown, "What changed", channel="C2"))
    assert "or it is not for this channel" in told["text"]
    assert slack.forms.opened == []


async def test_changes_of_a_private_document_are_refused_in_the_home_tab(
    slack: FakeSlack, private: None
) -> None:
    shown = await listed(slack)
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    home = slack.forms.homes["U1"]
    assert "Report on the summit" not in str(home)
    # As if the button of the channel's list were there.
    await press(slack, {**home, "blocks": shown["blocks"]}, "What changed")
    assert "or it is not for this channel" in (await slack.reply("D1"))["text"]
    assert slack.forms.opened == []
