"""Replies that their asker alone saw stay out of what others ask later in the same conversation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.jobs import Delivery, Holder, QuestionJob, QuestionStore, SlackMessage

ONE = Holder("one", 20.0)


def question(ts: str, *, thread: str, channel: str = "C1", text: str = "When?") -> SlackMessage:
    return SlackMessage(team="T1", channel=channel, ts=ts, thread=thread, user="U1", text=text)


def told(state: QuestionStore, asked: SlackMessage, reply_ts: str | None) -> None:
    """Answer a question of a command or a form; without a `ts`, its asker alone sees the reply."""
    job = state.claim(QuestionJob(asked, delivery=Delivery()), ONE)
    assert job is not None
    state.change(
        job.lease, sending=True, reply="In May.", record=None, content={"text": "In May.", "blocks": []}
    )
    state.change(job.lease, True, outcome="answer", reply_ts=reply_ts)


@pytest.mark.parametrize("where", [{}, {"seconds": 60.0}])
def test_conversation_has_nothing_that_another_person_alone_saw(
    state: QuestionStore, where: dict[str, float]
) -> None:
    own = question("1.0", channel="D9", thread="0.5", text="When is it?")
    told(state, own, None)
    later = question("2.0", channel="D9", thread="0.5")
    by_user = {user: state.conversation(replace(later, user=user), **where) for user in ("U1", "U2")}
    assert {user: [turn.text for turn in said] for user, said in by_user.items()} == {
        "U1": ["When is it?", "In May."],
        "U2": [],
    }


def test_conversation_has_what_a_command_posted(state: QuestionStore) -> None:
    told(state, question("1.0", thread="0.5", text="When is it?"), "1.5")
    said = state.conversation(replace(question("2.0", thread="0.5"), user="U2"))
    assert [turn.text for turn in said] == ["When is it?", "In May."]


def test_reply_to_its_asker_alone_is_no_answer_in_the_thread(state: QuestionStore) -> None:
    told(state, question("2.0", thread="0.5"), None)
    assert not state.has_answer(question("3.0", thread="0.5"))
