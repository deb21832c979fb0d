"""Reminders, and the notices to people and channels."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    String,
    Text,
    UniqueConstraint,
)

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "notices",
        Column("kind", String, nullable=False, server_default="notice"),
        Column("key", String, primary_key=True),
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("blocks", Text, nullable=False),
        CheckConstraint("kind = 'notice'", name="notices_kind_check"),
        ForeignKeyConstraint(
            ["kind", "key"], ["jobs.kind", "jobs.key"], name="notices_kind_key_fkey", ondelete="CASCADE"
        ),
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
        Column("day", String),
        Column("dates", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        UniqueConstraint("team", "user", "chain", "days", name="reminders_once"),
    )
