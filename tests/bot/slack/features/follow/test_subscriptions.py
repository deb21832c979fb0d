"""Subscriptions in Slack: begun and ended by commands and buttons, with a word to the channel; and their alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.slack.core.access import Admission, Policy
from bot.slack.features.follow.subscriptions import ParsedSubscription, Subscriptions, parse_subscription
from store.jobs import QuestionStore, SubscriptionStore
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.bot.slack.options import at
from tests.bot.slack.services import workspace_services
from tests.bot.slack.windows import sent_off, window
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import elements, press
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import open_notices, until_stored

MOVED = REPORT.replace(b"22-23 September", b"24-25 September")
Typed = Callable[..., Awaitable[Message]]


@pytest.fixture
def store(tmp_path: Path) -> SubscriptionStore:
    return SubscriptionStore.open(database_url(tmp_path))


@pytest.fixture
async def typed(slack: FakeSlack, register: Register) -> Typed:
    """Start the bot, and return what is said to somebody who types a command."""
    await register.open(clock=at("2024-05-02T09:00"))

    async def say(text: str, channel: str = "C1") -> Message:
        return await slack.response(await slack.command(text, channel=channel))

    return say


async def test_subscription_of_a_channel_is_told_to_the_channel_listed_and_ended_there_alone(
    slack: FakeSlack, register: Register, typed: Typed, store: SubscriptionStore
) -> None:
    assert (await typed("subscribe weekly summit"))["text"] == (
        "Subscribed: dates on “summit”, every Monday at 08:00 (Europe/Zurich), and at once when a date changes. "
        "1 date matches these words now."
    )
    message = await slack.reply("C1")
    assert message["text"].startswith("<@U1> subscribed this channel to dates on “summit”")
    assert [each["text"]["text"] for each in elements(message)] == ["Unsubscribe"]
    await typed("subscribe daily comments", channel="C2")

    # A channel is asked about before; the button of another channel ends nothing.
    elsewhere = await typed("subscribe", channel="C2")
    assert "confirm" in next(elements(elsewhere))
    response = await register.reply(await press(slack, elsewhere, "Unsubscribe", user="U2"))
    assert "There is no subscription here." in response["text"]
    listed = await typed("subscribe")
    assert listed["text"] == "Digest: dates on “summit”, every Monday at 08:00"
    response = await register.reply(await press(slack, listed, "Unsubscribe", user="U2"))
    assert response["text"] == "Ended: dates on “summit”."
    message = await slack.reply("C1", number=2)
    assert message["text"] == "<@U2> ended the subscription of this channel to dates on “summit”."
    assert [one.topic for one in store.all()] == ["comments"]


async def test_subscription_of_a_person_is_in_their_zone_told_to_nobody_and_replaced_by_the_next(
    slack: FakeSlack, typed: Typed, store: SubscriptionStore
) -> None:
    slack.directory.people["U1"] = {"tz": "America/New_York"}
    response = await typed("subscribe daily Quantum gravity", channel="D1")
    assert "every weekday at 08:00 (America/New_York)" in response["text"]
    assert "No date matches these words yet" in response["text"]
    await typed("subscribe weekly quantum gravity Asia/Tokyo", channel="D1")
    [one] = store.all()
    assert (one.channel, one.often, one.topic, one.zone) == ("D1", "weekly", "Quantum gravity", "Asia/Tokyo")
    assert slack.messages["D1"] == []


async def test_subscription_in_a_channel_without_the_bot_is_refused(
    slack: FakeSlack, typed: Typed, store: SubscriptionStore
) -> None:
    slack.directory.places["C1"] = {"is_member": False}
    assert "I am not a member of this channel" in (await typed("subscribe daily"))["text"]
    assert store.all() == []


@pytest.mark.parametrize("channel", ["C1", "D1"])
async def test_the_word_alone_makes_no_subscription_and_offers_the_form(
    slack: FakeSlack, typed: Typed, store: SubscriptionStore, channel: str
) -> None:
    response = await typed("subscribe", channel=channel)
    assert response["text"] == "There is no subscription here."
    assert (store.all(), slack.messages[channel]) == ([], [])
    form = await window(slack, response, "Subscribe", channel=channel)
    answer = await sent_off(slack, form, topic="summit", often="weekly")
    assert "Subscribed: dates on “summit”, every Monday" in str(answer)
    assert [(one.channel, one.often, one.topic) for one in store.all()] == [(channel, "weekly", "summit")]


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("weekly", ParsedSubscription("weekly", "", "")),
        ("Daily WSIS Forum", ParsedSubscription("daily", "WSIS Forum", "")),
        ("weekly “WSIS” Europe/Paris", ParsedSubscription("weekly", "WSIS", "Europe/Paris")),
        ("weekly UTC", ParsedSubscription("weekly", "", "UTC")),
        ("A/RES/76/307", ParsedSubscription("daily", "A/RES/76/307", "")),
        ("everything", ParsedSubscription("daily", "", "")),
    ],
)
def test_subscription_has_a_rhythm_a_topic_and_a_zone(typed: str, parsed: ParsedSubscription) -> None:
    assert parse_subscription(typed) == parsed


# Alerts


@pytest.fixture
def alerts(
    slack: FakeSlack, state: QuestionStore, store: SubscriptionStore, library: RealLibrary
) -> Callable[..., Awaitable[list[str]]]:
    """Review the subscriptions, wait until all is sent, and return the alerts of a channel so far."""

    async def review(channel: str = "C1") -> list[str]:
        services = workspace_services(slack, state, library.channel_data)
        members_alone = Admission(Policy(), services.clients.unretried, slack.team)
        await Subscriptions(replace(services, admission=members_alone)).review(datetime.now(UTC))
        await until_stored(lambda: not open_notices(store))
        texts = [str(each["text"]).splitlines() for each in slack.messages[channel]]
        return [lines[1] for lines in texts if lines[0] == "A date changed"]

    return review


Alerts = Callable[..., Awaitable[list[str]]]


async def test_moved_date_of_two_subscriptions_of_a_channel_is_one_alert(
    slack: FakeSlack, register: Register, typed: Typed, alerts: Alerts
) -> None:
    for topic in ("summit", "comments", "everything"):
        await typed(f"subscribe {topic}")
    await register.ingest(MOVED)
    assert await alerts() == [f"{SUMMIT}: 22–23 September 2024 → 24–25 September 2024  [§ 1.1]"]
    [message] = [each for each in slack.messages["C1"] if each["text"].startswith("A date changed")]
    assert "Digest: all dates, every weekday at 08:00\nDigest: dates on “summit”" in message["text"]
    assert [each["text"]["text"] for each in elements(message)] == ["Unsubscribe", "Unsubscribe"]
    assert len(await alerts()) == 1


@pytest.mark.parametrize(
    "text",
    [
        REPORT.replace(b"1.1 The", b"1.1 Nobody knows when the").replace(b"22-23 September 2024", b"later"),
        b"1.1 Nothing is planned.",
    ],
)
async def test_date_that_no_document_has_any_more_is_told_once(
    register: Register, typed: Typed, alerts: Alerts, text: bytes
) -> None:
    await typed("subscribe summit")
    await register.ingest(text)
    told = [f"{SUMMIT}: no longer among the dates in my documents; it was 22–23 September 2024."]
    assert await alerts() == told
    assert await alerts() == told


async def test_library_whose_documents_are_all_gone_is_told_to_nobody(
    register: Register, typed: Typed, alerts: Alerts, library: RealLibrary
) -> None:
    await typed("subscribe summit")
    await asyncio.to_thread(library.store.pipeline.remove, "report.txt")
    assert await alerts() == []
    await register.ingest(REPORT)
    assert await alerts() == []
    await register.ingest(MOVED)
    assert await alerts() == [f"{SUMMIT}: 22–23 September 2024 → 24–25 September 2024  [§ 1.1]"]


async def test_new_version_tells_what_moved_and_what_is_new_with_its_document(
    slack: FakeSlack, register: Register, typed: Typed, alerts: Alerts
) -> None:
    await typed("subscribe report.txt")
    await register.ingest(
        MOVED + b"\n1.3 Nominations close on 1 July 2024.\n\n1.4 Speakers register by 8 July 2024.\n"
    )
    await alerts()

    [message] = [each for each in slack.messages["C1"] if "dates changed" in each["text"]]
    assert [line for line in message["text"].splitlines() if "§" in line] == [
        "“Nominations close on 1 July 2024.”: new, by 1 July 2024  [§ 1.3]",
        "“Speakers register by 8 July 2024.”: new, by 8 July 2024  [§ 1.4]",
        f"{SUMMIT}: 22–23 September 2024 → 24–25 September 2024  [§ 1.1]",
    ]
    assert "Stated in Report on the summit." in message["text"]


async def test_dates_of_a_new_document_and_of_other_topics_are_no_alert(
    register: Register, typed: Typed, alerts: Alerts
) -> None:
    await typed("subscribe daily")
    await typed("subscribe lighthouses", channel="C2")
    await register.ingest(b"1.1 Nominations close on 1 July 2024.", name="other.txt")
    assert await alerts() == []
    # What changes outside of a topic is not told either.
    await register.ingest(MOVED)
    assert [len(await alerts(channel)) for channel in ("C1", "C2")] == [1, 0]


async def test_change_in_a_private_document_is_told_only_there(
    slack: FakeSlack, register: Register, typed: Typed, alerts: Alerts
) -> None:
    here, text = f"{slack.team}/C1", REPORT.replace(b"Summit of the Future", b"Lamp Forum")
    await register.ingest(text, here)
    for channel in ("C1", "C2"):
        await typed("subscribe lamp forum", channel=channel)
    await register.ingest(text.replace(b"22-23 September", b"24-25 September"), here)
    assert len(await alerts("C1")) == 1
    assert await alerts("C2") == []


async def test_subscription_of_a_channel_that_the_bot_has_left_ends_and_whoever_made_it_is_told(
    slack: FakeSlack, register: Register, typed: Typed, alerts: Alerts, store: SubscriptionStore
) -> None:
    await typed("subscribe summit")
    await register.ingest(MOVED)
    slack.directory.places["C1"] = {"is_member": False}
    assert await alerts() == []
    assert store.all() == []
    assert "I cannot write in <#C1> any more" in (await slack.reply("D1"))["text"]


async def test_change_is_told_once_a_channel_is_not_shared_with_others_any_more(
    slack: FakeSlack, register: Register, typed: Typed, alerts: Alerts
) -> None:
    await typed("subscribe summit")
    await register.ingest(MOVED)
    slack.directory.places["C1"] = {"is_ext_shared": True}
    assert await alerts() == []
    slack.directory.places["C1"] = {}
    assert len(await alerts()) == 1
