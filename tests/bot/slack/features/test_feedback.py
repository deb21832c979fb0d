"""Votes on answers: stored once for each person, thanked for in private, and explained in a form."""

from __future__ import annotations

import asyncio

import pytest

from store.errors import StoreBusy
from store.jobs import AnswerVote, QuestionStore
from tests.bot.slack.conftest import Start
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.forms import View, opened_by, send_off, vote
from tests.fake_slack.slack import FakeSlack


async def answered(slack: FakeSlack) -> Message:
    asked = await slack.mention("C1", "When is the summit?")
    return await slack.reply("C1", asked["ts"])


async def votes(state: QuestionStore) -> list[tuple[str, str, str | None, str | None]]:
    found: list[AnswerVote] = await asyncio.to_thread(state.votes)
    return [(one.user, one.vote, one.reason, one.comment) for one in found]


async def form(slack: FakeSlack, message: Message, *, user: str = "U1") -> tuple[View, Envelope]:
    return await opened_by(slack, vote(slack, message, positive=False, user=user))


async def test_vote_of_a_person_is_stored_with_its_reason_and_changed_by_the_next(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    message = await answered(slack)
    view, _ = await form(slack, message)
    sent = await send_off(slack, view, reason="outdated", comment=" It moved to June. ")
    assert "will read it" in str(sent.answer)
    assert await votes(state) == [("U1", "bad", "outdated", "It moved to June.")]
    thanks = await slack.response(await vote(slack, message, positive=True))
    assert (thanks["text"][:10], thanks["thread_ts"]) == ("Thank you.", message["thread_ts"])
    await slack.response(await vote(slack, message, positive=True, user="U2"))
    assert sorted(await votes(state)) == [("U1", "good", None, None), ("U2", "good", None, None)]


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
    monkeypatch.setattr("store.jobs.kinds.insert_or_replace", _busy)
    sent = await send_off(slack, view, reason="wrong")
    assert sent.answer["response_action"] == "errors"
    assert "try again in a minute" in str(sent.answer["errors"])


def _busy(*_: object) -> None:
    raise StoreBusy("process 7 is writing")
