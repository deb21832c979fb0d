"""Ingests uploaded files in a process of its own, several uploads at once; returns the status of each document."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import unicodedata
from bisect import insort
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from bot.errors import UnknownDocument
from bot.slack.core.options import ChannelData, SlackOptions
from bot.slack.core.ui.documents import changes_message
from bot.slack.core.ui.elements import Message
from bot.slack.core.ui.messages import without_operator_steps
from bot.slack.features.library.downloads import FileDownloader, FileUnavailable, megabytes
from bot.slack.features.library.messages import (
    FileStatus,
    coming_entries,
    document_words,
    step_words,
    waiting_words,
)
from bot.subprocesses import SubprocessDied
from ingest.report import SUPERSEDED, FileOutcome, IngestProgress, IngestReport
from store.audiences import Audience
from store.errors import StoreBusy, StoreError
from store.files import StoredFile
from store.jobs import SlackFile, Submission
from store.records import Document
from store.restarts import while_it_restarts

_LOG = logging.getLogger(__name__)

# Another program's ingest may take so long before the one here is given up.
_BUSY_SECONDS = 3_600.0
_WRITING = "Waiting: another program is writing to the library"
_CRASHED = (
    "reading it ended in a crash: it is damaged, or too large for the memory here. "
    "Save it again, or in another format, and send me that"
)
_STUCK = "reading it did not come to an end. Save it again, or in another format, and send me that"

# Records that an ingest begins. Raises where the upload is no longer this process's job.
Begin = Callable[[], Awaitable[None]]
# Records the files that are stored. Raises in the same case.
Save = Callable[[Sequence[SlackFile]], Awaitable[None]]

# Gets the status of each file, and the present step of all of them.
OnProgress = Callable[[Sequence[FileStatus], str], None]
# File systems take 255.
_LONGEST_NAME_BYTES = 180
_LONGEST_SUFFIX_BYTES = 20
# What Windows refuses in a name, and what separates folders anywhere.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')

# Documents of an upload whose changes are posted.
_MOST_CHANGES = 5


@dataclass(slots=True, eq=False)
class UploadBatch:
    """The files of one upload, by id, and the audience that gets them."""

    audience: Audience
    sent_at: float
    """By Slack's clock, in seconds since 1970."""
    on_progress: OnProgress
    remove_from: Audience | None = None
    """The audience to remove them from, if any."""
    statuses: dict[str, FileStatus] = field(default_factory=dict)
    waiting: dict[str, StoredFile] = field(default_factory=dict)
    """Files that are stored and not ingested yet."""
    has_turn: asyncio.Event = field(default_factory=asyncio.Event)
    one_by_one: bool = False
    """True once the files together have crashed the process that reads them."""

    def fail(self, file_id: str, reason: str) -> None:
        """Give a file up."""
        self.waiting.pop(file_id, None)
        status = self.statuses[file_id]
        self.statuses[file_id] = replace(status, stage="failed", text=f"is not added: {reason}")

    def set_text(self, file_id: str, text: str) -> None:
        """Change the text of a file's status."""
        self.statuses[file_id] = replace(self.statuses[file_id], text=text)

    def report(self, step: str = "") -> None:
        """Report the status of all files."""
        self.on_progress(list(self.statuses.values()), step)


class UploadQueue:
    """Lets one upload be ingested at a time; of those whose files are here, the one that was sent first."""

    def __init__(self) -> None:
        # The batch that has the turn, then those that wait.
        self._batches: list[UploadBatch] = []

    @asynccontextmanager
    async def turn(self, batch: UploadBatch) -> AsyncIterator[None]:
        """Wait for the batches before this one, and report their number; hold the turn while the context is open."""
        insort(self._batches, batch, lo=min(1, len(self._batches)), key=lambda other: other.sent_at)
        self._advance()
        try:
            await batch.has_turn.wait()
            yield
        finally:
            self._batches.remove(batch)
            self._advance()

    def _advance(self) -> None:
        """Give the first batch the turn, and report to the others how many come before them."""
        for before, batch in enumerate(self._batches):
            if before:
                batch.report(waiting_words(before))
            elif not batch.has_turn.is_set():
                batch.has_turn.set()
                batch.report()


@dataclass(frozen=True)
class UploadIngester:
    """Stores and ingests uploads. `channel_data` returns what a channel may see, and may block."""

    options: SlackOptions
    downloader: FileDownloader
    channel_data: Callable[[Audience], ChannelData]
    queue: UploadQueue = field(default_factory=UploadQueue)

    async def add(
        self,
        submission: Submission,
        audience: Audience,
        remove_from: Audience | None,
        *,
        on_progress: OnProgress,
        begin: Begin,
        save: Save,
    ) -> list[FileStatus]:
        """Store the files, ingest them for `audience`, and return a status for each document.

        They are removed from the audience `remove_from`, if any. `begin` is called before an ingest. May be repeated
        after an interruption: what was stored is not downloaded again, and what was ingested is unchanged. Raises
        StoreError, OSError and any unexpected error.
        """
        batch = UploadBatch(audience, float(submission.submitted_ts), on_progress, remove_from)
        files = {file.id: file for file in submission.files}
        for file in files.values():
            batch.statuses[file.id] = FileStatus(file.name or file.id, "working", "waits")
        for file in submission.files:
            stored = await self._store(batch, file)
            if stored is None:
                continue
            if stored != file:
                files[file.id] = stored
                await save(list(files.values()))
            batch.waiting[file.id] = _stored_file(submission, stored)
        ingested: list[FileStatus] = []
        if batch.waiting:
            async with self.queue.turn(batch):
                while batch.waiting:
                    await begin()
                    ingested += await self._ingest_waiting(batch)
        # What is not failed has left the batch: the documents that were found in it take its place.
        return [*batch.statuses.values(), *ingested]

    async def after_failure(
        self, submission: Submission, audience: Audience, failure: str
    ) -> list[FileStatus]:
        """Return the statuses of an upload that failed: `failure` for each file of which nothing was published.

        An ingest may fail, or its process may die, after the publication. A file that was sent later may be there too.
        """
        published = await self._published(audience, float(submission.submitted_ts))
        return [
            status
            for file in submission.files
            for status in published.get(safe_name(file.name, file.id))
            or [FileStatus(file.name or file.id, "failed", failure)]
        ]

    async def _published(self, audience: Audience, sent_at: float) -> dict[str, list[FileStatus]]:
        """Return the name of each file that was sent then -> the statuses of the documents that come from it.

        Where the library has only documents of a file of that name that was sent later, the status says so.
        """

        def documents() -> Sequence[Document]:
            return self.channel_data(audience).documents()

        found: dict[str, list[FileStatus]] = {}
        later: dict[str, list[FileStatus]] = {}
        with suppress(StoreError):
            # A server that restarts may be why the upload failed.
            for document in await asyncio.to_thread(while_it_restarts, documents):
                name, sent = document.source.partition("/")[0], document.sent_at or 0.0
                if document.audience != audience or sent < sent_at:
                    continue
                if sent == sent_at:
                    here = FileStatus(document.source, "done", "is here", document)
                    found.setdefault(name, []).append(here)
                else:
                    later[name] = [FileStatus(name, "failed", f"is not added: {SUPERSEDED}")]
        return later | found

    async def _store(self, batch: UploadBatch, file: SlackFile) -> SlackFile | None:
        """Download and store a file unless a former process did; a failure becomes its status, and returns None."""
        try:
            if not file.sha256 or not await asyncio.to_thread(self.options.storage.has, file.sha256):
                file = await self._download(batch, file)
        except FileUnavailable as error:
            batch.fail(file.id, str(error))
        except (OSError, StoreError) as error:
            _LOG.exception("the file %s cannot be stored", file.id)
            why = error.strerror if isinstance(error, OSError) else str(error)
            batch.fail(file.id, f"I cannot keep it here: {without_operator_steps(why or '')}")
        else:
            batch.set_text(file.id, "has arrived")
            batch.report()
            return file
        batch.report()
        return None

    async def _download(self, batch: UploadBatch, file: SlackFile) -> SlackFile:
        """Download and store a file; return it with its present name in Slack and its digest."""
        described = await self.downloader.describe(file.id, batch.statuses[file.id].name)
        batch.statuses[file.id] = replace(batch.statuses[file.id], name=described.name)

        def arrived(count: int) -> None:
            whole = f" of {megabytes(described.size)}" if described.size else ""
            batch.set_text(file.id, f"is being fetched: {megabytes(count)}{whole}")
            batch.report()

        with TemporaryDirectory(prefix="itubot-") as folder:
            target = Path(folder, "file")
            await self.downloader.fetch(described, target, arrived)
            digest = await asyncio.to_thread(self.options.storage.put, target)
        _LOG.info("the file %s is stored as %s", file.id, digest)
        return SlackFile(file.id, described.name, digest)

    async def _ingest_waiting(self, batch: UploadBatch) -> list[FileStatus]:
        """Ingest the waiting files, of those with the same name the first; return the status of each document in them.

        The files leave the batch: those that failed keep a status in it.
        """
        waiting = list(batch.waiting.items())[: 1 if batch.one_by_one else None]
        chosen = {file.name: file_id for file_id, file in reversed(waiting)}
        for file_id in chosen.values():
            batch.set_text(file_id, "is being taken in")
        files = [batch.waiting[file_id] for file_id in chosen.values()]
        try:
            report = await self._ingest_when_free(files, batch)
        except (SubprocessDied, TimeoutError) as error:
            if len(files) > 1:
                batch.one_by_one = True  # To find out which of them it was.
                return []
            [(file_id, file)] = zip(chosen.values(), files, strict=True)
            _LOG.warning(
                "the file %s could not be read to its end, and is stored as %s: %r",
                file_id,
                file.sha256,
                error,
            )
            published = (await self._published(batch.audience, file.sent_at)).get(file.name)
            if published is None:
                batch.fail(file_id, _STUCK if isinstance(error, TimeoutError) else _CRASHED)
                return []
            del batch.waiting[file_id], batch.statuses[file_id]
            return published
        ingested: list[FileStatus] = []
        for name, file_id in chosen.items():
            outcomes = [each for each in report.documents if each.file is not None and each.file.name == name]
            del batch.waiting[file_id], batch.statuses[file_id]
            ingested += await asyncio.to_thread(
                document_statuses, outcomes, batch.audience, self.channel_data
            )
        return ingested

    async def _ingest_when_free(self, files: Sequence[StoredFile], batch: UploadBatch) -> IngestReport:
        """Ingest files once no other program writes.

        Raises StoreError, SubprocessDied, and TimeoutError where the ingest is silent for too long.
        """
        began = time.monotonic()
        while True:
            try:
                return await self._ingest_watched(files, batch)
            except StoreBusy:
                if time.monotonic() - began > _BUSY_SECONDS:
                    raise
                batch.report(_WRITING)
                await asyncio.sleep(self.options.timing.busy_pause)

    async def _ingest_watched(self, files: Sequence[StoredFile], batch: UploadBatch) -> IngestReport:
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(self.options.timing.hung_after) as limit:

            def on_step(step: IngestProgress) -> None:
                with suppress(RuntimeError):  # the timeout is over
                    limit.reschedule(now() + self.options.timing.hung_after)
                batch.report(step_words(step.phase, step.done, step.total))

            return await self.options.ingest(files, on_step, batch.audience, batch.remove_from)


def _stored_file(submission: Submission, file: SlackFile) -> StoredFile:
    return StoredFile(safe_name(file.name, file.id), file.sha256, float(submission.submitted_ts))


def safe_name(name: str, otherwise: str) -> str:
    """Return `name` as a file name: no folder, nothing invisible or hidden, not too long; `otherwise` if empty."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(" " if c.isspace() else c for c in composed if c.isspace() or c.isprintable())
    plain = " ".join(_FORBIDDEN.sub("_", visible).split()).lstrip(".~$ ").rstrip(". ")
    if not plain:
        return otherwise
    suffix = PurePosixPath(plain).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX_BYTES:
        suffix = ""
    stem = plain[: len(plain) - len(suffix)].encode()[: _LONGEST_NAME_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip(". ") + suffix


def document_statuses(
    outcomes: Sequence[FileOutcome], audience: Audience, channel_data: Callable[[Audience], ChannelData]
) -> list[FileStatus]:
    """Return the status of each document that was ingested for `audience`. Blocks."""
    data = channel_data(audience)
    today = data.today()
    # An empty library cannot be read.
    readable = any(outcome.status != "failed" for outcome in outcomes)
    register, documents = (data.register(today), data.documents()) if readable else ([], [])
    statuses = []
    for outcome in outcomes:
        source = outcome.source
        if outcome.status == "failed":
            why = without_operator_steps(outcome.error or "")
            statuses.append(FileStatus(source, "failed", f"is not added: {why}"))
            continue
        own = (each for each in documents if each.source == source and each.audience == audience)
        document = next(own, None)
        version = document.version if document else 1
        statuses.append(
            FileStatus(
                source,
                "done",
                document_words(outcome.status, version, outcome.sections, outcome.events),
                document,
                coming_entries(register, source, today),
                tuple(outcome.notes),
                outcome.status == "changed",
            )
        )
    return statuses


def change_messages(statuses: Sequence[FileStatus], data: ChannelData) -> list[tuple[Message, str]]:
    """Return the changes in each document that has a new version, with its source. Blocks."""
    changed = [each.document for each in statuses if each.stage == "done" and each.changed and each.document]
    found = []
    for document in changed[:_MOST_CHANGES]:
        with suppress(UnknownDocument):  # removed meanwhile
            found.append((changes_message(data.changes(document.id)), document.source))
    return found
