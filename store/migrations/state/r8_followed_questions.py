"""A question may be a message in a followed thread, of which it is not yet decided whether it asks the bot."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, false

revision = "8"
down_revision = "7"


def upgrade() -> None:
    """Add the column; earlier questions were put to the bot."""
    op.add_column("questions", Column("followed", Boolean, nullable=False, server_default=false()))
