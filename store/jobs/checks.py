"""Checks of drafts as jobs, which say who asked for one and where. Nothing of a draft is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import RowMapping, select, update

from store.jobs.leases import Holder, Job, JobStore
from store.jobs.questions import SlackMessage, to_message
from store.jobs.schema import checks, jobs


@dataclass(frozen=True, slots=True)
class DraftJob:
    """Who asked for the check of a draft, and where: a message without its text.

    `response_url`, if any, reaches the person alone for half an hour. `stopped`: the person wants no more of it.
    """

    message: SlackMessage
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)
    stopped: bool = False


class DraftJobStore(JobStore[DraftJob]):
    """The checks of drafts, shared by all processes that open the same URL."""

    kind = "check"
    details = checks

    def claim(
        self, key: str, message: SlackMessage, holder: Holder, response_url: str = ""
    ) -> Job[DraftJob] | None:
        """Claim a check for `holder`, without the text of its message; None if it was claimed before."""
        work = DraftJob(replace(message, text=""), response_url)
        return self._claim(
            key, work, holder, response_url=response_url, stopped=False, **asdict(work.message)
        )

    def stop(self, key: str, user: str) -> bool:
        """Record that a person stopped their check; False if there is none that is open."""
        is_open = select(jobs.c.key).where(
            jobs.c.kind == self.kind, jobs.c.key == key, jobs.c.done.is_(False)
        )
        own = update(checks).where(checks.c.user == user, checks.c.key.in_(is_open))
        with self._transaction() as connection:
            return connection.execute(own.values(stopped=True)).rowcount == 1

    def stopped(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys whose checks were stopped."""
        query = select(checks.c.key).where(checks.c.key.in_(list(keys)), checks.c.stopped.is_(True))
        with self._transaction() as connection:
            return set(connection.execute(query).scalars())

    def _work(self, row: RowMapping) -> DraftJob:
        return DraftJob(to_message(row), row["response_url"], row["stopped"])
