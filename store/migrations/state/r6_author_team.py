"""A message knows the workspace of its author, which in a shared channel may be another one than the app's."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String, text

revision = "6"
down_revision = "5"


def upgrade() -> None:
    """Add the column; of earlier messages it is not known."""
    for table in ("questions", "uploads"):
        op.add_column(table, Column("author_team", String, nullable=False, server_default=text("''")))
