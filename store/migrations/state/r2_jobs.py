"""Questions, uploads and digests are jobs of one table; the rows of the former tables move, and are free to adopt."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Text, inspect

revision = "2"
down_revision = "1"

_MESSAGE = 'team, channel, ts, thread, "user", text'
_QUESTION_KEY = "team || '/' || channel || '/' || ts"
_DIGEST_KEY = "channel || '/' || day"
# For each former table: what a job is made of (kind, key, created_at, failures, done), and the details table with its
# columns and their values. A question's number of attempts counted restarts too, so it says nothing about failures;
# that of an upload included the attempt under way.
_FORMER: dict[str, tuple[str, str, str, str]] = {
    "slack_questions": (
        f"'question', {_QUESTION_KEY}, received_at, 0, state = 'answered'",
        "questions",
        f"key, {_MESSAGE}, sending, outcome, reply, reply_ts, reference",
        f"{_QUESTION_KEY}, {_MESSAGE}, state = 'answering', outcome, reply, reply_ts, reference",
    ),
    "slack_events": ("'event', event_id, seen_at, 0, event_id IS NOT NULL", "", "", ""),
    "slack_submissions": (
        "'upload', key, received_at, attempts - 1, state = 'done'",
        "uploads",
        f"key, {_MESSAGE}, files, response_url, given_ts, status_channel, status_ts",
        f"key, {_MESSAGE}, files, response_url, ts, status_channel, status_ts",
    ),
    "digest_runs": (
        f"'digest', {_DIGEST_KEY}, claimed_at, 0, state = 'posted'",
        "digests",
        "key, channel, day, ts, knew",
        f"{_DIGEST_KEY}, channel, day, ts, knew",
    ),
}


def upgrade() -> None:
    """Create the tables, move the rows, and drop the former tables."""
    # A program of revision 1 creates its tables again in a database that has the new ones; a yet older one had fewer.
    existing = set(inspect(op.get_bind()).get_table_names())
    if "jobs" not in existing:
        _create()
    for former, (job, table, columns, values) in _FORMER.items():
        if former not in existing:
            continue
        moves = [("jobs", "kind, key, created_at, failures, done, term, expires_at", f"{job}, 0, 0.0")]
        if table:
            moves.append((table, columns, values))
        for target, into, what in moves:
            op.execute(
                f"INSERT INTO {target} ({into}) SELECT {what} FROM {former} WHERE true ON CONFLICT DO NOTHING"  # noqa: S608
            )
        op.drop_table(former)


def _create() -> None:
    op.create_table(
        "jobs",
        Column("kind", String, primary_key=True),
        Column("key", String, primary_key=True),
        Column("holder", String),
        Column("term", Integer, nullable=False),
        Column("expires_at", Float, nullable=False),
        Column("created_at", Float, nullable=False),
        Column("failures", Integer, nullable=False),
        Column("done", Boolean, nullable=False),
        Index("jobs_open", "kind", "done"),
    )
    op.create_table(
        "questions",
        Column("key", String, primary_key=True),
        *_message(),
        Column("sending", Boolean, nullable=False),
        Column("outcome", String),
        Column("reply", Text),
        Column("reply_ts", String),
        Column("reference", String, index=True),
        Index("questions_thread", "team", "channel", "thread"),
    )
    op.create_table(
        "uploads",
        Column("key", String, primary_key=True),
        *_message(),
        Column("files", Text, nullable=False),
        Column("response_url", Text, nullable=False),
        Column("given_ts", String, nullable=False),
        Column("status_channel", String),
        Column("status_ts", String),
    )
    op.create_table(
        "digests",
        Column("key", String, primary_key=True),
        Column("channel", String, nullable=False),
        Column("day", String, nullable=False),
        Column("ts", String),
        Column("knew", Text),
    )


def _message() -> list[Column[str]]:
    return [
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
        Column("thread", String, nullable=False),
        Column("user", String, nullable=False),
        Column("text", Text, nullable=False),
    ]
