"""Subscriptions of channels and people."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, Integer, String, Text, UniqueConstraint

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Create the table."""
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
        Column("knew", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        UniqueConstraint("team", "channel", "topic", name="subscriptions_once"),
    )
