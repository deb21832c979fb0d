"""What is stored about a person: counted in a window, and deleted by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.slack.features.privacy import about_view
from store.jobs import QuestionStore, Reminder, ReminderStore, Subscription, SubscriptionStore
from store.jobs.people import kept_of_person, person_columns
from store.schema import jobs
from tests.bot.slack.conftest import Start, until_finished
from tests.bot.slack.features.questions.streaming_assistant import question
from tests.bot.slack.options import at
from tests.fake_slack.forms import View, elements, labels, opened_by, press
from tests.fake_slack.slack import FakeSlack

# What has a person's id: kinds of jobs, and tables.
TABLES = sorted(
    {
        f"{kind}s"
        for kind in (
            "brief",
            "check",
            "expert_answer",
            "expert_question",
            "notice",
            "question",
            "share",
            "upload",
        )
    }
    | {column.table.name for column in person_columns() if column.table is not jobs}
)
REMINDER = Reminder("r1", "T0TEAM", "U1", "D1", "c-sids4", 7, "SIDS4", date(2024, 5, 27), "27–30 May 2024")
SUBSCRIPTION = Subscription("s1", "T0TEAM", "D1", "U1", "weekly", "WSIS", "", 4e9, 0, {})


def said(view: View) -> list[str]:
    """Return the lines of the window's first block."""
    return str(view["blocks"][0]["text"]["text"]).split("\n")


async def opened(slack: FakeSlack, user: str = "U1") -> View:
    """Open the Home tab, and from there the window."""
    await slack.open_tab("home", user=user)
    await slack.until(lambda: user in slack.forms.homes)
    shown = slack.forms.homes[user]
    view, _ = await opened_by(slack, press(slack, shown, "What do you keep about me?", user=user))
    return view


@pytest.fixture
async def filled(slack: FakeSlack, state: QuestionStore, start: Start) -> None:
    """A bot that has been asked by two people, of whom each has a reminder and a subscription, and one has voted."""
    for user in ("U1", "U2"):
        ReminderStore.beside(state).add(replace(REMINDER, id=user, user=user))
        own = replace(SUBSCRIPTION, id=user, user=user, channel=f"D{user[1:]}")
        SubscriptionStore.beside(state).add(own, None)
    await start(clock=at("2024-05-01T09:00"))
    for user in ("U1", "U2"):
        asked = await slack.mention("C1", "When?", user=user)
        await until_finished(state, replace(question(slack, asked), user=user))
    state.save_vote(question(slack, asked).key, "U1", "bad")


async def test_window_counts_what_is_kept_of_the_person_alone_who_deletes_all_of_it(
    slack: FakeSlack, filled: None, state: QuestionStore
) -> None:
    view = await opened(slack)
    kept = ["• 1 question with its answer", "• 1 reminder", "• 1 subscription"]
    assert said(view) == ["I keep about you:", "• 1 vote on an answer", *kept]
    # It asks first.
    [button] = elements(view)
    assert button["confirm"]["title"]["text"] == "Delete all of it?"
    await press(slack, view, "Delete all of it")
    await slack.until(lambda: said(view) == ["I keep nothing about you."])
    assert (labels(view), kept_of_person(state.engine, "U1")) == ([], {})
    assert said(await opened(slack, "U2")) == ["I keep about you:", *kept]

    # A press of another person deletes what is theirs.
    await press(
        slack, {**view, "blocks": [{"type": "actions", "elements": [button]}]}, "Delete all of it", user="U2"
    )
    await slack.until(lambda: kept_of_person(state.engine, "U2") == {})


# A person has one language, which needs no number.
@pytest.mark.parametrize("table", [table for table in TABLES if table != "languages"])
def test_every_table_with_people_has_its_line(table: str) -> None:
    one, many = said(about_view({table: 1})), said(about_view({table: 3}))
    assert (one[1][:3], many[1][:3]) == ("• 1", "• 3")
    assert one[1][3:] != many[1][3:]
