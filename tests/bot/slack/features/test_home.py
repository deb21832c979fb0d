"""The Home tab and the messages tab: dates, what a person follows, questions to ask, and the keepers' window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.slack.core.options import ChannelData
from bot.slack.features.home import suggested_questions
from store.audiences import Audience
from store.errors import NoStore, StoreUnavailable
from store.jobs import (
    NO_EVIDENCE,
    AnswerRecord,
    Delivery,
    Holder,
    QuestionJob,
    QuestionStore,
    Reminder,
    ReminderStore,
    SlackMessage,
    Subscription,
    SubscriptionStore,
)
from store.records import EVERYBODY, Document
from tests.bot.register_entries import AS_OF, entry
from tests.bot.slack.conftest import Assistant, Start, channel_data
from tests.bot.slack.options import at
from tests.bot.slack.windows import home, window
from tests.fake_slack.forms import View, labels, press
from tests.fake_slack.slack import FakeSlack

REMINDER = Reminder("r1", "T0TEAM", "U1", "D1", "c-sids4", 7, "SIDS4", date(2024, 5, 27), "27–30 May 2024")
SUBSCRIPTION = Subscription("s1", "T0TEAM", "D1", "U1", "weekly", "WSIS", "", 4e9, 0, {})
OLD = Document("old.txt", "old.txt", "Report to Council 2023", date=date(2023, 4, 1), version=3)
NEW = Document("new.txt", "new.txt", "Report to Council 2024", date=date(2024, 4, 29))


async def test_each_tab_shows_what_its_audience_may_see(slack: FakeSlack, start: Start) -> None:
    asked: list[Audience] = []

    def read(audience: Audience) -> ChannelData:
        asked.append(audience)
        return channel_data()

    await start(channel_data=read)
    await home(slack)
    await slack.open_messages()
    await slack.until(lambda: "D1" in slack.agents.prompts)
    assert asked == [EVERYBODY, f"{slack.team}/D1"]


async def test_guest_sees_the_reason_alone(slack: FakeSlack, start: Start) -> None:
    slack.directory.people["U1"] = {"is_restricted": True}
    slack.agents.is_agent = False
    await start()
    shown = str(await home(slack))
    assert ("guests" in shown, "Conference" in shown) == (True, False)


async def test_without_documents_the_home_says_so_and_nothing_is_suggested(
    slack: FakeSlack, start: Start
) -> None:
    def nothing(_audience: Audience) -> ChannelData:
        raise NoStore("there are no documents")

    await start(channel_data=nothing)
    assert "no documents yet" in str(await home(slack))
    await slack.open_messages()
    await slack.direct("When?")
    assert "You asked" in (await slack.reply("D1"))["text"]
    assert slack.agents.prompts == {}


def test_suggested_questions_are_for_the_next_date_and_the_last_change() -> None:
    assert suggested_questions([entry("Forum", "2024-05-27")], [OLD, NEW], AS_OF) == [
        "What is due in the next 30 days?",
        "When is Forum?",
        "What changed in Report to Council 2023?",
        "What was postponed or cancelled?",
    ]
    assert len(suggested_questions([], [NEW], AS_OF)) == 4


# What a person follows


def own_part(shown: View) -> str:
    """Return what stands above the coming dates."""
    return str(shown["blocks"]).partition("'Coming dates'")[0]


@pytest.mark.parametrize(
    ("label", "gone", "stays", "store", "method"),
    [
        ("Cancel reminder", "Reminder: *SIDS4*, 27–30 May 2024", "“WSIS”", ReminderStore, "cancel"),
        ("Unsubscribe", "dates on “WSIS”, every Monday at 08:00", "*SIDS4*", SubscriptionStore, "end"),
    ],
)
async def test_home_has_what_its_person_follows_and_ends_it_or_says_why_not(
    slack: FakeSlack,
    start: Start,
    state: QuestionStore,
    monkeypatch: pytest.MonkeyPatch,
    label: str,
    gone: str,
    stays: str,
    store: type[object],
    method: str,
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("the database does not answer")

    for one in (REMINDER, replace(REMINDER, id="r2", user="U2", title="Other")):
        ReminderStore.beside(state).add(one)
    for read in (SUBSCRIPTION, replace(SUBSCRIPTION, id="s2", channel="C1", topic="Other")):
        SubscriptionStore.beside(state).add(read, None)
    await start(clock=at("2024-05-01T09:00"))
    shown = await home(slack)
    assert [words in own_part(shown) for words in (gone, stays, "Other")] == [True, True, False]
    with monkeypatch.context() as patch:
        patch.setattr(store, method, fail)
        await press(slack, shown, label)
        failed = "That did not work: the database does not answer"
        await slack.until(lambda: failed in str(slack.forms.homes["U1"]["blocks"][0]))
    await press(slack, slack.forms.homes["U1"], label)
    await slack.until(lambda: gone not in own_part(slack.forms.homes["U1"]))
    assert (stays in own_part(slack.forms.homes["U1"]), slack.messages["D1"]) == (True, [])


# The messages tab


async def test_greeting_comes_once_and_is_no_turn_of_the_conversation(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    for number in (1, 2):
        await slack.open_messages()
        await slack.until(lambda n=number: len(slack.called("assistant.threads.setSuggestedPrompts")) == n)
    [greeting] = slack.replies("D1")
    assert (greeting["text"][:6], len(slack.agents.prompts["D1"])) == ("Hello!", 4)
    await slack.direct("When is the summit?", thread=greeting["ts"])
    await slack.until(lambda: bool(assistant.asked))
    assert assistant.asked == [("When is the summit?", [])]


async def test_app_for_guests_greets_them_and_suggests_nothing(slack: FakeSlack, start: Start) -> None:
    slack.agents.is_agent = False
    slack.directory.people["U5"] = {"is_restricted": True}
    await start(allow_guests=True)
    await slack.open_messages(user="U5")
    assert (await slack.reply("D5"))["text"].endswith("Ask me.")
    assert slack.called("assistant.threads.setSuggestedPrompts") == []


# Keeping the library


async def test_keepers_of_the_library_alone_see_unanswered_questions_of_public_channels(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    slack.directory.places["C7"] = {"is_private": True, "is_channel": False, "is_group": True}
    typed = Delivery(response_url="https://hooks.slack.com/1")
    for channel, delivery in (("C2", None), ("C7", None), ("D2", None), ("C3", typed)):
        ts = slack.say(channel, "?")["ts"]
        message = SlackMessage(slack.team, channel, ts, ts, "U2", f"What of {channel}?")
        job = state.claim(QuestionJob(message, delivery=delivery), Holder("me", 60.0))
        assert job is not None
        state.change(
            job.lease, sending=True, reply="", record=AnswerRecord(answered=False, reason=NO_EVIDENCE)
        )
        state.change(job.lease, True, outcome="answer")
    await start(library_users=("U1",))
    own = await home(slack)
    shown = str(await window(slack, own, "Keeping the library"))
    assert "Send me a file under *Messages*" in shown
    assert "“What of C2?”" in shown
    assert "3 questions in private conversations" in shown
    assert not any(f"What of {channel}" in shown for channel in ("C3", "C7", "D2"))

    assert "Keeping the library" not in labels(await home(slack, "U2"))
    # The tab that one person has open, pressed by another who has no right.
    await press(slack, own, "Keeping the library", user="U2")
    told = await slack.reply("D2")
    assert "You may not add documents" in told["text"]
    assert (len(slack.forms.opened), "What of C2?" in str(told)) == (1, False)
