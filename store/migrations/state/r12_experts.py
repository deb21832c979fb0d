"""Questions that are passed on to people, and their answers."""

from __future__ import annotations

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, String, Text, text

revision = "12"
down_revision = "11"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "expert_questions",
        *_job("expert_questions", "expert question"),
        Column("expert_channel", String, nullable=False),
        Column("post_ts", String),
    )
    op.create_table(
        "expert_answers",
        *_job("expert_answers", "expert answer"),
        Column("expert_channel", String, nullable=False),
        Column("post_ts", String, nullable=False),
        Column("expert", String, nullable=False),
        Column("answer", Text, nullable=False),
    )


def _job(table: str, kind: str) -> tuple[Column[str] | CheckConstraint | ForeignKeyConstraint, ...]:
    return (
        Column("kind", String, nullable=False, server_default=kind),
        Column("key", String, primary_key=True),
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
        Column("thread", String, nullable=False),
        Column("user", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("author_team", String, nullable=False, server_default=text("''")),
        CheckConstraint(f"kind = '{kind}'", name=f"{table}_kind_check"),
        ForeignKeyConstraint(
            ["kind", "key"], ["jobs.kind", "jobs.key"], name=f"{table}_kind_key_fkey", ondelete="CASCADE"
        ),
    )
