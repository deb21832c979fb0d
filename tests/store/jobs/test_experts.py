"""Questions that are passed on to people: each once, with one answer."""

from __future__ import annotations

from store.jobs import (
    ExpertAnswer,
    ExpertAnswerStore,
    ExpertQuestion,
    ExpertQuestionStore,
    Holder,
    MessageRef,
    SlackMessage,
)

ONE, TWO = Holder("one", 20.0), Holder("two", 20.0)
ASKED = SlackMessage("T1", "C1", "1.0", "1.0", "U1", "Who pays?")
POST = MessageRef("C9", "2.0")
ANSWER = ExpertAnswer(ASKED.key, ASKED, POST, "U9", "The members.")


def test_question_is_claimed_once_and_found_by_its_post(url: str) -> None:
    questions = ExpertQuestionStore.open(url)
    job = questions.claim(ExpertQuestion(ASKED.key, ASKED, "C9"), ONE)
    assert job is not None
    assert questions.claim(ExpertQuestion(ASKED.key, ASKED, "C9"), TWO) is None
    assert questions.posted_as(POST) is None
    questions.change(job.lease, True, post_ts=POST.ts)
    assert questions.posted_as(POST) == ExpertQuestion(ASKED.key, ASKED, "C9", POST.ts)
    assert questions.posted_as(MessageRef("C8", POST.ts)) is None
    assert questions.adopt(TWO) == []


def test_question_is_answered_once(url: str) -> None:
    answers = ExpertAnswerStore.open(url)
    assert not (answers.work_of(ASKED.key) is not None)
    assert answers.claim(ANSWER, ONE)
    assert answers.claim(ANSWER, TWO) is None
    assert answers.work_of(ASKED.key) is not None
