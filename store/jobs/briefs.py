"""Briefs as jobs: on what, for whom, and once it is made, what that person sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import RowMapping, select

from store.jobs.leases import Holder, Job, Lease, StoppableJobStore
from store.jobs.questions import SlackMessage, to_message
from store.jobs.schema import briefs, jobs


@dataclass(frozen=True, slots=True)
class BriefJob:
    """Who asked for a brief, and where; the text of the message is the topic.

    `response_url`, if any, reaches the person alone for half an hour. `stopped`: the person wants no more of it.
    `reply` is the text and the blocks of the brief once it is made.
    """

    message: SlackMessage
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)
    stopped: bool = False
    reply: Mapping[str, Any] | None = field(default=None, repr=False)


class BriefStore(StoppableJobStore[BriefJob]):
    """The briefs, shared by all processes that open the same URL."""

    kind = "brief"
    details = briefs

    def claim(self, brief: BriefJob, holder: Holder, event_id: str = "") -> Job[BriefJob] | None:
        """Claim a brief for `holder`; None if it was claimed before. `event_id` is as for a question."""
        details = {"response_url": brief.response_url, "stopped": False, **asdict(brief.message)}
        return self._claim(brief.message.key, brief, holder, event_id=event_id, **details)

    def is_first(self, job: Job[BriefJob]) -> bool:
        """Whether no other brief of the person, which was claimed before, is open."""
        query = (
            select(briefs.c.key)
            .join(jobs, (jobs.c.kind == self.kind) & (jobs.c.key == briefs.c.key))
            .where(jobs.c.done.is_(False), jobs.c.created_at <= job.created_at)
            .where(briefs.c.team == job.work.message.team, briefs.c.user == job.work.message.user)
            .where(briefs.c.key != job.lease.key)
            .limit(1)
        )
        with self._transaction() as connection:
            return connection.scalar(query) is None

    def save_reply(self, lease: Lease, reply: Mapping[str, Any]) -> None:
        """Record the brief that is about to be sent. Raises LeaseLost."""
        self._update(lease, {"reply": dict(reply)})

    def message_of(self, key: str) -> tuple[SlackMessage, Mapping[str, Any]] | None:
        """Return what was asked for, and the brief that only that person saw; None if there is none any more."""
        query = select(briefs).where(briefs.c.key == key, briefs.c.reply.is_not(None))
        with self._transaction() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return (to_message(row), row["reply"]) if row else None

    def _work(self, row: RowMapping) -> BriefJob:
        return BriefJob(to_message(row), row["response_url"], row["stopped"], row["reply"])
