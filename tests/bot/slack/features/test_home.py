"""The Home tab: what everybody may see of the documents, and more for those who keep the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from bot.register import RegisterEntry
from bot.slack.core.options import ChannelData
from store.audiences import Audience
from store.errors import NoStore
from store.jobs import NO_EVIDENCE, AnswerRecord, Delivery, Holder, QuestionStore, SlackMessage
from store.records import EVERYBODY
from tests.bot.register_entries import spring
from tests.bot.slack.conftest import REPORT, Start, channel_data
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import labels, opened_by, press
from tests.fake_slack.slack import FakeSlack


async def home(slack: FakeSlack, user: str = "U1") -> str:
    """Open the tab, and return what it shows."""
    await slack.open_tab("home", user=user)
    await slack.until(lambda: user in slack.forms.homes)
    return str(slack.forms.homes[user]["blocks"])


async def press_at_home(slack: FakeSlack, label: str) -> None:
    """Press a button of the tab."""
    await press(slack, slack.forms.homes["U1"], label)


async def window(slack: FakeSlack, label: str, user: str = "U1") -> str:
    """Open the tab, press a button that opens a window, and return what that shows."""
    await home(slack, user)
    view, _ = await opened_by(slack, press(slack, slack.forms.homes[user], label, user=user))
    return str(view)


def publications(slack: FakeSlack) -> int:
    """Return how often a tab was published."""
    return len(slack.called("views.publish"))


async def test_home_has_dates_and_documents(slack: FakeSlack, bot: object) -> None:
    shown = await home(slack)
    assert "*9–10 May 2024*  UN Civil Society Conference, Nairobi" in shown
    assert "*Report to Council*, 29 April 2024" in shown


async def test_window_shows_what_changed_in_a_document(slack: FakeSlack, start: Start) -> None:
    other = replace(REPORT, id="other", source="other.txt", title="Other")
    documents = [replace(REPORT, version=2), other]
    await start(channel_data=replace(channel_data(), documents=lambda: documents))
    shown = await window(slack, "What changed")
    assert ("'What changed'" in shown, "*ninety*" in shown) == (True, True)
    assert labels(slack.forms.homes["U1"]).count("What changed") == 1


async def test_changes_of_a_document_that_is_gone_are_explained(slack: FakeSlack, start: Start) -> None:
    gone = replace(REPORT, id="gone.txt", version=2)
    await start(channel_data=replace(channel_data(), documents=lambda: [gone]))
    await home(slack)
    await press_at_home(slack, "What changed")
    assert "not in my library any more" in (await slack.reply("D1"))["text"]
    assert slack.forms.opened == []


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


async def test_other_tab_publishes_nothing(slack: FakeSlack, bot: object) -> None:
    await slack.open_tab("messages")
    await home(slack)
    assert publications(slack) == 1


async def test_documents_are_in_pages(slack: FakeSlack, start: Start) -> None:
    many = [replace(REPORT, id=f"{n}", source=f"report-{n:02}.txt", title=f"Report {n}") for n in range(45)]
    await start(channel_data=replace(channel_data(), documents=lambda: many))
    assert "Page 1 of 3" in await home(slack)
    await press_at_home(slack, "Next")
    await slack.until(lambda: "Page 2 of 3" in str(slack.forms.homes["U1"]))
    assert "*Report 24*" in str(slack.forms.homes["U1"])


@pytest.mark.parametrize(("user", "shown"), [("U1", True), ("U2", False)])
async def test_only_those_who_keep_the_library_have_its_window(
    slack: FakeSlack, start: Start, user: str, shown: bool
) -> None:
    await start(library_users=("U1",))
    await home(slack, user)
    assert ("Keeping the library" in labels(slack.forms.homes[user])) is shown


async def test_window_of_the_library_says_how_to_add_to_it(slack: FakeSlack, start: Start) -> None:
    await start(library_users=("U1",))
    assert "Send me a file under *Messages*" in await window(slack, "Keeping the library")


async def test_window_of_the_library_is_refused_to_somebody_who_keeps_it_no_more(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    await start(library_users=("U1",))
    await home(slack)
    # The tab that one person has open, pressed by another who has no right.
    await press(slack, slack.forms.homes["U1"], "Keeping the library", user="U2")
    told = await slack.reply("D2")
    assert "You may not add documents" in told["text"]
    assert (slack.forms.opened, "What of C2?" in str(told)) == ([], False)


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
    await press_at_home(slack, "Send me all dates")
    await press_at_home(slack, "Send me a calendar file")
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
    shown = await window(slack, "Keeping the library")
    assert "“What of C2?”" in shown
    assert "3 questions in private conversations" in shown
    assert not any(f"What of {channel}" in shown for channel in ("C3", "C7", "D2"))


async def test_slack_is_asked_once_whether_a_channel_is_public(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    await start(library_users=("U1", "U2"))
    for user in ("U1", "U2"):
        assert "“What of C2?”" in await window(slack, "Keeping the library", user)
    assert [asked["channel"] for asked in slack.called("conversations.info")] == ["C2"]


async def test_channel_of_which_slack_says_nothing_is_asked_about_again(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    await start(library_users=("U1", "U2"))
    slack.faults["conversations.info"].append(Fault("refuse"))
    assert "“What of C2?”" not in await window(slack, "Keeping the library")
    assert "“What of C2?”" in await window(slack, "Keeping the library", "U2")


async def test_those_who_keep_the_library_see_the_votes(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    [key] = [one.message.key for one in state.unanswered(newer_than=60.0)]
    state.save_vote(key, "U3", "bad")
    await start(library_users=("U1",))
    assert "0 good votes, 1 bad vote" in await window(slack, "Keeping the library")
