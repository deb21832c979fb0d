"""Documents name the stored file that they come from, and when it was sent."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, String

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("documents", Column("original", String))
    op.add_column("documents", Column("sent_at", Float))
