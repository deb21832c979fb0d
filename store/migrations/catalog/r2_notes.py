"""Documents have notes of their readers, and where each fact was found."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Column

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("documents", Column("found", JSON))
    op.add_column("documents", Column("notes", JSON))
