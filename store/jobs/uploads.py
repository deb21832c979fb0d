"""Files that people gave in Slack to be taken in, as jobs: one for a message or a shortcut that brought some."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from sqlalchemy import RowMapping, update

from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.questions import Asked, asked_of
from store.jobs.schema import uploads


@dataclass(frozen=True, slots=True)
class Given:
    """A file by Slack's id, and the name that it had when it was given."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Files that somebody gave; `key` is the same for each delivery of the same gift.

    `asked` is the message that they hang on, with what its writer wants to know, if anything; its `user` is who
    gave them to the bot. `given_ts` is Slack's time at which they did. `response_url`, where there is one, reaches
    that person alone for half an hour.
    """

    key: str
    asked: Asked
    files: tuple[Given, ...]
    given_ts: str
    # Whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of the bot in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A submission and how far it is: `status` is the message that tells it."""

    submission: Submission
    status: Standing | None = None


class Submissions(JobStore[Upload]):
    """The uploads, shared by all processes that are given the same URL."""

    kind = "upload"
    details = uploads

    def claim(self, submission: Submission, holder: Holder) -> Job[Upload] | None:
        """Take a submission for `holder`; None if anybody has taken it before."""
        return self._claim(
            submission.key,
            Upload(submission),
            holder,
            **asdict(submission.asked),
            files=json.dumps([[file.id, file.name] for file in submission.files]),
            response_url=submission.response_url,
            given_ts=submission.given_ts,
        )

    def told(self, lease: Lease, status: Standing) -> None:
        """Write down which message tells how it goes. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            connection.execute(
                update(uploads)
                .where(uploads.c.key == lease.key)
                .values(status_channel=status.channel, status_ts=status.ts)
            )

    def finish(self, lease: Lease) -> None:
        """Write down that nothing is left to do. Raises LeaseLost."""
        self.abandon(lease)

    def _work(self, row: RowMapping) -> Upload:
        files = tuple(Given(*file) for file in json.loads(row["files"]))
        submission = Submission(row["key"], asked_of(row), files, row["given_ts"], row["response_url"])
        status = Standing(row["status_channel"], row["status_ts"]) if row["status_ts"] else None
        return Upload(submission, status)
