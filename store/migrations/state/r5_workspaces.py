"""The workspaces that have installed the app themselves, and the workspace of each digest."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, String, text

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Add the column of digests, and create the table of installations."""
    op.add_column("digests", Column("team", String, nullable=False, server_default=text("''")))
    op.create_table(
        "installations",
        Column("team", String, primary_key=True),
        Column("name", String, nullable=False),
        Column("token", String, nullable=False),
        Column("refresh_token", String, nullable=False),
        Column("expires_at", Float),
        Column("renewed_until", Float, nullable=False),
    )
