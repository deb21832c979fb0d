"""Reminders in Slack: made below a date, listed by a command, cancelled by a button, sent directly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from bot.register.digest import build_digest
from bot.register.following import MovedDate
from bot.slack.core.ui.elements import plain_message
from bot.slack.features.follow import reminders as features
from bot.slack.features.follow import subscriptions
from store.jobs import KnownDates, Reminder, ReminderStore, Subscription
from tests.bot.register_entries import AS_OF, entry
from tests.bot.slack.features.library.real_library import REPORT
from tests.bot.slack.features.questions.test_messages import TEXT
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.bot.slack.options import at
from tests.bot.slack.windows import choices
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import choose, labels, press
from tests.fake_slack.limits import problems
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url

Open = Callable[..., Awaitable[None]]


@pytest.fixture
def reminders(tmp_path: Path) -> ReminderStore:
    return ReminderStore.open(database_url(tmp_path))


@pytest.fixture
def open_at(register: Register) -> Open:
    """Start the bot at a moment in UTC."""

    async def begin(moment: str = "2024-05-01T09:00", **changes: Any) -> None:
        await register.open(clock=at(moment), **changes)

    return begin


@pytest.fixture
def remind(slack: FakeSlack, register: Register) -> Callable[..., Awaitable[Message]]:
    """Choose a reminder below the details of a date, and return the reply."""

    async def do(words: str, title: str = SUMMIT) -> Message:
        return await register.reply(await choose(slack, await register.details(title), words))

    return do


Remind = Callable[..., Awaitable[Message]]


async def test_reminder_is_confirmed_with_its_moment(open_at: Open, remind: Remind) -> None:
    await open_at()
    response = await remind("7 days before")
    assert response["text"] == (
        f"I will remind you of {SUMMIT} on 15 September 2024, 08:00, 7 days before 22–23 September 2024. "
        "If the date moves, the reminder moves with it."
    )
    assert labels(response) == ["Cancel reminder"]


async def test_reminder_that_there_is_or_whose_moment_has_passed_is_no_second_one(
    open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at("2024-09-10T09:00")
    for _ in range(2):
        assert "I will remind you of" in (await remind("7 days before"))["text"]
    assert len(reminders.all()) == 1
    late = await remind("14 days before")
    assert late["text"] == f"{SUMMIT}: 22–23 September 2024. I cannot remind you 14 days before."


async def test_date_of_a_private_channel_gets_no_reminder(
    slack: FakeSlack, open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at(audience=f"{slack.team}/C1")
    assert "only the people in this conversation may see" in (await remind("7 days before"))["text"]
    assert reminders.all() == []


async def test_date_of_the_persons_own_direct_message_gets_one(
    slack: FakeSlack, register: Register, open_at: Open, reminders: ReminderStore
) -> None:
    await open_at(audience=f"{slack.team}/D1")
    listed = await slack.response(await slack.command("dates", channel="D1"))
    shown = await register.reply(await choose(slack, listed, SUMMIT, channel="D1"))
    await register.reply(await choose(slack, shown, "7 days before", channel="D1"))
    assert [one.channel for one in reminders.all()] == ["D1"]


async def test_reminder_is_listed_and_cancelled_by_its_person_alone(
    slack: FakeSlack, register: Register, open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at()
    made = await remind("14 days before")
    assert f"Reminder: *{SUMMIT}*, 22–23 September 2024, 14 days before" in str(await choices(slack))
    await register.reply(await press(slack, made, "Cancel reminder", user="U2"))
    assert len(reminders.all()) == 1
    cancelled = await register.reply(await press(slack, made, "Cancel reminder"))
    assert cancelled["text"] == f"Reminder cancelled: {SUMMIT}, 22–23 September 2024, 14 days before."
    again = await register.reply(await press(slack, made, "Cancel reminder"))
    assert again["text"] == "This reminder is cancelled already, or was sent."
    assert reminders.all() == []


async def test_due_reminder_is_sent_to_the_person_alone(
    slack: FakeSlack, open_at: Open, remind: Remind
) -> None:
    await open_at()
    await remind("7 days before")
    await open_at("2024-09-15T06:00")
    message = await slack.reply("D1")
    assert message["text"].startswith(f"Reminder: {SUMMIT}: 22–23 September 2024")
    assert "will be held on 22-23 September 2024" in str(message["blocks"])
    assert slack.replies("C1") == []


@pytest.mark.parametrize("done", [True, False])
async def test_reminder_with_a_lost_response_is_sent_once(
    slack: FakeSlack, open_at: Open, remind: Remind, done: bool
) -> None:
    await open_at()
    await remind("7 days before")
    slack.faults["chat.postMessage"].append(Fault("drop", done=done))
    await open_at("2024-09-15T06:00")
    await slack.until(lambda: bool(slack.called("conversations.history")))
    await slack.reply("D1")
    assert len(slack.replies("D1")) == 1


async def test_moved_date_is_told_after_an_ingest(
    slack: FakeSlack, register: Register, open_at: Open, remind: Remind
) -> None:
    await open_at()
    await remind("7 days before")
    await open_at(text=REPORT.replace(b"22-23 September", b"24-25 September"))
    message = await slack.reply("D1")
    assert message["text"].startswith(
        f"{SUMMIT}: 22–23 September 2024 → 24–25 September 2024\nI will remind you on 17 September 2024, 08:00."
    )


async def test_entry_that_has_begun_offers_no_reminder(register: Register, open_at: Open) -> None:
    await open_at(text=REPORT.replace(b"22-23 September 2024", b"30 April-3 May 2024"))
    shown = await register.details(SUMMIT)
    assert "Remind me" not in str(shown["blocks"])


@given(title=TEXT, words=TEXT, quote=TEXT)
def test_any_text_keeps_slacks_limits(title: str, words: str, quote: str) -> None:
    at, moment = time(8), datetime(2024, 5, 13, 8, tzinfo=UTC)
    made = entry(title or "x", "2024-05-20", id="e-1", location=words, document=words or "x", quote=quote)
    # What opens with a bracket is read as JSON.
    dates = words.lstrip("[") or "x"
    known = Reminder("r1", "T1", "U1", "D1", "c-forum", 7, title or "x", date(2024, 5, 20), dates)
    one = Subscription("s1", "T1", "C1", "U1", "weekly", title, "Europe/Paris", 0.0, 0, {})
    moved = MovedDate(made, dates, title or "x")
    digest = subscriptions.subscribed_digest_message(build_digest([made], AS_OF), one, at)
    messages = [
        features.reminder_made_message(known, made, moment),
        features.not_reminded_message(made, 7),
        features.reminder_message(made, AS_OF),
        features.date_change_message(known, made, [moment, moment], [known]),
        features.date_change_message(known, None, [], []),
        digest or plain_message("a digest always comes here"),
        subscriptions.subscription_begun_message(one, at, "Europe/Paris", 2),
        subscriptions.channel_subscribed_message(one, at, "Europe/Paris"),
        subscriptions.alert_message([moved], [KnownDates(title or "x", dates, None)], [one], at),
    ]
    assert [problem for message in messages for problem in problems(message)] == []


def test_long_lists_keep_slacks_limits_and_count_the_rest() -> None:
    at, long = time(8), "Meeting of the & committee " * 20
    one = Subscription("s1", "T1", "C1", "U1", "weekly", long, "Europe/Paris", 0.0, 0, {})
    made = entry(long, "2024-05-20", id="e-1", location=long, document=long, quote=long)
    messages = [
        subscriptions.subscription_list_message([one] * 60, at),
        subscriptions.alert_message(
            [MovedDate(made, long, long)] * 40, [KnownDates(long, long, None)], [one] * 20, at
        ),
    ]
    assert [problem for message in messages for problem in problems(message)] == []
    counted = [str(message.blocks).split("… and ")[1].split("'")[0] for message in messages]
    assert counted == ["40 more", "26 more"]
