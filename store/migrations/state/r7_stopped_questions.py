"""A question that a person has stopped is not answered any more, whichever process works on it."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, false

revision = "7"
down_revision = "6"


def upgrade() -> None:
    """Add the column; no earlier question was stopped."""
    op.add_column("questions", Column("stopped", Boolean, nullable=False, server_default=false()))
