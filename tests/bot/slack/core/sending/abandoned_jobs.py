"""Questions that processes left which are gone."""

from __future__ import annotations

from store.jobs import Delivery, Holder, Job, QuestionJob, QuestionStore, SlackMessage

GONE = Holder("a process that is gone", 60.0)


def died_over(
    state: QuestionStore, asked: SlackMessage, crashes: int, delivery: Delivery | None = None
) -> Job[QuestionJob]:
    """Return a question in the hands of the last of so many processes that died over it, one after the other."""
    job = state.claim(QuestionJob(asked, delivery=delivery), GONE)
    assert job is not None
    for _ in range(crashes - 1):
        state.release(job.lease, failed=True)
        [job] = state.adopt(GONE)
    return job
