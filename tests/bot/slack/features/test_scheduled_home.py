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
from tests.fake_slack.limits import problems_of_home
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
    last = next(n for n, block in enumerate(blocks) if "'Coming dates'" in str(block))
    return str(blocks[first:last])


async def test_home_has_the_persons_own_reminders_and_subscriptions(slack: FakeSlack, bot: None) -> None:
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    assert "Digest: dates on “WSIS”, every Monday at 08:00" in own_part(slack)
    assert "Reminder: *SIDS4*, 27–30 May 2024, 7 days before" in own_part(slack)
    assert "Other" not in own_part(slack)
    # Who has none has their language alone.
    await slack.open_tab("home", user="U3")
    await slack.until(lambda: "U3" in slack.forms.homes)
    shown = str(slack.forms.homes["U3"]["blocks"])
    assert ("Language: as in Slack" in shown, "Reminder: " in shown) == (True, False)


async def test_long_list_in_the_home_is_counted_and_keeps_slacks_limits(
    slack: FakeSlack, state: QuestionStore, bot: None
) -> None:
    long = "Meeting of the & committee " * 20
    for n in range(60):
        made = replace(REMINDER, id=f"l{n}", user="U4", chain=f"c-{n}", title=long, dates=long)
        ReminderStore.beside(state).add(made)
    await slack.open_tab("home", user="U4")
    await slack.until(lambda: "U4" in slack.forms.homes)
    # Slack adds the id and the hash.
    home = {name: value for name, value in slack.forms.homes["U4"].items() if name not in ("id", "hash")}
    assert str(home["blocks"]).count("Reminder: ") == 20
    assert "… and 40 more" in str(home["blocks"])
    assert problems_of_home(home) == []


@pytest.mark.parametrize(
    ("label", "gone", "stays", "store", "method"),
    [
        ("Cancel reminder", "SIDS4", "“WSIS”", ReminderStore, "cancel"),
        ("Unsubscribe", "“WSIS”", "SIDS4", SubscriptionStore, "end"),
    ],
)
async def test_button_in_the_home_says_there_why_it_fails_or_ends_it_and_shows_the_rest(
    slack: FakeSlack,
    bot: None,
    monkeypatch: pytest.MonkeyPatch,
    label: str,
    gone: str,
    stays: str,
    store: type[object],
    method: str,
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("the database does not answer")

    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    with monkeypatch.context() as patch:
        patch.setattr(store, method, fail)
        await press(slack, slack.forms.homes["U1"], label)
        failed = "That did not work: the database does not answer"
        await slack.until(lambda: failed in str(slack.forms.homes["U1"]["blocks"][0]))
    await press(slack, slack.forms.homes["U1"], label)
    await slack.until(lambda: gone not in own_part(slack))
    assert stays in own_part(slack)
    assert slack.messages["D1"] == []
