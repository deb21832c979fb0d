"""Corrections of people, the origin of events, and a model's labels of dates."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, String, Text

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "corrections",
        Column("document_id", String, primary_key=True),
        Column("sentence", Text, primary_key=True),
        Column("text", Text, primary_key=True),
        Column("ordinal", Integer, primary_key=True),
        Column("by", String, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("title", Text),
        Column("kind", String),
        Column("start", Date),
        Column("end", Date),
        Column("status", String),
        Column("no_event", Boolean, nullable=False),
        Column("revision", Integer, nullable=False),
    )
    op.create_table(
        "event_origins",
        Column("document_id", String, primary_key=True),
        Column("rules", String, nullable=False),
        Column("labeller", String),
        Column("to_rules", Integer, nullable=False),
    )
    op.create_table(
        "labels",
        Column("key", String, primary_key=True),
        Column("section_id", String, nullable=False, index=True),
        Column("labels", JSON, nullable=False),
    )
