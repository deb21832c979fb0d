"""Turns before a question, merged from the record and Slack's thread."""

from __future__ import annotations

from typing import Any

import pytest

from bot.answering.question import Turn
from bot.slack.core.people import Names
from bot.slack.core.sending.clients import SlackClients
from bot.slack.features.questions.conversation import ConversationHistory, merge_turns
from store.jobs import ConversationMessage, QuestionStore, SlackMessage
from tests.fake_slack.slack import FakeSlack

RECORD = [
    ConversationMessage("1.0", "user", "When is it?"),
    ConversationMessage("2.0", "assistant", "In May [1]."),
]
OWN = ["When is it?", "In May [1]."]


def message(ts: str, text: str, **more: Any) -> dict[str, Any]:
    return {"ts": ts, "text": text, "user": "U2", **more}


def own(ts: str, text: str) -> dict[str, Any]:
    return message(ts, text, user="U0BOT", bot_id="B0")


def merged(*messages: dict[str, Any]) -> list[str]:
    return [turn.text for turn in merge_turns(RECORD, messages, before="9.0", bot_user="U0BOT")]


@pytest.mark.parametrize(
    ("messages", "turns"),
    [
        (
            [message("1.5", "Good question"), message("2.5", "So soon?")],
            [OWN[0], "Good question", OWN[1], "So soon?"],
        ),
        ([own("2.0", "In May [1]. (shortened)")], OWN),
        ([own("3.0", "Sorry, something went wrong")], OWN),
        ([message("3.0", "Build failed", bot_id="B7")], OWN),
        ([message("9.0", "the question itself"), message("9.5", "later")], OWN),
        ([message("3.0", "<@U3> has joined", subtype="channel_join")], OWN),
        ([message("3.0", "<@U0BOT> really?")], [*OWN, "really?"]),
    ],
)
def test_turns_are_those_of_people_and_recorded_ones(
    messages: list[dict[str, Any]], turns: list[str]
) -> None:
    assert merged(*messages) == turns


def test_own_messages_count_without_any_record() -> None:
    turns = merge_turns([], [own("2.0", "In May &amp; June")], before="9.0", bot_user="U0BOT")
    assert turns == [Turn("assistant", "In May & June")]


@pytest.mark.parametrize(("count", "calls"), [(30, 1), (500, 2)])
async def test_last_turns_of_a_thread_are_read_in_a_few_calls(
    slack: FakeSlack, state: QuestionStore, count: int, calls: int
) -> None:
    first = slack.say("C1", "Look")
    for number in range(count):
        # The last ones within an hour.
        slack.pass_time(0 if number > count - 30 else 4_000)
        asked = slack.say("C1", f"word {number}", thread=first["ts"])
    client = SlackClients(slack.bot_token, slack.url).unretried
    question = SlackMessage(slack.team, "C1", asked["ts"], first["ts"], "U1", "When?")
    _, turns = await ConversationHistory(state, client, Names(client), slack.bot_user).read(question)
    assert [turn.text for turn in turns] == [f"word {number}" for number in range(count - 21, count - 1)]
    assert len(slack.called("conversations.replies")) == calls
