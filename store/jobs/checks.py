"""Checks of drafts as jobs, which say who asked for one and where. Nothing of a draft is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import RowMapping

from store.jobs.leases import Holder, Job, StoppableJobStore
from store.jobs.questions import SlackMessage, to_message
from store.jobs.schema import checks


@dataclass(frozen=True, slots=True)
class DraftJob:
    """Who asked for the check of a draft, and where: a message without its text.

    `response_url`, if any, reaches the person alone for half an hour. `stopped`: the person wants no more of it.
    """

    message: SlackMessage
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)
    stopped: bool = False


class DraftJobStore(StoppableJobStore[DraftJob]):
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

    def _work(self, row: RowMapping) -> DraftJob:
        return DraftJob(to_message(row), row["response_url"], row["stopped"])
