"""Reminders: made below a date, cancelled by their person; sent in each person's morning, with news of a date once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.register import RegisterEntry
from bot.slack.features.follow.reminders import Reminders
from store.audiences import Audience
from store.jobs import Holder, NoticeStore, QuestionStore, Reminder, ReminderStore
from tests.bot.register_entries import entry
from tests.bot.slack.conftest import REPORT, channel_data
from tests.bot.slack.features.library.real_library import REPORT as SUMMIT_REPORT
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.bot.slack.options import at
from tests.bot.slack.services import workspace_services
from tests.bot.slack.windows import choices
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import choose, press
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


async def test_reminder_is_confirmed_once_listed_and_cancelled_by_its_person_alone(
    slack: FakeSlack, register: Register, open_at: Open, remind: Remind, reminders: ReminderStore
) -> None:
    await open_at("2024-09-10T09:00")
    for _ in range(2):
        made = await remind("7 days before")
        assert made["text"] == (
            f"I will remind you of {SUMMIT} on 15 September 2024, 08:00, 7 days before 22–23 September 2024. "
            "If the date moves, the reminder moves with it."
        )
    assert len(reminders.all()) == 1
    late = await remind("14 days before")
    assert late["text"] == f"{SUMMIT}: 22–23 September 2024. I cannot remind you 14 days before."
    assert f"Reminder: *{SUMMIT}*, 22–23 September 2024, 7 days before" in str(await choices(slack))

    await register.reply(await press(slack, made, "Cancel reminder", user="U2"))
    assert len(reminders.all()) == 1
    for said in (
        f"Reminder cancelled: {SUMMIT}, 22–23 September 2024, 7 days before.",
        "This reminder is cancelled already, or was sent.",
    ):
        assert (await register.reply(await press(slack, made, "Cancel reminder")))["text"] == said
    assert reminders.all() == []


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


async def test_entry_that_has_begun_offers_no_reminder(register: Register, open_at: Open) -> None:
    await open_at(text=SUMMIT_REPORT.replace(b"22-23 September 2024", b"30 April-3 May 2024"))
    shown = await register.details(SUMMIT)
    assert "Remind me" not in str(shown["blocks"])


# The review: what is due, and what became of dates

ZURICH, NEW_YORK = ZoneInfo("Europe/Zurich"), ZoneInfo("America/New_York")
FORUM = entry("Forum", "2024-05-20", section="2.3")
WEEK = Reminder("r7", "T0TEAM", "U1", "D1", "c-forum", 7, "Forum", date(2024, 5, 20), "20 May 2024")
DAY = replace(WEEK, id="r1", days=1)


class World:
    """A register that changes, and what the review of one moment sends."""

    def __init__(self, slack: FakeSlack, state: QuestionStore) -> None:
        self.register: Sequence[RegisterEntry] = [FORUM]
        self.documents = [REPORT]
        self.asked: list[Audience] = []
        self.refused: set[str] = set()
        self.store = ReminderStore.beside(state)
        services = workspace_services(slack, state, self._data)
        admission: Any = SimpleNamespace(may_receive=self._may_receive)
        self._reminders = Reminders(replace(services, admission=admission))

    def _data(self, audience: Audience) -> Any:
        self.asked.append(audience)
        if audience == "T0TEAM/D0":
            raise ValueError("a document of this conversation is broken")
        return replace(channel_data(), register=lambda _day: self.register, documents=lambda: self.documents)

    async def _may_receive(self, _channel: str, user: str) -> bool:
        return user not in self.refused

    async def sent(self, at: str, zone: ZoneInfo = ZURICH) -> list[str]:
        """Return what is sent as of a moment."""
        await self._reminders.review(datetime.fromisoformat(at).replace(tzinfo=zone))
        return [job.work.text for job in NoticeStore.beside(self.store).adopt(Holder(f"at {at}", 60.0))]

    @property
    def left(self) -> list[tuple[int, date | None]]:
        """The reminders that are left, by days before, with the day that they count from."""
        return [(one.days, one.day) for one in self.store.all()]


@pytest.fixture
def world(slack: FakeSlack, state: QuestionStore) -> World:
    world = World(slack, state)
    for one in (WEEK, DAY):
        world.store.add(one)
    return world


async def test_reminder_is_sent_at_its_hour_and_once(world: World) -> None:
    assert await world.sent("2024-05-13T07:59") == []
    [text] = await world.sent("2024-05-13T08:00")
    assert text.startswith("Reminder: Forum: 20 May 2024")
    assert await world.sent("2024-05-13T08:01") == []
    assert world.left == [(1, date(2024, 5, 20))]


async def test_reminders_missed_during_a_stop_are_one_message_for_whoever_may_have_it(world: World) -> None:
    world.refused.add("U1")
    # One that cannot be reviewed does not keep the others.
    world.store.add(replace(WEEK, id="r0", user="U0", channel="D0"))
    assert await world.sent("2024-05-19T09:00") == []
    world.refused.clear()
    assert len(await world.sent("2024-05-19T10:00")) == 1
    assert [one.id for one in world.store.all()] == ["r0"]


@pytest.mark.parametrize(("name", "zone"), [("America/New_York", NEW_YORK), ("Mars/Olympus", ZURICH)])
async def test_hour_is_that_of_the_person_or_the_default_one(
    slack: FakeSlack, world: World, name: str, zone: ZoneInfo
) -> None:
    slack.directory.people["U1"] = {"tz": name}
    assert await world.sent("2024-05-13T07:59", zone) == []
    assert len(await world.sent("2024-05-13T08:00", zone)) == 1
    assert len(slack.called("users.info")) == 1


async def test_hour_of_a_person_ahead_of_the_clock_is_on_the_day_before(
    slack: FakeSlack, world: World
) -> None:
    slack.directory.people["U1"] = {"tz": "Pacific/Auckland"}
    assert await world.sent("2024-05-12T19:59", ZoneInfo("UTC")) == []
    assert len(await world.sent("2024-05-12T20:00", ZoneInfo("UTC"))) == 1


@pytest.mark.parametrize(
    ("change", "told", "left"),
    [
        (
            entry("Forum", "2024-06-03", section="4.1"),
            "Forum: 20 May 2024 → 3 June 2024\nI will remind you on 27 May 2024, 08:00 and 2 June 2024, 08:00.\n"
            "“The Forum is announced here.”\nReport on engagement, § 4.1",
            2,
        ),
        (
            replace(FORUM, start=date(2024, 5, 3), end=date(2024, 5, 3)),
            "Forum: 20 May 2024 → 3 May 2024\nThat is sooner than you wanted to be reminded, so this is the reminder.",
            0,
        ),
        (
            replace(FORUM, time="17:00", timezone="Geneva"),
            "Forum: 20 May 2024 → 20 May 2024, 17:00 (Geneva)\nI will remind you on 13 May 2024",
            2,
        ),
        (
            replace(FORUM, status="cancelled"),
            "Forum: 20 May 2024 → cancelled (was 20 May 2024)\nYour reminder is cancelled.",
            0,
        ),
        (
            entry("Other", "2024-05-20"),
            "Forum: no longer among the dates in my documents; it was 20 May 2024.\nYour reminder is cancelled.",
            0,
        ),
    ],
)
async def test_what_becomes_of_a_date_is_told_once_and_the_reminders_move_with_it_or_end(
    world: World, change: RegisterEntry, told: str, left: int
) -> None:
    world.register = [change]
    [text] = await world.sent("2024-05-02T12:00")
    assert text.startswith(told)
    assert await world.sent("2024-05-02T12:01") == []
    assert len(world.left) == left


async def test_postponed_event_keeps_its_reminders_until_it_has_a_date(world: World) -> None:
    world.register = [replace(FORUM, status="postponed")]
    [text] = await world.sent("2024-05-02T12:00")
    assert text.startswith(
        "Forum: 20 May 2024 → postponed (was 20 May 2024)\nI will tell you once there is a new date."
    )
    assert await world.sent("2024-05-13T08:00") == []
    world.register = [replace(FORUM, start=date(2024, 7, 1), end=date(2024, 7, 1))]
    [text] = await world.sent("2024-05-14T08:00")
    assert "postponed (was 20 May 2024) → 1 July 2024" in text
    assert world.left == [(1, date(2024, 7, 1)), (7, date(2024, 7, 1))]


async def test_library_whose_documents_are_all_gone_ends_no_reminder(world: World) -> None:
    world.register, world.documents = [], []
    assert await world.sent("2024-05-13T08:00") == []
    assert len(world.left) == 2


async def test_reminder_says_how_far_off_it_is_where_the_person_is(slack: FakeSlack, world: World) -> None:
    slack.directory.people["U1"] = {"tz": "Pacific/Auckland"}
    # In Zurich it is still the day before.
    [text] = await world.sent("2024-05-13T08:00", ZoneInfo("Pacific/Auckland"))
    assert text.startswith("Reminder: Forum: 20 May 2024 (in 7 days).")


async def test_reminder_of_a_month_says_from_which_day_it_counts(world: World) -> None:
    for one in world.store.all():
        world.store.cancel(one.id, one.user)
    world.store.add(replace(WEEK, day=date(2024, 6, 1), dates="June 2024"))
    world.register = [entry("Forum", "2024-06-01", "2024-06-30", precision="month")]
    [text] = await world.sent("2024-05-25T08:00")
    assert "The day is not stated; I count from the first possible one, 1 June 2024." in text


async def test_register_is_read_as_the_direct_message_may_see_it(world: World) -> None:
    await world.sent("2024-05-02T12:00")
    assert set(world.asked) == {"T0TEAM/D1"}
