"""How much is asked: questions a minute of one person, and questions that wait for an answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.slack.core.access import Budget
from bot.slack.core.ui.forms import input_field, modal
from bot.slack.core.ui.source_lines import SOURCE_OPEN
from bot.slack.features.briefs import BRIEF_STOP
from bot.slack.features.checking import CHECK_STOP
from bot.slack.features.sources import SOURCE_TURN
from bot.slack.manifest import ADD_TO_LIBRARY, ASK_ABOUT_MESSAGE, CHECK_MESSAGE
from store.jobs import QuestionStore, SlackMessage
from tests.bot.slack.conftest import PATIENT, Assistant, Start
from tests.bot.slack.refusing_assistant import EXPERTS
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


# What people can do: every button, form and shortcut, of a pattern one that matches. What only ends work is free.
MATCHES = {
    SOURCE_OPEN: "source_1",
    SOURCE_TURN: "source_next",
}
IDS = {str(MATCHES.get(name, name)) for kind, name in listened_to() if kind in ("action", "view", "shortcut")}
IDS -= {BRIEF_STOP, CHECK_STOP}
FORMS = {name for kind, name in listened_to() if kind == "view"}
SHORTCUTS = {ADD_TO_LIBRARY, ASK_ABOUT_MESSAGE, CHECK_MESSAGE}


@pytest.mark.parametrize("reason", ["the budget is spent", "guests are not answered"])
async def test_whatever_costs_something_is_done_for_nobody_who_is_refused(
    slack: FakeSlack, start: Start, reason: str
) -> None:
    # Nobody gets as far as their calendars.
    addressed = {"calendars": object(), "public_url": "https://bot.example.org"}
    await start(questions_per_minute=1, experts_channel=EXPERTS, **addressed)
    if reason == "the budget is spent":
        asked = await slack.direct("When?")
        await slack.reply("D1", asked["ts"])
    else:
        slack.agents.is_agent = False
        slack.directory.people["U1"] = {"is_restricted": True}
    before = len(slack.calls)
    done = {one: await do(slack, one) for one in sorted(IDS)}
    refused = {one: bool(envelope.answer) for one, envelope in done.items() if one in FORMS}
    assert refused == dict.fromkeys(FORMS, True)
    if reason == "guests are not answered":
        await slack.open_messages()
    later = await slack.mention("C1", "And this?", user="U2")
    await slack.reply("C1", later["ts"])
    said = [str(arguments["text"]) for name, arguments, _ in slack.calls[before:] if name == "response_url"]
    if reason == "the budget is spent":
        # All together is told in one line, once.
        [told] = said
        assert "I take 1 question or other request a minute from each person" in told
    else:
        assert ["guests" in each for each in said] == [True] * (len(IDS) - len(FORMS))
    others = {name for name, arguments, _ in slack.calls[before:] if arguments.get("user") == "U1"}
    assert (others - {"users.info"}, slack.forms.opened, slack.agents.prompts) == (set(), [], {})


async def do(slack: FakeSlack, name: str) -> Envelope:
    """Have somebody do what a constant of the routing table names."""
    trigger = slack.new_trigger()
    if name in FORMS:
        blocks = [input_field("words", "Words", {"type": "plain_text_input"})]
        body: dict[str, Any] = {
            "type": "view_submission",
            "view": {
                **modal(name, "Form", blocks, submit="Send"),
                "state": {"values": {"words": {"value": {}}}},
            },
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


async def test_full_queue_refuses_questions_until_one_leaves_it(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    await start(workers=1, queue=1, timing=AT_ONCE)
    assistant.go.clear()
    await slack.mention("C1", "First?")
    await assistant.until_at_work_on(1)
    second = await slack.mention("C2", "Second?")
    await slack.until(lambda: bool(slack.directory.whispers))
    third = await slack.mention("C3", "Third?")
    assert "The queue is full" in str(await slack.reply("C3", third["ts"]))
    await slack.command("Where is the summit?")
    assert "The queue is full" in str(await slack.reply("D1"))
    asked = SlackMessage(slack.team, "C3", third["ts"], third["ts"], "U1", "Third?")
    await slack.until(lambda: stored_outcome(state, asked) == "notice")

    # A question that is stopped leaves its place.
    await slack.press_stop("C2", second["ts"])
    await slack.reply("C2", second["ts"])
    await slack.mention("C4", "Fourth?")
    await slack.until(lambda: len(slack.directory.whispers) == 2)
