"""Options of the Slack bot, which `wiring.py` makes from the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.changes.comparison import Changes
from bot.question import Turn
from bot.register import RegisterEntry
from bot.register.digest import Digest, DigestState
from bot.register.repository import EntryEdit, ListedCorrection
from bot.slack.core.access import Policy
from bot.slack.core.schedule import utc_now
from bot.slack.readiness import StoreChecks
from bot.sources import SourcePage
from bot.telemetry.metrics import Metrics
from bot.telemetry.spans import Traces
from ingest.report import IngestProgress, IngestReport
from store.audiences import Audience
from store.files import FileStorage, StoredFile
from store.jobs import (
    DigestStore,
    ExpertAnswerStore,
    ExpertQuestionStore,
    InstallationStore,
    ReminderStore,
    SubmissionStore,
    SubscriptionStore,
)
from store.records import Citation, Document

SLACK_API = "https://slack.com/api/"

# Original files that the whole bot sends at the same time; further ones wait.
FILES_AT_ONCE = 3

# Ingests stored files with different names for the first audience in another process, and removes them from the second
# one, if any. The function gets each step. Raises StoreError, SubprocessDied.
IngestFiles = Callable[
    [Sequence[StoredFile], Callable[[IngestProgress], None], Audience, Audience | None],
    Awaitable[IngestReport],
]

# Returns the digest of a topic for an audience and a day, compared with the state of the last one; may block.
MakeDigest = Callable[[Audience, date, DigestState | None, str], Digest]


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds, which only tests change."""

    renew_every: float = 3.0
    """Between renewals of the leases on this process's jobs."""
    lease_seconds: float = 15.0
    """After the last renewal another process takes the jobs over."""
    shutdown_patience: float = 14.0
    """Running answers may take so long at shutdown, which has half a minute in all."""
    update_every: float = 1.2
    """Between updates of an answer where Slack does not stream: it allows some 50 a minute."""
    renew_status_every: float = 60.0
    """Between renewals of the status below a thread: Slack forgets it after two minutes."""
    announce_queue_after: float = 2.0
    """A question that waits longer gets a message with its place in the queue."""
    admission_patience: float = 2.0
    """Whether a person may ask must be known within this time."""
    forget_every: float = 24 * 3600.0
    """Between removals of old questions."""
    search_again_after: float = 10.0
    """For so long /readyz uses the result of a search."""
    search_patience: float = 10.0
    """A search that takes longer fails: a Chroma server that hangs delays one for some five seconds."""

    @property
    def leases(self) -> dict[str, float]:
        """The times that a Runner takes."""
        return {"renew_every": self.renew_every, "lease_seconds": self.lease_seconds}


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """Who may add documents, and how files become documents."""

    users: Sequence[str]
    """Ids of users and user groups."""
    storage: FileStorage
    submissions: SubmissionStore
    ingest: IngestFiles
    max_bytes: int = 50_000_000
    """The largest file that is accepted."""
    sending: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILES_AT_ONCE))
    """Of the original files that are sent, those of all workspaces."""
    update_every: float = 3.0
    """Seconds between updates of the status message."""
    busy_pause: float = 5.0
    """Seconds between tries while another program writes to the library."""
    hung_after: float = 1_800.0
    """Seconds without progress after which an ingest is ended."""


@dataclass(frozen=True, slots=True)
class CorrectionAccess:
    """Who may correct the register, and the functions that do it. All may block.

    `correct` and `undo` raise UnknownEntry for an entry that the channel may not see.
    """

    users: Sequence[str]
    """Ids of users and user groups."""
    correct: Callable[[Audience, str, EntryEdit, str], RegisterEntry]
    """Takes the channel that shows the entry, the entry's id, the edit, and the user's id after "@"."""
    undo: Callable[[Audience, str, int], RegisterEntry]
    """Takes the channel, the entry's id, and the revision of the correction to undo."""
    listed: Callable[[], Sequence[ListedCorrection]]
    """Returns the corrections that everybody may see, the latest first."""


@dataclass(frozen=True, slots=True)
class ExpertOptions:
    """The channel of the people to whom questions are passed on, and the jobs."""

    channel: str
    questions: ExpertQuestionStore
    answers: ExpertAnswerStore


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """What the bot sends by the clock: digests, reminders and alerts."""

    digests: DigestStore
    reminders: ReminderStore
    subscriptions: SubscriptionStore
    make_digest: MakeDigest
    at: time
    """The hour of digests and reminders."""
    zone: ZoneInfo
    """The time zone of digests, and of people whose own is not known."""
    channel: str = ""
    """The id of the channel that gets the daily digest without a subscription; empty: none."""
    clock: Callable[[], datetime] = utc_now
    """Returns the present time, with a time zone."""


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """How workspaces install the app themselves."""

    store: InstallationStore
    workspaces: Sequence[str]
    """Ids of those that may; what other options name by an id is in the first."""
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """How the bot reaches Slack, whom it answers, and what it does besides answering."""

    bot_token: str = field(repr=False)
    """Of the workspace that the bot serves; unused with `installing`."""
    uploads: UploadOptions
    corrections: CorrectionAccess
    schedule: ScheduleOptions
    app_token: str | None = field(default=None, repr=False)
    """Selects Socket Mode; without it `signing_secret` and `port` are for HTTP mode."""
    signing_secret: str | None = field(default=None, repr=False)
    installing: InstallOptions | None = None
    """None: the bot serves the one workspace of its token. Otherwise those that install the app, over HTTP."""
    api_url: str = SLACK_API
    needed_scopes: Sequence[str] = ()
    """The bot warns at its start if its token lacks some."""
    command: str = "/itu"
    """The name of the slash command, for messages that name it."""
    host: str = "0.0.0.0"  # noqa: S104  Slack calls from outside; unsigned requests are refused
    port: int = 3000
    status_port: int = 0
    """The port of /healthz, /readyz and /metrics alone; 0: none."""
    metrics: Metrics = field(default_factory=Metrics)
    traces: Traces = field(default_factory=Traces)
    checks: StoreChecks = field(default_factory=StoreChecks)
    policy: Policy = field(default_factory=Policy)
    questions_per_minute: int = 0
    """What each person may have the bot do, counted in questions (`Budget`); 0: any number."""
    asks_assistant: Callable[[str, Sequence[Turn]], bool] | None = None
    """Decides with a model whether a message in a thread with an answer asks the bot; blocks, and raises ModelError.

    None: only mentions and direct messages do.
    """
    workers: int = 4
    """Questions that are answered at the same time."""
    queue_length: int = 1_000
    """Questions that wait for a worker; further ones are refused."""
    experts: ExpertOptions | None = None
    """None: no questions are passed on to people."""
    timing: Timing = Timing()


@dataclass(frozen=True, slots=True)
class ChannelData:
    """Reads documents, register and changes as one channel sees them.

    Every function may block, and is called from several threads.
    """

    today: Callable[[], date]
    register: Callable[[date], Sequence[RegisterEntry]]
    documents: Callable[[], list[Document]]
    digest: Callable[[date, int], Digest]
    changes: Callable[[str | None], Changes]
    source: Callable[[Citation, str], SourcePage | None]
