"""All tables: the catalog of documents, the jobs, and what the bot keeps of people.

Two kinds of databases have them, SQLite and PostgreSQL. Full text is apart, as each kind has its own.
"""

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
    UniqueConstraint,
    false,
)

from store.records import EVERYBODY

# Foreign keys are named as PostgreSQL names them, so that migrations can name them on SQLite too.
metadata = MetaData(
    naming_convention={"fk": "%(table_name)s_%(column_0_N_name)s_fkey", "ix": "ix_%(column_0_label)s"}
)


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
    Column("id", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("user", String, nullable=False),
    # The direct message with the user.
    Column("channel", String, nullable=False),
    # The event's chain in the register.
    Column("chain", String, nullable=False),
    Column("days", Integer, nullable=False),
    Column("title", Text, nullable=False),
    # The day that it counts from, NULL while the event has none; and its dates in words, as the user knows them.
    Column("day", Date),
    Column("dates", Text, nullable=False),
    # How often the row was changed: if several processes want to change the same state of it, only one does.
    Column("revision", Integer, nullable=False),
    UniqueConstraint("team", "user", "chain", "days", name="reminders_once"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String, primary_key=True),
    Column("team", String, nullable=False),
    # A channel, or the direct message with the user who subscribed.
    Column("channel", String, nullable=False),
    Column("user", String, nullable=False),
    Column("often", String, nullable=False),
    # Words of a topic, or the name of a document; empty: everything.
    Column("topic", String, nullable=False),
    # Empty: the time zone of the person or of the settings.
    Column("zone", String, nullable=False),
    # Seconds since 1970.
    Column("made_at", Float, nullable=False),
    # The generation of the store whose dates are known, and those dates: chain -> title, words and last day.
    Column("seen", Integer, nullable=False),
    Column("knew", JSON, nullable=False),
    # As in `reminders`.
    Column("revision", Integer, nullable=False),
    UniqueConstraint("team", "channel", "topic", name="subscriptions_once"),
)

# The workspaces that have installed the app themselves.
installations = Table(
    "installations",
    metadata,
    # The workspace; the organization, where the app is installed in all of its workspaces.
    Column("team", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("token", String, nullable=False),
    # Empty, and NULL, where the token does not expire. Seconds since 1970.
    Column("refresh_token", String, nullable=False),
    Column("expires_at", Float),
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
    Column("id", String, primary_key=True),
    # SHA-256 of the key, in hexadecimal digits.
    Column("hash", String, nullable=False, unique=True),
    Column("purpose", String, nullable=False),
    # The name of a token, or the topic of a calendar.
    Column("name", String, nullable=False),
    Column("audience", String, nullable=False),
    # Empty where somebody made it at a terminal.
    Column("team", String, nullable=False),
    Column("user", String, nullable=False),
    Column("language", String, nullable=False),
    # Seconds since 1970.
    Column("made_at", Float, nullable=False),
    # While the person may not use the bot, the key gives nothing.
    Column("refused", Boolean, nullable=False, default=False),
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


# Where documents come from by themselves: a page, a feed, a file or a folder.
sources = Table(
    "sources",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("url", Text, nullable=False),
    # What the addresses of its files have to match; empty: all are taken.
    Column("pattern", String, nullable=False),
    Column("audience", String, nullable=False),
    # The workspace of the audience; empty for everybody.
    Column("team", String, nullable=False),
    # Seconds between two fetches.
    Column("every", Float, nullable=False),
    # What was found at the address; empty before the first fetch.
    Column("form", String, nullable=False),
    # What is known of its content: `store.jobs.sources.Seen`.
    Column("seen", JSON, nullable=False),
    # Seconds since 1970, here and below: when the present fetch began, else 0.
    Column("began_at", Float, nullable=False),
    # When the last fetch ended, and when the next one is due.
    Column("fetched_at", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    # The number of fetches that ended, of those that failed since the last success, and why the last one did.
    Column("fetches", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    # Whether those who keep the library know that it fails.
    Column("told", Boolean, nullable=False),
    UniqueConstraint("audience", "name", name="sources_once"),
)

# The files of sources.
source_files = Table(
    "source_files",
    metadata,
    Column("source", String, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("url", Text, primary_key=True),
    # The name of its document.
    Column("name", String, nullable=False),
    Column("seen", JSON, nullable=False),
    # When the server was asked for it last.
    Column("asked_at", Float, nullable=False),
    # Whether the page, feed or folder names it.
    Column("listed", Boolean, nullable=False),
    # What the library has of it: the SHA-256 and the time of that content.
    Column("given", String, nullable=False),
    Column("given_at", Float, nullable=False),
    # Why its present content is not in the library, or could not be read at its source.
    Column("problem", Text, nullable=False),
    # The first day on which it was gone at its source, and whether it still was on a later day.
    Column("missing_on", Date),
    Column("gone", Boolean, nullable=False),
    Column("told", Boolean, nullable=False),
)
