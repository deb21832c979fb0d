"""Votes on answers: stored once for each person, thanked for in private, and explained in a form."""

from __future__ import annotations

import asyncio

import pytest

from bot.answering.answer import Answer
from bot.slack.core import receiving
from bot.slack.features.feedback import feedback_form
from store.errors import StoreBusy
from store.jobs import AnswerVote, QuestionStore
from tests.bot.slack.complete_answers import complete_answer
from tests.bot.slack.conftest import Start
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import View, opened_by, send_off, vote
from tests.fake_slack.limits import problems, problems_of_form
from tests.fake_slack.slack import FakeSlack


async def answered(slack: FakeSlack) -> Message:
    asked = await slack.mention("C1", "When is the summit?")
    return await slack.reply("C1", asked["ts"])


async def votes(state: QuestionStore) -> list[tuple[str, str, str | None, str | None]]:
    found: list[AnswerVote] = await asyncio.to_thread(state.votes)
    return [(one.user, one.vote, one.reason, one.comment) for one in found]


async def form(slack: FakeSlack, message: Message, *, user: str = "U1") -> tuple[View, Envelope]:
    return await opened_by(slack, vote(slack, message, positive=False, user=user))


async def test_good_vote_is_stored_and_thanked_for_in_the_thread(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    message = await answered(slack)
    thanks = await slack.response(await vote(slack, message, positive=True, user="U2"))
    assert await votes(state) == [("U2", "good", None, None)]
    assert thanks["text"].startswith("Thank you.")
    assert (thanks["response_type"], thanks["replace_original"]) == ("ephemeral", False)
    assert thanks["thread_ts"] == message["thread_ts"]


async def test_vote_is_stored_when_slack_is_acknowledged(
    slack: FakeSlack, bot: object, state: QuestionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where storing takes long, as on a busy machine, it is acknowledged before.
    monkeypatch.setattr(receiving, "_PATIENCE_SECONDS", 60.0)
    await vote(slack, await answered(slack), positive=True)
    assert len(await votes(state)) == 1


async def test_reason_and_comment_of_a_bad_vote_are_stored(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    view, _ = await form(slack, await answered(slack))
    sent = await send_off(slack, view, reason="outdated", comment=" It moved to June. ")
    assert "will read it" in str(sent.answer)
    assert await votes(state) == [("U1", "bad", "outdated", "It moved to June.")]


async def test_pressing_again_changes_the_vote(slack: FakeSlack, bot: object, state: QuestionStore) -> None:
    message = await answered(slack)
    await form(slack, message)
    await slack.response(await vote(slack, message, positive=True))
    assert await votes(state) == [("U1", "good", None, None)]


async def test_form_that_slack_does_not_open_still_leaves_the_vote(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    message = await answered(slack)
    slack.faults["views.open"] = [Fault("refuse", error="expired_trigger_id")]
    thanks = await slack.response(await vote(slack, message, positive=False))
    assert thanks["text"].startswith("Thank you.")
    assert await votes(state) == [("U1", "bad", None, None)]


async def test_vote_on_a_forgotten_answer_says_so(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    message = await answered(slack)
    async with asyncio.timeout(60):
        while (await slack.response(await vote(slack, message, positive=True)))["text"].startswith("Thank"):
            await asyncio.to_thread(state.forget, older_than=-60.0)
    assert await votes(state) == []


async def test_form_stays_open_while_the_store_does_not_answer(
    slack: FakeSlack, start: Start, state: QuestionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start()
    view, _ = await form(slack, await answered(slack))
    monkeypatch.setattr("store.jobs.kinds.insert_new", _busy)
    sent = await send_off(slack, view, reason="wrong")
    assert sent.answer["response_action"] == "errors"
    assert "try again in a minute" in str(sent.answer["errors"])


def _busy(*_: object) -> None:
    raise StoreBusy("process 7 is writing")


def kinds(reply: Answer) -> list[str]:
    message = complete_answer(reply, "T1/C1/1.0")
    assert problems(message) == []
    return [block["type"] for block in message.blocks]


def test_form_keeps_slacks_limits() -> None:
    view = feedback_form("T1/C1/1.0")
    assert problems_of_form(view) == []
