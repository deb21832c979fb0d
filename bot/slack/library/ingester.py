"""Takes uploads into the library: downloads their files at once, and ingests one upload after the other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import AsyncFileLock, Timeout

from bot.errors import UnknownDocument
from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks.changes import changes_message
from bot.slack.blocks.elements import Message
from bot.slack.blocks.library import FileStatus, coming, document_words, step_words, waiting_words
from bot.slack.library.downloads import FileDownloader, FileUnavailable, megabytes
from bot.slack.library.storage import LibraryStorage, StagedFile, Superseded
from bot.slack.library.submissions import is_share, own_audience
from bot.subprocesses import SubprocessDied
from ingest.report import FileOutcome, IngestReport, Progress
from store.audiences import Audience
from store.errors import StoreBusy, StoreError
from store.jobs import Submission

_LOG = logging.getLogger(__name__)

# Seconds that another program's ingest may take before the one here is given up.
_PATIENCE = 3_600.0
# Seconds between tries to lock the library.
_POLL = 0.2
_WRITING = "Waiting: another program is writing to the library"
_CRASHED = (
    "reading it ended in a crash: it is damaged, or too large for the memory here. "
    "Save it anew, or in another format, and send me that"
)
_OLDER = "a file of this name that was sent later is in the library already"
_STUCK = "reading it did not come to an end. Save it anew, or in another format, and send me that"
# Documents of an upload whose changes are posted.
_MOST_CHANGES = 5

# Ingests files in another process. The second argument gets each step; then come the files' audience, and the audience
# that no longer has them on its own. Raises StoreError.
IngestFiles = Callable[
    [Sequence[Path], Callable[[Progress], None], Audience, Audience | None], Awaitable[IngestReport]
]
# Raises where the upload is no longer this process's job.
Check = Callable[[], Awaitable[None]]
# Gets the status of each file, and the present step of all of them.
OnProgress = Callable[[Sequence[FileStatus], str], None]


@dataclass(slots=True, eq=False)
class _Batch:
    """The files of an upload by id: the status of each, and those that are staged.

    `one_by_one`: together they crashed the process that read them.
    """

    statuses: dict[str, FileStatus]
    staged: dict[str, StagedFile]
    audience: Audience
    on_progress: OnProgress
    remove_from: Audience | None = None
    one_by_one: bool = False

    def fail(self, file_id: str, why: str) -> None:
        """Give a file up."""
        self.staged.pop(file_id, None)
        self.statuses[file_id] = replace(self.statuses[file_id], stage="failed", text=f"is not added: {why}")

    def set(self, file_id: str, text: str) -> None:
        """Change a file's status."""
        self.statuses[file_id] = replace(self.statuses[file_id], text=text)

    def report(self, step: str = "") -> None:
        """IngestReport the status of all files."""
        self.on_progress(list(self.statuses.values()), step)


class UploadIngester:
    """Downloads and ingests uploads.

    Seconds: `busy_pause` lies between tries while another program writes; an ingest that is silent for `hung_after`
    is stuck.
    """

    def __init__(
        self,
        storage: LibraryStorage,
        downloader: FileDownloader,
        ingest: IngestFiles,
        channel_data: Callable[[Audience], ChannelData],
        *,
        busy_pause: float = 5.0,
        hung_after: float = 1_800.0,
    ) -> None:
        self._storage = storage
        self._downloader = downloader
        self._ingest = ingest
        self._channel_data = channel_data
        self._busy_pause = busy_pause
        self._hung_after = hung_after
        self._turn = asyncio.Lock()
        # The one that has the turn, then those that wait.
        self._queue: list[_Batch] = []

    async def add(
        self, submission: Submission, audience: Audience, on_progress: OnProgress, check: Check
    ) -> list[FileStatus]:
        """Download the files, ingest them for `audience`, and return a status for each document.

        `check` is called before anything is put into the library. May be repeated after an interruption. Raises
        StoreError, OSError and any unexpected error.
        """
        names = {file.id: file.name or file.id for file in submission.files}
        statuses = {key: FileStatus(name, "working", "waits") for key, name in names.items()}
        remove_from = own_audience(submission) if is_share(submission) else None
        batch = _Batch(statuses, {}, audience, on_progress, remove_from)
        for file_id in names:
            await self._download(submission, batch, file_id)
        found: list[FileStatus] = []
        if batch.staged:
            async with self._in_turn(batch):
                while batch.staged:
                    async with self._locked(batch):
                        await check()
                        found += await self._ingest_staged(batch)
        return [*(status for status in statuses.values() if status.stage == "failed"), *found]

    async def give_up(self, submission: Submission, audience: Audience) -> None:
        """Restore what an upload's files replaced, and set them aside.

        What is restored is ingested again, as a process may have died after it published the replacement.
        """
        restored: list[Path] = []
        for file in submission.files:
            try:
                staged = await self._stage(submission, file.id, file.name, audience)
                restored += await asyncio.to_thread(self._storage.take_back, staged)
            except OSError:
                _LOG.exception("the file %s could not be restored", file.id)
        await self._ingest_restored(restored, audience)

    def changes(self, statuses: Sequence[FileStatus], audience: Audience) -> list[tuple[Message, str]]:
        """Return the changes in each document that has a new version, with its source."""
        data = self._channel_data(audience)
        changed = [
            each.document for each in statuses if each.stage == "done" and each.changed and each.document
        ]
        found = []
        for document in changed[:_MOST_CHANGES]:
            with suppress(UnknownDocument):  # removed meanwhile
                found.append((changes_message(data.changes(document.id)), document.source))
        return found

    async def _download(self, submission: Submission, batch: _Batch, file_id: str) -> None:
        def arrived(count: int) -> None:
            whole = f" of {megabytes(file.size)}" if file.size else ""
            batch.set(file_id, f"is being fetched: {megabytes(count)}{whole}")
            batch.report()

        try:
            file = await self._downloader.describe(file_id, batch.statuses[file_id].name)
            batch.statuses[file_id] = replace(batch.statuses[file_id], name=file.name)
            staged = await self._stage(submission, file_id, file.name, batch.audience)
            if not staged.new.exists():
                await self._downloader.fetch(file, staged.new, arrived)
        except FileUnavailable as error:
            batch.fail(file_id, str(error))
        except OSError as error:
            _LOG.exception("the file %s cannot be saved", file_id)
            batch.fail(file_id, f"I cannot keep it here ({error.strerror}). Tell whoever runs me")
        else:
            batch.staged[file_id] = staged
            batch.set(file_id, "has arrived")
        batch.report()

    async def _stage(self, submission: Submission, file_id: str, name: str, audience: Audience) -> StagedFile:
        return await asyncio.to_thread(
            self._storage.stage, submission.key, file_id, name, submission.submitted_ts, audience
        )

    @asynccontextmanager
    async def _locked(self, batch: _Batch) -> AsyncIterator[None]:
        """Lock the library's folder against other bots: a file in place is ingested before another replaces it."""
        lock = AsyncFileLock(self._storage.lock, poll_interval=_POLL)
        try:
            await lock.acquire(timeout=0)
        except Timeout:
            batch.report(_WRITING)
            await lock.acquire()
        try:
            yield
        finally:
            await lock.release()

    async def _ingest_staged(self, batch: _Batch) -> list[FileStatus]:
        """Ingest the staged files, one of each name; drop those from the batch, and return what was found."""
        waiting = list(batch.staged.items())[: 1 if batch.one_by_one else None]
        by_name = {staged.name: (file_id, staged) for file_id, staged in reversed(waiting)}
        placed: dict[str, tuple[StagedFile, Path]] = {}
        for file_id, staged in by_name.values():
            batch.set(file_id, "is being taken in")
            try:
                placed[file_id] = staged, await asyncio.to_thread(self._storage.place, staged)
            except Superseded:
                batch.fail(file_id, _OLDER)
        if not placed:
            return []
        try:
            report = await self._ingest_when_free([path for _, path in placed.values()], batch)
        except (SubprocessDied, TimeoutError) as error:
            if len(placed) > 1:
                batch.one_by_one = True
                return []
            [(file_id, (staged, _))] = placed.items()
            _LOG.warning("the file %s could not be read to its end: %r", file_id, error)
            restored = await asyncio.to_thread(self._storage.take_back, staged)
            await self._ingest_restored(restored, batch.audience)
            batch.fail(file_id, _STUCK if isinstance(error, TimeoutError) else _CRASHED)
            return []
        found: list[FileStatus] = []
        for file_id, (staged, path) in placed.items():
            outcomes = [outcome for outcome in report.documents if outcome.file == path.resolve()]
            good = any(outcome.status != "failed" for outcome in outcomes)
            await asyncio.to_thread(self._storage.settle if good else self._storage.take_back, staged)
            del batch.staged[file_id]
            del batch.statuses[file_id]
            found += await asyncio.to_thread(self._found, outcomes, batch.audience)
        return found

    async def _ingest_restored(self, restored: Sequence[Path], audience: Audience) -> None:
        if not restored:
            return
        try:
            await self._ingest_when_free(restored, _Batch({}, {}, audience, lambda *_: None))
        except (StoreError, SubprocessDied, TimeoutError):
            names = ", ".join(path.name for path in restored)
            _LOG.exception("the restored files could not be ingested: %s", names)

    async def _ingest_when_free(self, paths: Sequence[Path], batch: _Batch) -> IngestReport:
        """Ingest files once no other program writes.

        Raises StoreError, SubprocessDied, and TimeoutError where the ingest is silent for too long.
        """
        began = time.monotonic()
        while True:
            try:
                return await self._ingest_watched(paths, batch)
            except StoreBusy:
                if time.monotonic() - began > _PATIENCE:
                    raise
                batch.report(_WRITING)
                await asyncio.sleep(self._busy_pause)

    async def _ingest_watched(self, paths: Sequence[Path], batch: _Batch) -> IngestReport:
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(self._hung_after) as limit:

            def on_step(step: Progress) -> None:
                with suppress(RuntimeError):  # the timeout is over
                    limit.reschedule(now() + self._hung_after)
                batch.report(step_words(step.phase, step.done, step.total))

            return await self._ingest(paths, on_step, batch.audience, batch.remove_from)

    def _found(self, outcomes: Sequence[FileOutcome], audience: Audience) -> list[FileStatus]:
        """Return the status of each document that was ingested."""
        if all(outcome.status == "failed" for outcome in outcomes):
            return [_failed(outcome) for outcome in outcomes]  # An empty library cannot be read.
        data = self._channel_data(audience)
        today = data.today()
        register, documents = data.register(today), data.documents()
        statuses = []
        for outcome in outcomes:
            if outcome.status == "failed":
                statuses.append(_failed(outcome))
                continue
            own = (one for one in documents if one.source == outcome.source and one.audience == audience)
            document = next(own, None)
            version = document.version if document else 1
            statuses.append(
                FileStatus(
                    outcome.source,
                    "done",
                    document_words(outcome.status, version, outcome.sections, outcome.events),
                    document,
                    coming(register, outcome.source, today),
                    tuple(outcome.notes),
                    outcome.status == "changed",
                )
            )
        return statuses

    @asynccontextmanager
    async def _in_turn(self, batch: _Batch) -> AsyncIterator[None]:
        """Wait for the uploads before this one, whose number is reported; hold the turn while the context is open."""
        self._queue.append(batch)
        _report_place(batch, len(self._queue) - 1)
        try:
            async with self._turn:
                yield
        finally:
            self._queue.remove(batch)
            for place, other in enumerate(self._queue):
                _report_place(other, place)


def _report_place(batch: _Batch, before: int) -> None:
    batch.report(waiting_words(before) if before else "")


def _failed(outcome: FileOutcome) -> FileStatus:
    return FileStatus(outcome.source, "failed", f"is not added: {outcome.error}")
