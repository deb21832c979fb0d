"""How much is asked: questions a minute of one person, and questions that wait for an answer."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.slack.core.access import PRESS_COST, QUESTION_COST, Budget
from bot.slack.core.ui.source_lines import SOURCE_OPEN
from bot.slack.features.briefs import BRIEF_STOP
from bot.slack.features.checking import CHECK_STOP
from bot.slack.features.questions.answering import AnswerQueue, QueueFull
from bot.slack.features.sources import SOURCE_TURN
from bot.slack.manifest import ADD_TO_LIBRARY, ASK_ABOUT_MESSAGE, CHECK_MESSAGE
from store.jobs import Delivery, QuestionStore, SlackMessage
from tests.bot.slack.conftest import PATIENT, Assistant, Start
from tests.bot.slack.core.sending.abandoned_jobs import GONE
from tests.bot.slack.processes.expert_bot import EXPERTS
from tests.fake_slack.events import Envelope
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.surfaces import listened_to
from tests.store.jobs.stored_outcome import stored_outcome

# Each question that waits gets its place at once.
AT_ONCE = replace(PATIENT, announce_queue_after=0.0)


# Questions a minute


def seconds_to_wait(refusal: str) -> int:
    """Return in how many seconds a person may ask again."""
    found = re.search(r"again in (\d+) seconds?", refusal)
    assert found is not None, refusal
    return int(found[1])


async def test_question_over_the_limit_is_refused_with_the_seconds_to_wait(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start(questions_per_minute=2)
    await slack.direct("When?")
    await slack.command("Where is the summit?")
    await slack.mention("C1", "Who?")
    await slack.until(lambda: bool(slack.directory.whispers))
    [whisper] = slack.directory.whispers
    assert "2 questions or other requests a minute" in whisper["text"]
    assert 0 < seconds_to_wait(whisper["text"]) <= 60
    assert 0 < seconds_to_wait((await slack.command("dates")).ack_text) <= 60
    await slack.mention("C1", "And I?", user="U2")
    await slack.until(lambda: "And I?" in assistant.questions)
    assert "Who?" not in assistant.questions


def test_budget_counts_the_last_minute() -> None:
    now = [0.0]
    budget = Budget(2, clock=lambda: now[0])
    assert (budget.charge("U1", "a"), budget.charge("U2", "b")) == (0.0, 0.0)
    now[0] = 20.0
    assert (budget.charge("U1", "c"), budget.charge("U1", "d"), budget.charge("U2", "e")) == (0.0, 40.0, 0.0)
    now[0] = 60.0
    assert (budget.charge("U1", "d"), budget.charge("U1", "f")) == (0.0, 20.0)


def test_people_who_have_asked_for_nothing_lately_are_forgotten() -> None:
    now = [0.0]
    budget = Budget(2, clock=lambda: now[0])
    for number in range(100):
        now[0] = float(number)
        budget.charge(f"U{number}", "a")
    assert list(budget.people) == [f"U{number}" for number in range(40, 100)]


def test_refusal_is_the_first_once_until_something_is_left_again() -> None:
    now = [0.0]
    budget = Budget(1, clock=lambda: now[0])
    told = []
    for now[0] in (0.0, 1.0, 2.0, 60.0, 61.0):
        if budget.charge("U1", str(now[0])):
            told.append((now[0], budget.is_first_refusal("U1")))
    assert told == [(1.0, True), (2.0, False), (61.0, True)]


# What people can do: every button, form and shortcut, of a pattern one that matches. What only ends work is free.
MATCHES = {
    SOURCE_OPEN: "source_1",
    SOURCE_TURN: "source_next",
}
IDS = {str(MATCHES.get(name, name)) for kind, name in listened_to() if kind in ("action", "view", "shortcut")}
IDS -= {BRIEF_STOP, CHECK_STOP}
FORMS = {name for kind, name in listened_to() if kind == "view"}
SHORTCUTS = {ADD_TO_LIBRARY, ASK_ABOUT_MESSAGE, CHECK_MESSAGE}


async def test_whatever_costs_something_is_refused_once_the_budget_is_spent(
    slack: FakeSlack, start: Start
) -> None:
    # Nobody gets as far as their calendars.
    addressed = {"calendars": object(), "public_url": "https://bot.example.org"}
    await start(questions_per_minute=1, experts_channel=EXPERTS, **addressed)
    asked = await slack.direct("When?")
    await slack.reply("D1", asked["ts"])
    before = len(slack.calls)
    done = {one: await do(slack, one) for one in sorted(IDS)}
    refused = {one: bool(envelope.answer) for one, envelope in done.items() if one in FORMS}
    assert refused == dict.fromkeys(FORMS, True)
    later = await slack.mention("C1", "And this?", user="U2")
    await slack.reply("C1", later["ts"])
    # All the rest together is told in one line, once.
    [told] = [arguments for name, arguments, _ in slack.calls[before:] if name == "response_url"]
    assert "I take 1 question or other request a minute from each person" in told["text"]
    others = {name for name, arguments, _ in slack.calls[before:] if arguments.get("user") == "U1"}
    assert (others - {"users.info"}, slack.forms.opened, slack.uploads.known) == (set(), [], {})


async def test_opening_the_home_tab_costs_as_much_as_a_press(slack: FakeSlack, start: Start) -> None:
    await start(questions_per_minute=1)
    count = QUESTION_COST // PRESS_COST
    for number in range(1, count + 1):
        await slack.open_tab("home")
        await slack.until(lambda n=number: len(slack.called("views.publish")) == n)
    asked = await slack.direct("When?")
    assert "I take 1 question or other request a minute" in str(await slack.reply("D1", asked["ts"]))
    # It stays as it is.
    await slack.open_tab("home")
    later = await slack.mention("C1", "And this?", user="U2")
    await slack.reply("C1", later["ts"])
    assert len(slack.called("views.publish")) == count


async def do(slack: FakeSlack, name: str) -> Envelope:
    """Have somebody do what a constant of the routing table names."""
    trigger = slack.new_trigger()
    if name in FORMS:
        blocks = [{"type": "input", "block_id": "words", "element": {}}]
        body: dict[str, Any] = {
            "type": "view_submission",
            "view": {"type": "modal", "callback_id": name, "blocks": blocks},
        }
    elif name in SHORTCUTS:
        body = {"type": "message_action", "callback_id": name, "action_ts": "1.0"}
    else:
        value = "U1 T1 C1 1.0 - F1"
        action = {"type": "button", "block_id": "b", "value": value, "action_id": name, "action_ts": "1.0"}
        body = {"type": "block_actions", "actions": [action]}
    if body["type"] in ("block_actions", "message_action"):
        body |= {"channel": {"id": "C1"}, "response_url": f"{slack.url}respond/{trigger}"}
    return await slack.interact(body, "U1", trigger)


# Questions that wait


async def test_person_whose_question_waits_is_told_its_place_and_gets_the_answer(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start(workers=1, timing=AT_ONCE)
    assistant.go.clear()
    await slack.mention("C1", "First?")
    await assistant.until_at_work_on(1)
    for n in (2, 3):
        # Mentions in several channels are taken at the same time.
        await slack.mention(f"C{n}", f"Question {n}?")
        await slack.until(lambda n=n: len(slack.directory.whispers) == n - 1)
    command = await slack.command("Where is the summit?")
    assert "number 3 in the queue" in (await slack.response(command))["text"]
    places = [
        (told["channel"], f"number {n} in" in told["text"])
        for n, told in enumerate(slack.directory.whispers, 1)
    ]
    assert places == [("C2", True), ("C3", True)]

    assistant.go.set()
    assert "You asked: Where is the summit?" in str(await slack.reply("D1"))
    assert assistant.questions == ["First?", "Question 2?", "Question 3?", "Where is the summit?"]
    await slack.until(lambda: all("You asked" in str(slack.messages[f"C{n}"]) for n in (2, 3)))


async def test_full_queue_refuses_questions(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    await start(workers=1, queue=1, timing=AT_ONCE)
    assistant.go.clear()
    await slack.mention("C1", "First?")
    await assistant.until_at_work_on(1)
    await slack.mention("C2", "Second?")
    await slack.until(lambda: bool(slack.directory.whispers))
    third = await slack.mention("C3", "Third?")
    assert "The queue is full" in str(await slack.reply("C3", third["ts"]))
    await slack.command("Where is the summit?")
    assert "The queue is full" in str(await slack.reply("D1"))
    asked = SlackMessage(slack.team, "C3", third["ts"], third["ts"], "U1", "Third?")
    await slack.until(lambda: stored_outcome(state, asked) == "notice")


@pytest.mark.parametrize("delivery", [None, Delivery()], ids=["message", "command"])
async def test_questions_that_a_dead_bot_left_wait_for_a_place_in_the_full_queue(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore, delivery: Delivery | None
) -> None:
    left = [slack.say(f"C{n}", f"Left {n}?")["ts"] for n in range(1, 5)]
    for n, ts in enumerate(left, 1):
        job = state.claim(SlackMessage(slack.team, f"C{n}", ts, ts, "U1", f"Left {n}?"), GONE, delivery)
        assert job is not None
        state.release(job.lease, failed=True)
    assistant.go.clear()
    await start(workers=1, queue=1, timing=AT_ONCE)
    await assistant.until_at_work_on(1)
    if delivery is None:
        # Each that waits says so.
        await slack.until(lambda: len(slack.directory.whispers) == 3)
    late = await slack.mention("C9", "Late?")
    assert "The queue is full" in str(await slack.reply("C9", late["ts"]))
    assistant.go.set()
    for n in range(1, 5):
        await slack.until(partial(answered, slack, n, left[n - 1] if delivery is None else ""))
    assert sorted(assistant.questions) == [f"Left {n}?" for n in range(1, 5)]


def answered(slack: FakeSlack, n: int, thread: str) -> bool:
    return f"Left {n}?" in str(slack.replies(f"C{n}", thread) if thread else slack.replies("D1"))


async def test_cancelled_question_frees_its_place_in_the_queue() -> None:
    queue = AnswerQueue(1, 2, announce_queue_after=0.0)
    places: asyncio.Queue[int] = asyncio.Queue()

    async def wait() -> None:
        async with queue.worker(places.put):
            pass

    async with queue.worker():
        leaves, stays = asyncio.create_task(wait()), asyncio.create_task(wait())
        assert [await places.get(), await places.get()] == [1, 2]
        with pytest.raises(QueueFull):
            async with queue.worker():
                raise AssertionError
        leaves.cancel()
        await asyncio.wait({leaves})
        late = asyncio.create_task(wait())
        assert await places.get() == 2
    await asyncio.gather(stays, late)
    async with asyncio.timeout(60), queue.worker():
        pass
