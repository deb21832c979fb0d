"""What the answer to a question cites, and how it was made."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Column

revision = "10"
down_revision = "9"


def upgrade() -> None:
    """Add the column; former answers have none."""
    op.add_column("questions", Column("answer_record", JSON))
