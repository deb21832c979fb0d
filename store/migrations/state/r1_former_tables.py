"""Questions, events, uploads and digests, each in a table of its own rules."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, Integer, String, Text

revision = "1"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "slack_events",
        Column("event_id", String, primary_key=True),
        Column("seen_at", Float, nullable=False),
    )
    op.create_table(
        "slack_questions",
        Column("team", String, primary_key=True),
        Column("channel", String, primary_key=True),
        Column("ts", String, primary_key=True),
        Column("thread", String, nullable=False),
        Column("user", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("state", String, nullable=False, index=True),
        Column("owner", String),
        Column("alive_at", Float, nullable=False),
        Column("received_at", Float, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("outcome", String),
        Column("reply", Text),
        Column("reply_ts", String),
        Column("reference", String),
    )
    op.create_table(
        "slack_submissions",
        Column("key", String, primary_key=True),
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
        Column("thread", String, nullable=False),
        Column("user", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("files", Text, nullable=False),
        Column("response_url", Text, nullable=False),
        Column("state", String, nullable=False),
        Column("owner", String),
        Column("alive_at", Float, nullable=False),
        Column("received_at", Float, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("status_channel", String),
        Column("status_ts", String),
    )
    op.create_table(
        "digest_runs",
        Column("channel", String, primary_key=True),
        Column("day", String, primary_key=True),
        Column("state", String, nullable=False),
        Column("owner", String, nullable=False),
        Column("claimed_at", Float, nullable=False),
        Column("ts", String),
        Column("knew", Text),
    )
