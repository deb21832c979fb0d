"""Turns before a question, merged from the record and Slack's thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from bot.answering.question import Turn
from bot.slack.core.people import Names
from bot.slack.features.questions.conversation import ConversationHistory, merge_turns
from store.jobs import ConversationMessage, QuestionStore, SlackMessage

RECORD = [
    ConversationMessage("1.0", "user", "When is it?"),
    ConversationMessage("2.0", "assistant", "In May [1]."),
]


def merged(*messages: dict[str, Any], recorded: list[ConversationMessage] | None = None) -> list[Turn]:
    return merge_turns(RECORD if recorded is None else recorded, messages, before="9.0", bot_user="U0BOT")


def message(ts: str, text: str, **more: Any) -> dict[str, Any]:
    return {"ts": ts, "text": text, "user": "U2", **more}


OWN = [Turn("user", "When is it?"), Turn("assistant", "In May [1].")]


def test_messages_of_others_are_merged_by_time() -> None:
    turns = merged(message("1.5", "Good question"), message("2.5", "So soon?"))
    assert [turn.text for turn in turns] == ["When is it?", "Good question", "In May [1].", "So soon?"]


def test_recorded_turn_replaces_slacks_message() -> None:
    assert merged(message("2.0", "In May [1]. (shortened)", user="U0BOT", bot_id="B0")) == OWN


def test_own_message_without_record_is_left_out() -> None:
    assert merged(message("3.0", "Sorry, something went wrong", user="U0BOT", bot_id="B0")) == OWN


def test_own_messages_count_without_any_record() -> None:
    turns = merged(message("2.0", "In May &amp; June", user="U0BOT", bot_id="B0"), recorded=[])
    assert turns == [Turn("assistant", "In May & June")]


def test_other_bots_are_left_out() -> None:
    assert merged(message("3.0", "Build failed", bot_id="B7")) == OWN


def test_later_messages_are_left_out() -> None:
    assert merged(message("9.0", "the question itself"), message("9.5", "later")) == OWN


def test_join_message_is_no_turn() -> None:
    assert merged(message("3.0", "<@U3> has joined", subtype="channel_join")) == OWN


def test_mention_of_the_bot_is_removed_from_turns() -> None:
    assert merged(message("3.0", "<@U0BOT> really?"))[-1] == Turn("user", "really?")


def test_long_thread_keeps_its_latest_turns() -> None:
    turns = merged(*(message(f"3.{n:03d}", f"word {n}") for n in range(100)))
    assert (len(turns), turns[-1].text) == (20, "word 99")


class EndlessThread:
    """A client whose threads have one message a page and no last page."""

    def __init__(self) -> None:
        self.calls = 0

    async def conversations_replies(self, **_: Any) -> AsyncIterator[dict[str, Any]]:
        return self._pages()

    async def _pages(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            self.calls += 1
            yield {"messages": [message(f"3.{self.calls}", f"word {self.calls}")], "has_more": True}


async def test_thread_costs_five_calls_at_most(state: QuestionStore) -> None:
    client: Any = EndlessThread()
    question = SlackMessage("T1", "C1", "9.0", "1.0", "U1", "When?")
    _, turns = await ConversationHistory(state, client, Names(client), "U0BOT").read(question)
    assert (client.calls, [turn.text for turn in turns]) == (5, [f"word {n}" for n in range(2, 6)])
