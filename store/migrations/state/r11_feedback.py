"""What people say of answers."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, ForeignKey, String, Text

revision = "11"
down_revision = "10"


def upgrade() -> None:
    """Create the table."""
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
