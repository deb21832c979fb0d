"""The Home tab: what everybody may see of the documents, and more for those who keep the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from bot.changes import Changes
from bot.register import RegisterEntry
from bot.slack.core.options import ChannelData
from store.audiences import Audience
from store.errors import NoStore
from store.jobs import NO_EVIDENCE, AnswerRecord, Delivery, Holder, QuestionStore, SlackMessage
from store.records import EVERYBODY
from tests.bot.register_entries import spring
from tests.bot.slack.conftest import REPORT, Start, channel_data, report_changes
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import press
from tests.fake_slack.slack import FakeSlack


async def home(slack: FakeSlack, user: str = "U1") -> str:
    """Open the tab, and return what it shows."""
    await slack.open_tab("home", user=user)
    await slack.until(lambda: user in slack.forms.homes)
    return str(slack.forms.homes[user]["blocks"])


async def press_at_home(slack: FakeSlack, label: str) -> None:
    """Press a button of the tab."""
    await press(slack, slack.forms.homes["U1"], label)


def publications(slack: FakeSlack) -> int:
    """Return how often a tab was published."""
    return len(slack.called("views.publish"))


async def test_home_has_deadlines_documents_and_changes(slack: FakeSlack, bot: object) -> None:
    shown = await home(slack)
    assert "UN Civil Society Conference" in shown
    assert "29 April 2024, version 1, report.txt" in shown
    assert "version 1 of 29 April 2024 → version 2" in shown


async def test_home_shows_only_what_everybody_may_see(slack: FakeSlack, start: Start) -> None:
    asked: list[Audience] = []

    def read(audience: Audience) -> ChannelData:
        asked.append(audience)
        return channel_data()

    await start(channel_data=read)
    await home(slack)
    assert asked == [EVERYBODY]


async def test_unchanged_home_is_not_published_again(slack: FakeSlack, start: Start) -> None:
    # What each opening reads, in turn.
    registers: Iterator[Sequence[RegisterEntry]] = iter([spring(), spring(), []])
    await start(channel_data=replace(channel_data(), register=lambda _day: next(registers)))
    await home(slack)
    await slack.open_tab("home")
    await slack.open_tab("home")
    await slack.until(lambda: "No upcoming dates" in str(slack.forms.homes["U1"]))
    assert publications(slack) == 2


async def test_changes_are_compared_once_for_the_same_documents(slack: FakeSlack, start: Start) -> None:
    compared: list[str | None] = []
    documents = [REPORT]

    def changes(name: str | None) -> Changes:
        compared.append(name)
        return report_changes(name)

    await start(channel_data=replace(channel_data(), changes=changes, documents=lambda: list(documents)))
    await home(slack)
    await home(slack, "U2")
    documents[0] = replace(REPORT, version=2)
    await home(slack, "U3")
    assert len(compared) == 2


async def test_other_tab_publishes_nothing(slack: FakeSlack, bot: object) -> None:
    await slack.open_tab("messages")
    await home(slack)
    assert publications(slack) == 1


async def test_documents_are_in_pages(slack: FakeSlack, start: Start) -> None:
    many = [replace(REPORT, id=f"{n}", source=f"report-{n:02}.txt") for n in range(45)]
    await start(channel_data=replace(channel_data(), documents=lambda: many))
    assert "Page 1 of 3" in await home(slack)
    await press_at_home(slack, "Next")
    await slack.until(lambda: "Page 2 of 3" in str(slack.forms.homes["U1"]))
    assert "report-24.txt" in str(slack.forms.homes["U1"])


@pytest.mark.parametrize(("user", "shown"), [("U1", True), ("U2", False)])
async def test_only_those_who_keep_the_library_see_how(
    slack: FakeSlack, start: Start, user: str, shown: bool
) -> None:
    await start(library_users=("U1",))
    assert ("Keeping the library" in await home(slack, user)) is shown


async def test_guest_sees_the_reason_alone(slack: FakeSlack, start: Start) -> None:
    slack.directory.people["U1"] = {"is_restricted": True}
    slack.agents.is_agent = False
    await start()
    shown = await home(slack)
    assert ("guests" in shown, "Conference" in shown) == (True, False)


async def test_home_without_documents_says_so(slack: FakeSlack, start: Start) -> None:
    def nothing(_audience: Audience) -> ChannelData:
        raise NoStore("there are no documents")

    await start(channel_data=nothing)
    assert "no documents yet" in await home(slack)


async def test_buttons_send_the_list_and_the_file(slack: FakeSlack, bot: object) -> None:
    await home(slack)
    await press_at_home(slack, "All deadlines")
    await press_at_home(slack, "Calendar file")
    await slack.until(lambda: len(slack.replies("D1")) == 2)
    assert any("files" in message for message in slack.replies("D1"))


async def test_button_opens_the_form_that_asks(slack: FakeSlack, bot: object) -> None:
    await home(slack)
    await press_at_home(slack, "Ask a question")
    await slack.until(lambda: bool(slack.forms.opened))
    assert slack.forms.opened[0]["title"]["text"] == "Ask"


def unanswered(
    slack: FakeSlack, state: QuestionStore, channel: str, delivery: Delivery | None = None
) -> None:
    """Store a question of a channel that the documents did not answer."""
    ts = slack.say(channel, "?")["ts"]
    message = SlackMessage(slack.team, channel, ts, ts, "U2", f"What of {channel}?")
    job = state.claim(message, Holder("me", 60.0), delivery)
    assert job is not None
    state.save_reply(job.lease, "", AnswerRecord(answered=False, reason=NO_EVIDENCE))
    state.finish(job.lease, outcome="answer")


async def test_those_who_keep_the_library_see_unanswered_questions_of_public_channels(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    slack.directory.places["C7"] = {"is_private": True, "is_channel": False, "is_group": True}
    for channel in ("C2", "C7", "D2"):
        unanswered(slack, state, channel)
    unanswered(slack, state, "C3", Delivery(response_url="https://hooks.slack.com/1"))
    await start(library_users=("U1",))
    shown = await home(slack)
    assert "“What of C2?”" in shown
    assert "3 questions in private conversations" in shown
    assert not any(f"What of {channel}" in shown for channel in ("C3", "C7", "D2"))


async def test_slack_is_asked_once_whether_a_channel_is_public(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    await start(library_users=("U1", "U2"))
    for user in ("U1", "U2"):
        assert "“What of C2?”" in await home(slack, user)
    assert [asked["channel"] for asked in slack.called("conversations.info")] == ["C2"]


async def test_channel_of_which_slack_says_nothing_is_asked_about_again(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    await start(library_users=("U1", "U2"))
    slack.faults["conversations.info"].append(Fault("refuse"))
    assert "“What of C2?”" not in await home(slack)
    assert "“What of C2?”" in await home(slack, "U2")


async def test_those_who_keep_the_library_see_the_votes(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    [key] = [one.message.key for one in state.unanswered(newer_than=60.0)]
    state.save_vote(key, "U3", "bad")
    await start(library_users=("U1",))
    assert "0 good votes, 1 bad vote" in await home(slack)
