"""Tables of the catalog."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from store.catalog.fulltext.postgres import metadata as postgres_full_text
from store.records import EVERYBODY
from store.schema_revisions import NAMES, Schema

metadata = MetaData(naming_convention=NAMES)


def _audience() -> Column[str]:
    return Column("audience", String, nullable=False, server_default=EVERYBODY)


def _document_id() -> ForeignKey:
    """Return the reference of a row that belongs to a document, whichever its versions are."""
    return ForeignKey("document_ids.id")


def _version_of_document() -> ForeignKeyConstraint:
    """Return the reference of a row that belongs to a version of a document, and is deleted with it."""
    return ForeignKeyConstraint(
        ["document_id", "version"], ["documents.id", "documents.version"], ondelete="CASCADE"
    )


# Single values, see `store.catalog.meta`.
meta = Table(
    "meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False)
)

# All documents that there ever were: other tables refer to one, whichever its versions are.
document_ids = Table("document_ids", metadata, Column("id", String, primary_key=True))

# One row for each version. At most one version of a document is live; none if the document was removed.
documents = Table(
    "documents",
    metadata,
    Column("id", String, _document_id(), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("symbol", String),
    Column("date", Date),
    Column("date_inferred", Boolean, nullable=False),
    Column("language", String, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("ingested_at", DateTime(timezone=True), nullable=False),
    Column("found", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("root", Text, nullable=False),
    Column("live", Boolean, nullable=False, index=True),
    _audience(),
    Column("original", String),
    Column("sent_at", Float),
)
_LIVE = documents.c.live
Index("documents_live", documents.c.id, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)

# `pk` identifies the row in the full text. Versions in which a section is unchanged share its row.
sections = Table(
    "sections",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("document_id", String, _document_id(), nullable=False, index=True),
    Column("number", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("heading", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("offsets", JSON, nullable=False),
    Column("page", Integer),
    Column("live", Boolean, nullable=False),
    _audience(),
)

# The sections of each version of a document.
version_sections = Table(
    "holdings",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("section_id", String, ForeignKey("sections.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    _version_of_document(),
    Index("holdings_by_section", "section_id"),
)

# The parts of a section that have a vector: windows are searched, sentences are compared.
passages = Table(
    "passages",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("section_id", String, ForeignKey("sections.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("key", String, ForeignKey("vectors.key"), nullable=False, index=True),
)

# All vectors; `segment` names the index segment that also has it.
vectors = Table(
    "vectors",
    metadata,
    Column("key", String, primary_key=True),
    Column("vector", LargeBinary, nullable=False),
    Column("segment", String, ForeignKey("segments.name", ondelete="SET NULL"), index=True),
)

# The acronyms that documents introduce ("Global Digital Compact (GDC)"), both forms in folded words.
acronyms = Table(
    "acronyms",
    metadata,
    Column("document_id", String, _document_id(), primary_key=True),
    Column("short", String, primary_key=True),
    Column("long", String, primary_key=True, index=True),
    Index("acronyms_by_short", "short"),
)

# A segment holds vectors of one audience.
segments = Table(
    "segments",
    metadata,
    Column("name", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("retired_at", Float),
    _audience(),
)

events = Table(
    "events",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("id", String, nullable=False),
    Column("chain_id", String, nullable=False, index=True),
    Column("document_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("location", Text),
    Column("mentions", JSON, nullable=False),
    _version_of_document(),
    Index("events_by_document", "document_id", "version"),
)

# People's corrections of dates. Their key is the words of the document, not an event's id, so that an ingest neither
# loses nor duplicates them.
corrections = Table(
    "corrections",
    metadata,
    Column("document_id", String, _document_id(), primary_key=True),
    Column("sentence", Text, primary_key=True),
    Column("text", Text, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("by", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("title", Text),
    Column("kind", String),
    Column("start", Date),
    Column("end", Date),
    Column("status", String),
    Column("no_event", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
)

# The version of the rules and the labeller that made the events of a live document, and the number of sections for
# which the labeller failed.
event_origins = Table(
    "event_origins",
    metadata,
    Column("document_id", String, _document_id(), primary_key=True),
    Column("rules", String, nullable=False),
    Column("labeller", String),
    Column("to_rules", Integer, nullable=False),
)

# A model's labels of the dates of a section, by a hash of everything that the model was shown. They are saved before
# the section is.
labels = Table(
    "labels",
    metadata,
    Column("key", String, primary_key=True),
    Column("section_id", String, nullable=False, index=True),
    Column("labels", JSON, nullable=False),
)

SCHEMA = Schema("catalog", "the catalog", "1", metadata, of_dialect={"postgresql": postgres_full_text})
