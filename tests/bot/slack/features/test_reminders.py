"""Reminders in Slack: made below a date, listed by a command, cancelled by a button, sent directly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from store.jobs import ReminderStore
from tests.bot.slack.features.library.real_library import REPORT
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.bot.slack.options import at
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import choose, labels, press
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


async def test_second_equal_reminder_is_the_first(
    open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at()
    await remind("7 days before")
    assert (await remind("7 days before"))["text"].startswith("You have this reminder already")
    assert len(reminders.all()) == 1


async def test_reminder_in_the_past_is_refused(
    open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at("2024-09-19T09:00")
    response = await remind("7 days before")
    assert response["text"] == (
        f"{SUMMIT}: 22–23 September 2024. A reminder 7 days before would be in the past. Choose 1 instead."
    )
    assert reminders.all() == []


@pytest.mark.parametrize(
    ("moment", "choice"),
    [
        ("2024-09-10T09:00", "Choose 1 or 7 instead."),
        ("2024-09-21T09:00", "There is nothing left to remind you of."),
    ],
)
async def test_refused_reminder_offers_only_those_that_can_still_come(
    open_at: Open, remind: Remind, moment: str, choice: str
) -> None:
    await open_at(moment)
    assert (await remind("14 days before"))["text"].endswith(choice)


async def test_date_of_a_private_channel_gets_no_reminder(
    slack: FakeSlack, open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at(audience=f"{slack.team}/C1")
    assert "only the people in this conversation may see" in (await remind("7 days before"))["text"]
    assert reminders.all() == []


async def test_app_that_may_open_no_direct_message_names_the_scope(
    slack: FakeSlack, open_at: Open, remind: Remind
) -> None:
    await open_at()
    slack.faults["conversations.open"].append(Fault("refuse", error="missing_scope"))
    assert "my app needs the scope im:write" in (await remind("7 days before"))["text"]


async def test_date_of_the_persons_own_direct_message_gets_one(
    slack: FakeSlack, register: Register, open_at: Open, reminders: ReminderStore
) -> None:
    await open_at(audience=f"{slack.team}/D1")
    listed = await slack.response(await slack.command("deadlines", channel="D1"))
    shown = await register.reply(await choose(slack, listed, SUMMIT, channel="D1"))
    await register.reply(await choose(slack, shown, "7 days before", channel="D1"))
    assert [one.channel for one in reminders.all()] == ["D1"]


async def test_reminders_are_listed_and_cancelled(
    slack: FakeSlack, register: Register, open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at()
    await remind("14 days before")
    listed = await slack.response(await slack.command("remind"))
    assert f"Reminder: {SUMMIT}, 22–23 September 2024: 14 days before" in listed["text"]
    cancelled = await register.reply(await press(slack, listed, "Cancel reminder"))
    assert cancelled["text"] == f"Cancelled: I will not remind you of {SUMMIT} 14 days before."
    again = await register.reply(await press(slack, listed, "Cancel reminder"))
    assert again["text"] == "This reminder is cancelled already, or was sent."
    assert reminders.all() == []


async def test_reminder_of_another_person_is_not_cancelled(
    slack: FakeSlack, register: Register, open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at()
    response = await remind("14 days before")
    await register.reply(await press(slack, response, "Cancel reminder", user="U2"))
    assert len(reminders.all()) == 1


async def test_due_reminder_is_sent_to_the_person_alone(
    slack: FakeSlack, open_at: Open, remind: Remind
) -> None:
    await open_at()
    await remind("7 days before")
    await open_at("2024-09-15T06:00")
    message = await slack.reply("D1")
    assert message["text"].startswith(f"{SUMMIT}: 22–23 September 2024")
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
        f"{SUMMIT} moved from 22–23 September 2024 to 24–25 September 2024. "
        "I will remind you on 17 September 2024, 08:00."
    )


async def test_entry_that_has_begun_offers_no_reminder(register: Register, open_at: Open) -> None:
    await open_at(text=REPORT.replace(b"22-23 September 2024", b"30 April-3 May 2024"))
    shown = await register.details(SUMMIT)
    assert "Remind me" not in str(shown["blocks"])
