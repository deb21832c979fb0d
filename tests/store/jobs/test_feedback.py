"""Votes on answers in the database: one of each person on each answer."""

from __future__ import annotations

import pytest

from store.jobs import AnswerRecord, Holder, QuestionJob, QuestionStore, SlackMessage
from tests.store.jobs.clock import Clock

MONTH = 30 * 24 * 3600.0
RECORD = AnswerRecord(answered=True, model="extractive")
ASKED = SlackMessage("T1", "C1", "1.0", "1.0", "U1", "When?")


@pytest.fixture
def state(url: str, clock: Clock) -> QuestionStore:
    state = QuestionStore.open(url, clock.reading)
    job = state.claim(QuestionJob(ASKED), Holder("one", 20.0))
    assert job is not None
    state.change(job.lease, sending=True, reply="In May.", record=RECORD)
    state.change(job.lease, True, outcome="answer", reply_ts="1.5")
    return state


def test_vote_is_stored_with_question_answer_and_how_it_was_made(state: QuestionStore) -> None:
    assert state.save_vote(ASKED.key, "U2", "good")
    [found] = state.votes()
    assert (found.user, found.vote, found.reason, found.comment) == ("U2", "good", None, None)
    assert (found.question, found.reply, found.record) == ("When?", "In May.", RECORD)


def test_later_vote_of_the_same_person_replaces_the_former(state: QuestionStore, clock: Clock) -> None:
    state.save_vote(ASKED.key, "U2", "bad", "wrong", "It is in June.")
    before = state.votes()[0].at
    clock.now += 60
    state.save_vote(ASKED.key, "U2", "good")
    [found] = state.votes()
    assert (found.vote, found.reason, found.comment, found.at - before) == ("good", None, None, 60)


def test_each_person_has_a_vote(state: QuestionStore) -> None:
    for user in ("U2", "U3"):
        state.save_vote(ASKED.key, user, "bad")
    assert {found.user for found in state.votes()} == {"U2", "U3"}


def test_vote_on_a_forgotten_answer_is_not_stored(state: QuestionStore) -> None:
    assert not state.save_vote("T1/C1/9.0", "U2", "good")
    assert state.votes() == []


def test_vote_is_deleted_with_its_question(state: QuestionStore, clock: Clock) -> None:
    state.save_vote(ASKED.key, "U2", "good")
    clock.now += MONTH + 1
    state.forget(older_than=MONTH)
    assert state.votes() == []
