"""Files that people sent in Slack for the library, as jobs: one for each message or shortcut."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field

from sqlalchemy import RowMapping, select

from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.questions import SlackMessage, to_message
from store.jobs.schema import uploads


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file in Slack: its id, its name, and the digest under which it is stored; "" before that."""

    id: str
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """Files that a person sent; `key` is the same whenever Slack delivers the same submission again.

    `message` is the message with the files; its `user` is the sender. `submitted_ts` is Slack's time of the submission.
    `response_url`, if any, reaches the sender alone for half an hour.
    """

    key: str
    message: SlackMessage
    files: tuple[SlackFile, ...]
    submitted_ts: str
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Channel and `ts` of a message that the bot posted."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A submission, and the message that shows its progress."""

    submission: Submission
    status: MessageRef | None = None


class SubmissionStore(JobStore[Upload]):
    """The jobs that ingest submissions, shared by all processes that open the same URL."""

    kind = "upload"
    details = uploads
    waits = True

    def claim(self, submission: Submission, holder: Holder) -> Job[Upload] | None:
        """Claim a submission for `holder`; None if it was claimed before."""
        return self._claim(
            submission.key,
            Upload(submission),
            holder,
            **asdict(submission.message),
            files=_to_json(submission.files),
            response_url=submission.response_url,
            given_ts=submission.submitted_ts,
        )

    def save_status(self, lease: Lease, status: MessageRef) -> None:
        """Record which message shows the progress. Raises LeaseLost."""
        self._update(lease, {"status_channel": status.channel, "status_ts": status.ts})

    def save_files(self, lease: Lease, files: Sequence[SlackFile]) -> None:
        """Record the names and digests of the submission's files. Raises LeaseLost."""
        self._update(lease, {"files": _to_json(files)})

    def message_with(self, sha256: str) -> SlackMessage | None:
        """Return the latest message with a stored file; None once it is forgotten."""
        sent = uploads.c.files.contains(sha256), self._is_own(uploads)
        query = select(uploads).where(*sent).order_by(uploads.c.given_ts.desc())
        with self._transaction() as connection:
            row = connection.execute(query.limit(1)).mappings().one_or_none()
        return None if row is None else to_message(row)

    def _work(self, row: RowMapping) -> Upload:
        files = tuple(SlackFile(*file) for file in json.loads(row["files"]))
        submission = Submission(row["key"], to_message(row), files, row["given_ts"], row["response_url"])
        status = MessageRef(row["status_channel"], row["status_ts"]) if row["status_ts"] else None
        return Upload(submission, status)


def _to_json(files: Sequence[SlackFile]) -> str:
    return json.dumps([astuple(file) for file in files])
