"""The database itself keeps the details of a job with it: a foreign key, by the job's kind and key."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String

revision = "3"
down_revision = "2"

_DETAILS = {"questions": "question", "uploads": "upload", "digests": "digest"}


def upgrade() -> None:
    """Delete the details without a job, then add the kind and the key."""
    for table, kind in _DETAILS.items():
        op.execute(
            f"DELETE FROM {table} WHERE NOT EXISTS "  # noqa: S608
            f"(SELECT 1 FROM jobs WHERE jobs.kind = '{kind}' AND jobs.key = {table}.key)"
        )
        with op.batch_alter_table(table) as batch:
            batch.add_column(Column("kind", String, nullable=False, server_default=kind))
            batch.create_check_constraint(f"{table}_kind_check", f"kind = '{kind}'")
            batch.create_foreign_key(
                f"{table}_kind_key_fkey", "jobs", ["kind", "key"], ["kind", "key"], ondelete="CASCADE"
            )
