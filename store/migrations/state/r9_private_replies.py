"""Where the reply goes to a question that no message in Slack asks, and replies that their asker shares."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, String, Text, text

revision = "9"
down_revision = "8"


def upgrade() -> None:
    """Add the table and the columns; former questions are messages in Slack."""
    op.add_column("questions", Column("delivery", JSON))
    op.add_column("questions", Column("message", JSON))
    op.create_table(
        "shares",
        Column("kind", String, nullable=False, server_default="share"),
        Column("key", String, primary_key=True),
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
        Column("thread", String, nullable=False),
        Column("user", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("author_team", String, nullable=False, server_default=text("''")),
        Column("response_url", Text, nullable=False),
        CheckConstraint("kind = 'share'", name="shares_kind_check"),
        ForeignKeyConstraint(
            ["kind", "key"],
            ["jobs.kind", "jobs.key"],
            name="shares_kind_key_fkey",
            ondelete="CASCADE",
        ),
    )
