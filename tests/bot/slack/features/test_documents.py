"""The windows with the documents, and with what changed in one: of a private document, only where it is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.slack.features.documents import documents_view
from store.records import Document
from tests.bot.slack.features.library.real_library import LATER
from tests.bot.slack.features.shown_register import Register
from tests.bot.slack.windows import choices, home, window
from tests.fake_slack.forms import View, press
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


def test_list_has_the_newest_document_first_and_marks_those_of_one_conversation() -> None:
    report = Document("r", "report.txt", "Report to *Council*", "C24/1", date(2024, 4, 29), version=2)
    older = replace(report, title="Older", date=date(2023, 1, 1), audience="T1/C1")
    undated = replace(report, title="Undated", date=None)
    text = str(documents_view([older, report, undated], "C1"))
    assert (
        text.index("Report")
        < text.index("Older")
        < text.index("this conversation only")
        < text.index("Undated")
    )
    assert "no documents yet" in str(documents_view([], ""))
