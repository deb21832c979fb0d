"""Every document has an audience; what was stored before is for everybody. PostgreSQL gets its full text."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Index, Integer, String
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Add the columns, and on PostgreSQL the tables; on SQLite, each audience gets its own when it is first used."""
    for table in ("documents", "sections", "segments"):
        op.add_column(table, Column("audience", String, nullable=False, server_default="everybody"))
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("section_text", "window_text"):
        op.create_table(
            table,
            Column("row", Integer, primary_key=True, autoincrement=False),
            Column("audience", String, nullable=False),
            Column("length", Integer, nullable=False),
            Column("terms", TSVECTOR, nullable=False),
            Index(f"{table}_by_term", "terms", postgresql_using="gin"),
        )
    op.create_table(
        "text_frequencies",
        Column("kind", String, primary_key=True),
        Column("audience", String, primary_key=True),
        Column("term", String, primary_key=True),
        Column("rows", Integer, nullable=False),
        Column("occurrences", Integer, nullable=False),
    )
