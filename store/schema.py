"""All tables: the catalog of documents, the jobs, and what the bot keeps of people; and their rows as records.

A table whose rows are a record has a column for each field of it. Two kinds of databases have the tables, SQLite and
PostgreSQL. Full text is apart, as each kind has its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

from store.kept import AccessKey, Installation, Reminder, Source, SourceFile, Subscription
from store.records import EVERYBODY, Correction, Dating, Document, Event, Passage, Section

RecordT = TypeVar("RecordT")

# Foreign keys are named as PostgreSQL names them, so that migrations can name them on SQLite too.
metadata = MetaData(
    naming_convention={"fk": "%(table_name)s_%(column_0_N_name)s_fkey", "ix": "ix_%(column_0_label)s"}
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return a moment with its time zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


_TYPES: Mapping[Any, Any] = {
    str: String,
    bool: Boolean,
    int: Integer,
    float: Float,
    date: Date,
    datetime: Moment,
}


def _columns(record: type[Any], key: Sequence[str] = (), without: Sequence[str] = ()) -> list[Column[Any]]:
    """Return a column for each field of a record: NULL where it may be None, JSON where its type is no plain one.

    `key` names the columns of the primary key, `without` fields that have no column.
    """
    columns = []
    for name, hint in get_type_hints(record).items():
        plain = [part for part in get_args(hint) if part is not type(None)] if _is_optional(hint) else [hint]
        kind = String if get_origin(plain[0]) is Literal else _TYPES.get(plain[0], JSON)
        if name not in without:
            columns.append(Column(name, kind, primary_key=name in key, nullable=_is_optional(hint)))
    return columns


def _is_optional(hint: Any) -> bool:
    return type(None) in get_args(hint)


def as_row(table: Table, record: Any, **more: Any) -> dict[str, Any]:
    """Return the values of a record's fields that are columns of a table, and `more`, by the columns' names."""
    columns = table.c
    return {f.name: getattr(record, f.name) for f in fields(record) if f.name in columns} | more


def as_record(record: type[RecordT], values: Mapping[Any, Any]) -> RecordT:
    """Return a dataclass of JSON or of a row; the dataclasses that it contains too."""
    # A class is hashable, which mypy does not know of a type variable.
    found: RecordT = _adapter(record).validate_python(dict(values))  # type: ignore[arg-type]
    return found


def as_records(record: type[RecordT], connection: Connection, query: Select[Any]) -> list[RecordT]:
    """Return the rows of a query as dataclasses with the names of columns."""
    return [as_record(record, row) for row in connection.execute(query).mappings()]


# To make one takes milliseconds.
@cache
def _adapter(record: Any) -> TypeAdapter[Any]:
    return TypeAdapter(record)


def _document_id() -> ForeignKey:
    """Return the reference of a row that belongs to a document, whichever its versions are."""
    return ForeignKey("document_ids.id")


def _version_of_document() -> ForeignKeyConstraint:
    """Return the reference of a row that belongs to a version of a document, and is deleted with it."""
    return ForeignKeyConstraint(
        ["document_id", "version"], ["documents.id", "documents.version"], ondelete="CASCADE"
    )


# Single values, see `store.catalog`.
meta = Table(
    "meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False)
)

# All documents that there ever were: other tables refer to one, whichever its versions are.
document_ids = Table("document_ids", metadata, Column("id", String, primary_key=True))

# One row for each version. At most one version of a document is live; none if the document was removed.
documents = Table(
    "documents",
    metadata,
    *_columns(Document, key=("id", "version")),
    Column("root", Text, nullable=False),
    Column("live", Boolean, nullable=False, index=True),
    # What read the events: the rules or a model, with their version; empty if it is not known.
    Column("reader", String, nullable=False),
    ForeignKeyConstraint(["id"], ["document_ids.id"]),
)
_LIVE = documents.c.live
Index("documents_live", documents.c.id, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)

# `pk` identifies the row in the full text. Versions in which a section is unchanged share its row.
sections = Table(
    "sections",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    *_columns(Section, without=("part_of",)),
    Column("live", Boolean, nullable=False),
    Column("audience", String, nullable=False),
    ForeignKeyConstraint(["document_id"], ["document_ids.id"]),
    Index("sections_by_document", "document_id"),
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
    *_columns(Passage, without=("embedded",)),
    ForeignKeyConstraint(["section_id"], ["sections.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["key"], ["vectors.key"]),
    Index("passages_by_section", "section_id"),
    Index("passages_by_key", "key"),
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

# How the names of segments begin: a server may have collections of other programs.
SEGMENT_PREFIX = "itubot-"
# A segment holds vectors of one audience.
segments = Table(
    "segments",
    metadata,
    Column("name", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("retired_at", Float),
    Column("audience", String, nullable=False, server_default=EVERYBODY),
)

events = Table(
    "events",
    metadata,
    Column("pk", Integer, primary_key=True),
    *_columns(Event, without=("correction",)),
    Column("version", Integer, nullable=False),
    _version_of_document(),
    Index("events_by_chain", "chain_id"),
    Index("events_by_document", "document_id", "version"),
)

# People's corrections of dates. Their key is the words of the document, not an event's id, so that an ingest neither
# loses nor duplicates them.
corrections = Table(
    "corrections",
    metadata,
    *_columns(Dating, key=("document_id", "sentence", "text", "ordinal")),
    *_columns(Correction, without=("dating",)),
    ForeignKeyConstraint(["document_id"], ["document_ids.id"]),
)

# The bot's own work: one row for each job, of any kind.
jobs = Table(
    "jobs",
    metadata,
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    # What is to be done and what is known of it, as the dataclass of the kind has it; see `store.jobs.kinds`.
    Column("payload", JSON, nullable=False),
    # What jobs are found by; empty where a kind has none. The message in Slack that asks for it, or where it goes:
    Column("team", String, nullable=False, server_default=""),
    Column("channel", String, nullable=False, server_default=""),
    Column("thread", String, nullable=False, server_default=""),
    Column("ts", String, nullable=False, server_default=""),
    # whom it is for, or whom it names, and another person whose words it has;
    Column("user", String, nullable=False, server_default=""),
    Column("expert", String, nullable=False, server_default=""),
    # the message that is the result.
    Column("reply_ts", String),
    # True if a person wants no more of it.
    Column("stopped", Boolean, nullable=False, server_default=false()),
    # The process that works on it; NULL if it is free.
    Column("holder", String),
    # How often it was claimed or adopted: a write is valid only for the current term.
    Column("term", Integer, nullable=False),
    # Seconds since 1970, by the database's clock.
    Column("expires_at", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    # True once the work began: until then it cannot be why its process ended.
    Column("begun", Boolean, nullable=False),
    # Deaths of processes that had begun the work, and unknown errors.
    Column("failures", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
)
Index("jobs_open", jobs.c.done, jobs.c.kind)
Index("jobs_place", jobs.c.team, jobs.c.channel, jobs.c.thread)

Index("jobs_reply", jobs.c.reply_ts)

# What people say of answers, which is deleted with the question.
feedback = Table(
    "feedback",
    metadata,
    Column("kind", String, nullable=False, server_default="question"),
    Column("key", String, primary_key=True),
    Column("user", String, primary_key=True),
    Column("vote", String, nullable=False),
    Column("reason", String),
    Column("comment", Text),
    Column("at", Float, nullable=False),
    ForeignKeyConstraint(["kind", "key"], ["jobs.kind", "jobs.key"], ondelete="CASCADE"),
)

reminders = Table(
    "reminders",
    metadata,
    *_columns(Reminder, key=("id",)),
    UniqueConstraint("team", "user", "chain", "days", name="reminders_once"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    *_columns(Subscription, key=("id",)),
    UniqueConstraint("team", "channel", "topic", name="subscriptions_once"),
)

# The workspaces that have installed the app themselves.
installations = Table(
    "installations",
    metadata,
    *_columns(Installation, key=("team",)),
    # Until then the process that renews the token has the right to; by the database's clock.
    Column("renewed_until", Float, nullable=False),
)

# The language that a person has chosen for what only they read.
languages = Table(
    "languages",
    metadata,
    Column("team", String, primary_key=True),
    Column("user", String, primary_key=True),
    Column("language", String, nullable=False),
)

# Secret addresses of calendars, and tokens of other assistants.
access_keys = Table(
    "access_keys",
    metadata,
    *_columns(AccessKey, key=("id",)),
    # SHA-256 of the key, in hexadecimal digits.
    Column("hash", String, nullable=False, unique=True),
    UniqueConstraint("purpose", "team", "user", "name", "audience", name="access_keys_once"),
)

calendar_events = Table(
    "calendar_events",
    metadata,
    # The audience of the calendars, and its workspace, "" for everybody.
    Column("audience", String, primary_key=True),
    Column("uid", String, primary_key=True),
    Column("team", String, nullable=False),
    # A checksum of what the documents say of the event.
    Column("facts", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    # Seconds since 1970.
    Column("changed_at", Float, nullable=False),
)

# Where documents come from by themselves, and the files of each.
sources = Table(
    "sources",
    metadata,
    *_columns(Source, key=("id",)),
    # The workspace of the audience; empty for everybody.
    Column("team", String, nullable=False),
    UniqueConstraint("audience", "name", name="sources_once"),
)
source_files = Table(
    "source_files",
    metadata,
    *_columns(SourceFile, key=("source", "url")),
    ForeignKeyConstraint(["source"], ["sources.id"], ondelete="CASCADE"),
)
