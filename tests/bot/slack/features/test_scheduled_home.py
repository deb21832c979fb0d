"""The reminders and subscriptions of a person in the Home tab."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from store.errors import StoreUnavailable
from store.jobs import QuestionStore, Reminder, ReminderStore, Subscription, SubscriptionStore
from tests.bot.slack.conftest import Start
from tests.bot.slack.options import at
from tests.fake_slack.forms import press
from tests.fake_slack.slack import FakeSlack

REMINDER = Reminder("r1", "T0TEAM", "U1", "D1", "c-sids4", 7, "SIDS4", date(2024, 5, 27), "27–30 May 2024")
SUBSCRIPTION = Subscription("s1", "T0TEAM", "D1", "U1", "weekly", "WSIS", "", 4e9, 0, {})


@pytest.fixture
async def bot(state: QuestionStore, start: Start) -> None:
    """A bot with a reminder and subscriptions of which nothing is due."""
    for one in (REMINDER, replace(REMINDER, id="r2", user="U2", title="Other")):
        ReminderStore.beside(state).add(one)
    for read in (SUBSCRIPTION, replace(SUBSCRIPTION, id="s2", channel="C1", topic="Other")):
        SubscriptionStore.beside(state).add(read, None)
    await start(clock=at("2024-05-01T09:00"))


def own_part(slack: FakeSlack) -> str:
    blocks = slack.forms.homes["U1"]["blocks"]
    first = next(n for n, block in enumerate(blocks) if "'Yours'" in str(block))
    last = next(n for n, block in enumerate(blocks) if "'Documents'" in str(block))
    return str(blocks[first:last])


async def test_home_has_the_persons_own_reminders_and_subscriptions(slack: FakeSlack, bot: None) -> None:
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    assert "Digest: dates on “WSIS”, every Monday at 08:00" in own_part(slack)
    assert "Reminder: *SIDS4*, 27–30 May 2024: 7 days before" in own_part(slack)
    assert "Other" not in own_part(slack)
    assert "No reminders" not in own_part(slack)


async def test_home_of_a_person_without_any_has_their_language_alone(slack: FakeSlack, bot: None) -> None:
    await slack.open_tab("home", user="U3")
    await slack.until(lambda: "U3" in slack.forms.homes)
    shown = str(slack.forms.homes["U3"]["blocks"])
    assert "Language: as in Slack" in shown
    assert "Reminder: " not in shown


@pytest.mark.parametrize(
    ("label", "gone", "stays"),
    [("Cancel reminder", "SIDS4", "“WSIS”"), ("Unsubscribe", "“WSIS”", "SIDS4")],
)
async def test_button_in_the_home_ends_it_and_shows_the_rest(
    slack: FakeSlack, bot: None, label: str, gone: str, stays: str
) -> None:
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    await press(slack, slack.forms.homes["U1"], label)
    await slack.until(lambda: gone not in own_part(slack))
    assert stays in own_part(slack)
    assert slack.messages["D1"] == []


@pytest.mark.parametrize(
    ("label", "store", "method"),
    [("Cancel reminder", ReminderStore, "cancel"), ("Unsubscribe", SubscriptionStore, "end")],
)
async def test_button_in_the_home_that_fails_says_so_there(
    slack: FakeSlack,
    bot: None,
    monkeypatch: pytest.MonkeyPatch,
    label: str,
    store: type[object],
    method: str,
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("the database does not answer")

    monkeypatch.setattr(store, method, fail)
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    await press(slack, slack.forms.homes["U1"], label)
    await slack.until(
        lambda: "That did not work: the database does not answer" in str(slack.forms.homes["U1"]["blocks"][0])
    )
    assert "SIDS4" in own_part(slack)
