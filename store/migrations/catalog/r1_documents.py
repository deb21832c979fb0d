"""The first tables: documents with their sections, vectors and events."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
)

revision = "1"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table("meta", Column("key", String, primary_key=True), Column("value", String, nullable=False))
    op.create_table(
        "documents",
        Column("id", String, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("source", String, nullable=False),
        Column("title", Text, nullable=False),
        Column("symbol", String),
        Column("date", Date),
        Column("date_inferred", Boolean, nullable=False),
        Column("language", String, nullable=False),
        Column("content_hash", String, nullable=False),
        Column("ingested_at", DateTime(timezone=True), nullable=False),
        Column("root", Text, nullable=False),
        Column("live", Boolean, nullable=False, index=True),
    )
    op.create_table(
        "sections",
        Column("pk", Integer, primary_key=True),
        Column("id", String, nullable=False, unique=True),
        Column("document_id", String, nullable=False, index=True),
        Column("number", String, nullable=False),
        Column("ordinal", Integer, nullable=False),
        Column("position", Integer, nullable=False),
        Column("heading", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("raw", Text, nullable=False),
        Column("offsets", JSON, nullable=False),
        Column("page", Integer),
        Column("live", Boolean, nullable=False),
    )
    op.create_table(
        "holdings",
        Column("document_id", String, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("section_id", String, primary_key=True),
        Column("position", Integer, nullable=False),
        Index("holdings_by_section", "section_id"),
    )
    op.create_table(
        "passages",
        Column("pk", Integer, primary_key=True),
        Column("section_id", String, nullable=False, index=True),
        Column("kind", String, nullable=False),
        Column("start", Integer, nullable=False),
        Column("end", Integer, nullable=False),
        Column("key", String, nullable=False, index=True),
    )
    op.create_table(
        "vectors",
        Column("key", String, primary_key=True),
        Column("vector", LargeBinary, nullable=False),
        Column("segment", String, index=True),
    )
    op.create_table(
        "acronyms",
        Column("document_id", String, primary_key=True),
        Column("short", String, primary_key=True),
        Column("long", String, primary_key=True, index=True),
        Index("acronyms_by_short", "short"),
    )
    op.create_table(
        "segments",
        Column("name", String, primary_key=True),
        Column("size", Integer, nullable=False),
        Column("live", Boolean, nullable=False),
        Column("retired_at", Float),
    )
    op.create_table(
        "events",
        Column("pk", Integer, primary_key=True),
        Column("id", String, nullable=False),
        Column("chain_id", String, nullable=False, index=True),
        Column("document_id", String, nullable=False),
        Column("version", Integer, nullable=False),
        Column("title", Text, nullable=False),
        Column("kind", String, nullable=False),
        Column("location", Text),
        Column("mentions", JSON, nullable=False),
        Index("events_by_document", "document_id", "version"),
    )
