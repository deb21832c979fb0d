"""Takes uploads into the library: downloads their files at once, and ingests one upload after the other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import AsyncFileLock, Timeout

from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks.library import FileStatus, step_words
from bot.slack.library.batches import OnProgress, UploadBatch, UploadQueue
from bot.slack.library.downloads import FileDownloader, FileUnavailable, megabytes
from bot.slack.library.ingest_results import document_statuses
from bot.slack.library.storage import LibraryStorage, StagedFile, Superseded
from bot.slack.library.submissions import is_share, own_audience
from bot.slack.options import UploadOptions
from bot.subprocesses import SubprocessDied
from ingest.report import IngestReport, Progress
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

# Raises where the upload is no longer this process's job.
Check = Callable[[], Awaitable[None]]


class UploadIngester:
    """Downloads and ingests uploads. `channel_data` returns what a channel may see, and may block."""

    def __init__(
        self,
        options: UploadOptions,
        storage: LibraryStorage,
        downloader: FileDownloader,
        channel_data: Callable[[Audience], ChannelData],
    ) -> None:
        self._options = options
        self._storage = storage
        self._downloader = downloader
        self._channel_data = channel_data
        self._queue = UploadQueue()

    async def add(
        self, submission: Submission, audience: Audience, on_progress: OnProgress, check: Check
    ) -> list[FileStatus]:
        """Download the files, ingest them for `audience`, and return a status for each document.

        `check` is called before anything is put into the library. May be repeated after an interruption. Raises
        StoreError, OSError and any unexpected error.
        """
        batch = UploadBatch(audience, on_progress, own_audience(submission) if is_share(submission) else None)
        for file in submission.files:
            batch.statuses[file.id] = FileStatus(file.name or file.id, "working", "waits")
        for file_id in list(batch.statuses):
            await self._download(submission, batch, file_id)
        ingested: list[FileStatus] = []
        if batch.staged:
            async with self._queue.turn(batch):
                while batch.staged:
                    async with self._locked(batch):
                        await check()
                        ingested += await self._ingest_staged(batch)
        # What is not failed has left the batch: the documents that were found in it take its place.
        return [*batch.statuses.values(), *ingested]

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

    async def _download(self, submission: Submission, batch: UploadBatch, file_id: str) -> None:
        """Stage a file unless a former process did; a failure becomes its status."""

        def arrived(count: int) -> None:
            whole = f" of {megabytes(file.size)}" if file.size else ""
            batch.set_text(file_id, f"is being fetched: {megabytes(count)}{whole}")
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
            batch.set_text(file_id, "has arrived")
        batch.report()

    async def _stage(self, submission: Submission, file_id: str, name: str, audience: Audience) -> StagedFile:
        return await asyncio.to_thread(
            self._storage.stage, submission.key, file_id, name, submission.submitted_ts, audience
        )

    @asynccontextmanager
    async def _locked(self, batch: UploadBatch) -> AsyncIterator[None]:
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

    async def _ingest_staged(self, batch: UploadBatch) -> list[FileStatus]:
        """Ingest the staged files, of those with the same name the first; return the status of each document in them.

        The files leave the batch: those that failed keep a status in it.
        """
        waiting = list(batch.staged.items())[: 1 if batch.one_by_one else None]
        by_name = {staged.name: (file_id, staged) for file_id, staged in reversed(waiting)}
        placed: dict[str, tuple[StagedFile, Path]] = {}
        for file_id, staged in by_name.values():
            batch.set_text(file_id, "is being taken in")
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
                batch.one_by_one = True  # To find out which of them it was.
                return []
            [(file_id, (staged, _))] = placed.items()
            _LOG.warning("the file %s could not be read to its end: %r", file_id, error)
            restored = await asyncio.to_thread(self._storage.take_back, staged)
            await self._ingest_restored(restored, batch.audience)
            batch.fail(file_id, _STUCK if isinstance(error, TimeoutError) else _CRASHED)
            return []
        ingested: list[FileStatus] = []
        for file_id, (staged, path) in placed.items():
            outcomes = [outcome for outcome in report.documents if outcome.file == path.resolve()]
            good = any(outcome.status != "failed" for outcome in outcomes)
            await asyncio.to_thread(self._storage.settle if good else self._storage.take_back, staged)
            del batch.staged[file_id]
            del batch.statuses[file_id]
            ingested += await asyncio.to_thread(
                document_statuses, outcomes, batch.audience, self._channel_data
            )
        return ingested

    async def _ingest_restored(self, restored: Sequence[Path], audience: Audience) -> None:
        if not restored:
            return
        try:
            await self._ingest_when_free(restored, UploadBatch(audience, lambda *_: None))
        except (StoreError, SubprocessDied, TimeoutError):
            names = ", ".join(path.name for path in restored)
            _LOG.exception("the restored files could not be ingested: %s", names)

    async def _ingest_when_free(self, paths: Sequence[Path], batch: UploadBatch) -> IngestReport:
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
                await asyncio.sleep(self._options.busy_pause)

    async def _ingest_watched(self, paths: Sequence[Path], batch: UploadBatch) -> IngestReport:
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(self._options.hung_after) as limit:

            def on_step(step: Progress) -> None:
                with suppress(RuntimeError):  # the timeout is over
                    limit.reschedule(now() + self._options.hung_after)
                batch.report(step_words(step.phase, step.done, step.total))

            return await self._options.ingest(paths, on_step, batch.audience, batch.remove_from)
