"""What the Slack bot is given, which `wiring.py` makes from the services, and what a channel sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime

from starlette.routing import BaseRoute

from bot.answering.question import Turn
from bot.briefs.brief import Brief
from bot.briefs.making import OnPart
from bot.calendars import Calendars
from bot.changes.comparison import Changes
from bot.drafts.draft import DraftCheck
from bot.register import RegisterEntry
from bot.register.digest import Digest, DigestState
from bot.register.repository import EntryEdit
from bot.settings import Settings
from bot.slack.core.schedule import utc_now
from bot.slack.readiness import StoreChecks
from bot.sources import SourcePage
from bot.telemetry.metrics import Metrics
from bot.telemetry.spans import Traces
from ingest.drafts import DraftSentence
from ingest.report import FetchReport, IngestProgress, IngestReport
from store.audiences import Audience
from store.files import FileStorage, StoredFile
from store.jobs import InstallationStore, Lease, Source
from store.records import Citation, Document

# Original files that the whole bot sends at the same time; further ones wait.
FILES_AT_ONCE = 3

# Ingests stored files with different names for the first audience in another process, and removes them from the second
# one, if any. The function gets each step. Raises StoreError, SubprocessDied.
IngestFiles = Callable[
    [Sequence[StoredFile], Callable[[IngestProgress], None], Audience, Audience | None],
    Awaitable[IngestReport],
]


# Fetches a source in another process, under the lease of its job. Raises LeaseLost, StoreError, SubprocessDied.
FetchSource = Callable[[Source, Lease], Awaitable[FetchReport]]


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds, which only tests change."""

    renew_every: float = 3.0
    """Between renewals of the leases on this process's jobs."""
    lease_seconds: float = 15.0
    """After the last renewal another process takes the jobs over."""
    shutdown_patience: float = 14.0
    """Running answers may take so long at shutdown, which has half a minute in all."""
    renew_status_every: float = 60.0
    """Between renewals of a status of words below a thread: Slack forgets it after two minutes."""
    stream_every: float = 1.0
    """Between pieces of the answers that are streamed: Slack takes some hundred a minute of a whole workspace."""
    announce_queue_after: float = 2.0
    """A question that waits longer gets a message with its place in the queue."""
    admission_patience: float = 1.5
    """Whether a person may ask must be known within this time."""
    window_after: float = 0.5
    """A window that is not made by then is opened without its content: Slack allows three seconds after a press."""
    forget_every: float = 24 * 3600.0
    """Between removals of old questions."""
    search_again_after: float = 10.0
    """For so long /readyz uses the result of a search."""
    search_patience: float = 10.0
    """A search that takes longer fails: a Chroma server that hangs delays one for some five seconds."""
    update_upload_every: float = 3.0
    """Between updates of the status message of an upload, of a check or of a brief."""
    notify_after: float = 30.0
    """The result of an upload, a check or a brief that takes longer is a new message, of which Slack tells people."""
    announce_check_after: float = 2.0
    """A check that takes longer says so to the person, where they alone see its result."""
    busy_pause: float = 5.0
    """Between tries to ingest an upload while another program writes to the library."""
    hung_after: float = 1_800.0
    """An ingest of an upload without progress for so long is ended."""

    @property
    def leases(self) -> dict[str, float]:
        """The times that a Runner takes."""
        return {"renew_every": self.renew_every, "lease_seconds": self.lease_seconds}


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
    """The settings, which each feature reads for itself, and what the bot in all workspaces shares."""

    settings: Settings
    storage: FileStorage
    ingest: IngestFiles
    fetch: FetchSource
    index_is_damaged: Callable[[], bool]
    """Blocks, and raises StoreError."""
    rebuild_index: Callable[[], Awaitable[None]]
    source_address: Callable[[str], str]
    """Returns a web address as that of a source is stored; raises IngestError if it cannot be one."""
    read_draft: Callable[[str, bytes], Sequence[DraftSentence]]
    """Returns the sentences of a file, by its name and content; blocks, and raises IngestError."""
    calendars: Calendars | None = None
    """None: people get no address of a calendar."""
    installing: InstallOptions | None = None
    """None: the bot serves the one workspace of its token. Otherwise those that install the app, over HTTP."""
    host: str = "0.0.0.0"  # noqa: S104  Slack calls from outside; unsigned requests are refused
    metrics: Metrics = field(default_factory=Metrics)
    traces: Traces = field(default_factory=Traces)
    checks: StoreChecks = field(default_factory=StoreChecks)
    asks_assistant: Callable[[str, Sequence[Turn]], bool] | None = None
    """Decides with a model whether a message in a thread with an answer asks the bot; blocks, and raises ModelError.

    None: only mentions and direct messages do.
    """
    public_pages: Callable[[], AbstractAsyncContextManager[Sequence[BaseRoute]]] = lambda: nullcontext(())
    """Gives the routes at the public address, which work while its context is open."""
    workers: int = 4
    """Questions that are answered at the same time."""
    sending: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILES_AT_ONCE))
    """Of the original files that are sent."""
    clock: Callable[[], datetime] = utc_now
    """Returns the present time, with a time zone."""
    timing: Timing = Timing()


@dataclass(frozen=True, slots=True)
class ChannelData:
    """Reads documents, register and changes as one channel sees them, and corrects its register.

    Every function may block, and is called from several threads. `correct` and `undo` raise UnknownEntry for an entry
    that the channel may not see.
    """

    today: Callable[[], date]
    register: Callable[[date], Sequence[RegisterEntry]]
    documents: Callable[[], list[Document]]
    digest_since: Callable[[date, DigestState | None, str, bool], Digest]
    """Takes a day, the state of the last digest, with which it is compared, a topic, and whether it is for somebody
    who keeps the library."""
    brief: Callable[[str, OnPart], Brief]
    """Returns the brief on a topic as of today, in the language in use; raises what `make_brief` does."""
    changes: Callable[[str | None], Changes]
    check: Callable[[Sequence[DraftSentence]], DraftCheck]
    """Returns the check of a draft as of today, which has not begun."""
    source: Callable[[Citation, str], SourcePage | None]
    correct: Callable[[str, EntryEdit, str], RegisterEntry]
    """Takes the entry's id, the edit, and the user's id after "@"."""
    undo: Callable[[str, int], RegisterEntry]
    """Takes the entry's id, and the revision of the correction to undo."""
