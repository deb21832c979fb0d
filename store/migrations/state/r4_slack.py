"""What people do in Slack besides asking: they stop, share, vote, pass on, are reminded and subscribe."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Add the columns of questions and uploads, and create the other tables."""
    op.add_column("uploads", _author_team())
    for column in (
        _author_team(),
        Column("followed", Boolean, nullable=False, server_default=false()),
        Column("stopped", Boolean, nullable=False, server_default=false()),
        Column("delivery", JSON),
        Column("message", JSON),
        Column("answer_record", JSON),
    ):
        op.add_column("questions", column)
    question = ForeignKey("questions.key", name="feedback_key_fkey", ondelete="CASCADE")
    op.create_table(
        "feedback",
        Column("key", String, question, primary_key=True),
        Column("user", String, primary_key=True),
        Column("vote", String, nullable=False),
        Column("reason", String),
        Column("comment", Text),
        Column("at", Float, nullable=False),
    )
    _create_details("shares", "share", *_message(), Column("response_url", Text, nullable=False))
    _create_details(
        "expert_questions",
        "expert question",
        *_message(),
        Column("expert_channel", String, nullable=False),
        Column("post_ts", String),
    )
    _create_details(
        "expert_answers",
        "expert answer",
        *_message(),
        Column("expert_channel", String, nullable=False),
        Column("post_ts", String, nullable=False),
        Column("expert", String, nullable=False),
        Column("answer", Text, nullable=False),
    )
    _create_details(
        "notices",
        "notice",
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("blocks", JSON, nullable=False),
        Column("user", String, nullable=False),
    )
    op.create_table(
        "reminders",
        Column("id", String, primary_key=True),
        Column("team", String, nullable=False),
        Column("user", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("chain", String, nullable=False),
        Column("days", Integer, nullable=False),
        Column("title", Text, nullable=False),
        Column("day", Date),
        Column("dates", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        UniqueConstraint("team", "user", "chain", "days", name="reminders_once"),
    )
    op.create_table(
        "subscriptions",
        Column("id", String, primary_key=True),
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("user", String, nullable=False),
        Column("often", String, nullable=False),
        Column("topic", String, nullable=False),
        Column("zone", String, nullable=False),
        Column("made_at", Float, nullable=False),
        Column("seen", Integer, nullable=False),
        Column("knew", JSON, nullable=False),
        Column("revision", Integer, nullable=False),
        UniqueConstraint("team", "channel", "topic", name="subscriptions_once"),
    )


def _create_details(table: str, kind: str, *columns: Column[Any]) -> None:
    """Create the table of the details of a kind of jobs."""
    op.create_table(
        table,
        Column("kind", String, nullable=False, server_default=kind),
        Column("key", String, primary_key=True),
        *columns,
        CheckConstraint(f"kind = '{kind}'", name=f"{table}_kind_check"),
        ForeignKeyConstraint(
            ["kind", "key"], ["jobs.kind", "jobs.key"], name=f"{table}_kind_key_fkey", ondelete="CASCADE"
        ),
    )


def _message() -> list[Column[str]]:
    return [
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
        Column("thread", String, nullable=False),
        Column("user", String, nullable=False),
        Column("text", Text, nullable=False),
        _author_team(),
    ]


def _author_team() -> Column[str]:
    # Of earlier messages it is not known.
    return Column("author_team", String, nullable=False, server_default=text("''"))
