"""The budget of updates: partial ones leave room for the last ones."""

from __future__ import annotations

from bot.slack.core.sending.clients import SlackClients, UpdateBudget
from bot.slack.core.sending.posting import PartialReply, Poster
from bot.slack.core.ui.elements import plain_message
from store.jobs import SlackMessage
from tests.fake_slack.slack import FakeSlack


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_partial_updates_leave_the_reserved_ones() -> None:
    budget = UpdateBudget(3, Clock())
    assert [budget.wait() for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]


def test_there_is_room_again_after_a_minute() -> None:
    clock = Clock()
    budget = UpdateBudget(2, clock)
    budget.wait()
    clock.now += 10.0
    budget.wait()
    assert budget.wait() == 50.0
    clock.now += 50.0
    assert (budget.wait(), budget.wait()) == (0.0, 10.0)


def test_last_updates_count_and_do_not_wait() -> None:
    budget = UpdateBudget(2, Clock())
    for _ in range(5):
        budget.count()
    assert budget.wait() == 60.0


def test_after_a_refusal_no_partial_update_is_sent_for_a_while() -> None:
    clock = Clock()
    budget = UpdateBudget(clock=clock)
    budget.refuse(7.0)
    assert budget.wait() == 7.0
    clock.now += 7.0
    assert budget.wait() == 0.0


async def test_reply_is_completed_when_the_budget_is_used_up(slack: FakeSlack) -> None:
    clients = SlackClients(slack.bot_token, slack.url)
    poster = Poster(clients.posting, clients.retrying, slack.bot_user)
    asked = SlackMessage(slack.team, "C1", slack.say("C1", "When?")["ts"], "", "U1", "When?")
    posted = await poster.post(asked, plain_message("In"))
    while not poster.updates.wait():
        pass
    await poster.complete(asked, plain_message("In May."), PartialReply(posted.ts, streaming=False))
    assert slack.replies("C1")[0]["text"] == "In May."
