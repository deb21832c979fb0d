"""Tables of the bot's own work: one for all jobs, and one for the details of each kind, by the key of the job."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from store.schema_revisions import NAMES, Schema

metadata = MetaData(naming_convention=NAMES)

jobs = Table(
    "jobs",
    metadata,
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
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
Index("jobs_open", jobs.c.kind, jobs.c.done)


def _details(table: str, kind: str, *columns: Column[Any]) -> Table:
    """Return a table with the details of the jobs of a kind, which are deleted with their job."""
    return Table(
        table,
        metadata,
        Column("kind", String, nullable=False, server_default=kind),
        Column("key", String, primary_key=True),
        *columns,
        CheckConstraint(f"kind = '{kind}'", name=f"{table}_kind_check"),
        ForeignKeyConstraint(["kind", "key"], ["jobs.kind", "jobs.key"], ondelete="CASCADE"),
    )


def _message() -> list[Column[str]]:
    """Return the columns of a message in Slack."""
    return [
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
        Column("thread", String, nullable=False),
        Column("user", String, nullable=False),
        Column("text", Text, nullable=False),
        Column("author_team", String, nullable=False, server_default=text("''")),
    ]


questions = _details(
    "questions",
    "question",
    *_message(),
    # True from when the reply may be in Slack.
    Column("sending", Boolean, nullable=False),
    # True for a message without a mention, which may be for others.
    Column("followed", Boolean, nullable=False, server_default=false()),
    # True if a person wants no answer any more.
    Column("stopped", Boolean, nullable=False, server_default=false()),
    Column("outcome", String),
    Column("reply", Text),
    Column("reply_ts", String),
    Column("reference", String, index=True),
    # Where the reply goes, unless the question is a message in Slack.
    Column("delivery", JSON(none_as_null=True)),
    # The reply to the asker alone, which they may share: its text and blocks.
    Column("message", JSON(none_as_null=True)),
    # What the answer cites and how it was made; see `store.jobs.questions`.
    Column("answer_record", JSON(none_as_null=True)),
)
Index("questions_thread", questions.c.team, questions.c.channel, questions.c.thread)

# What people say of answers, which is deleted with the question.
feedback = Table(
    "feedback",
    metadata,
    Column("key", String, ForeignKey("questions.key", ondelete="CASCADE"), primary_key=True),
    Column("user", String, primary_key=True),
    Column("vote", String, nullable=False),
    Column("reason", String),
    Column("comment", Text),
    Column("at", Float, nullable=False),
)

uploads = _details(
    "uploads",
    "upload",
    *_message(),
    # A JSON list of lists: id, name, and the digest of the stored file, if it is stored.
    Column("files", Text, nullable=False),
    Column("response_url", Text, nullable=False),
    # Slack's time of the message or the shortcut.
    Column("given_ts", String, nullable=False),
    # The message that shows the progress.
    Column("status_channel", String),
    Column("status_ts", String),
)

# Nothing of a draft is stored: the text is empty.
checks = _details(
    "checks",
    "check",
    *_message(),
    Column("response_url", Text, nullable=False),
    # True if the person wants no more of it.
    Column("stopped", Boolean, nullable=False),
)

briefs = _details(
    "briefs",
    "brief",
    # Its text is the topic.
    *_message(),
    Column("response_url", Text, nullable=False),
    # True if the person wants no more of it.
    Column("stopped", Boolean, nullable=False),
    # The brief, which the person may share: its text and blocks.
    Column("reply", JSON(none_as_null=True)),
)

shares = _details(
    "shares",
    "share",
    # Its text is the command, or empty for the answer to a question.
    *_message(),
    Column("response_url", Text, nullable=False),
)

# Questions that are passed on to people; `user` is the person who passes them on.
expert_questions = _details(
    "expert_questions",
    "expert question",
    *_message(),
    Column("expert_channel", String, nullable=False),
    Column("post_ts", String),
)

# The first answer of a person to such a question.
expert_answers = _details(
    "expert_answers",
    "expert answer",
    *_message(),
    Column("expert_channel", String, nullable=False),
    Column("post_ts", String, nullable=False),
    Column("expert", String, nullable=False),
    Column("answer", Text, nullable=False),
)

digests = _details(
    "digests",
    "digest",
    # The id of the subscription; for the daily digest of the settings, that of its channel.
    Column("channel", String, nullable=False),
    Column("day", String, nullable=False),
    Column("ts", String),
    # The digest's state as JSON: the next digest is compared with it.
    Column("knew", Text),
    # Empty where the bot serves one workspace.
    Column("team", String, nullable=False, server_default=text("''")),
)

notices = _details(
    "notices",
    "notice",
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("blocks", JSON, nullable=False),
    # The person whom it is for or whom it names; empty if there is none.
    Column("user", String, nullable=False),
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
    # What the server said of the page or feed, and the SHA-256 of its content.
    Column("etag", String, nullable=False),
    Column("last_modified", String, nullable=False),
    Column("sha256", String, nullable=False),
    # Seconds since 1970, here and below: when the content was read, and when the present fetch began, else 0.
    Column("read_at", Float, nullable=False),
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
    # As in `sources`; empty before the first content.
    Column("etag", String, nullable=False),
    Column("last_modified", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("read_at", Float, nullable=False),
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

# The hosts of sources: when the next request may begin, and what their robots.txt says.
source_hosts = Table(
    "source_hosts",
    metadata,
    Column("host", String, primary_key=True),
    Column("free_at", Float, nullable=False),
    Column("robots", Text, nullable=False),
    Column("robots_at", Float, nullable=False),
)

fetches = _details("fetches", "fetch", Column("source", String, nullable=False))

SCHEMA = Schema("state", "the state database", "1", metadata)
