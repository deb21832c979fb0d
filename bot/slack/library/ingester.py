"""Takes uploads into the library: stores their files at once, and ingests one upload after the other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks.error_text import without_operator_steps
from bot.slack.blocks.library import FileStatus, step_words
from bot.slack.library.batches import OnProgress, UploadBatch, UploadQueue
from bot.slack.library.downloads import FileDownloader, FileUnavailable, megabytes
from bot.slack.library.file_names import safe_name
from bot.slack.library.ingest_results import document_statuses
from bot.slack.library.submissions import is_share, own_audience
from bot.slack.options import UploadOptions
from bot.subprocesses import SubprocessDied
from ingest.report import SUPERSEDED, IngestReport, Progress
from store.audiences import Audience
from store.errors import StoreBusy, StoreError
from store.files import StoredFile
from store.jobs import SlackFile, Submission

_LOG = logging.getLogger(__name__)

# Seconds that another program's ingest may take before the one here is given up.
_PATIENCE = 3_600.0
_WRITING = "Waiting: another program is writing to the library"
_CRASHED = (
    "reading it ended in a crash: it is damaged, or too large for the memory here. "
    "Save it anew, or in another format, and send me that"
)
_STUCK = "reading it did not come to an end. Save it anew, or in another format, and send me that"

# Raises where the upload is no longer this process's job.
Check = Callable[[], Awaitable[None]]
# Records the files that are stored. Raises in the same case.
Save = Callable[[Sequence[SlackFile]], Awaitable[None]]


class UploadIngester:
    """Stores and ingests uploads. `channel_data` returns what a channel may see, and may block."""

    def __init__(
        self,
        options: UploadOptions,
        downloader: FileDownloader,
        channel_data: Callable[[Audience], ChannelData],
    ) -> None:
        self._options = options
        self._storage = options.storage
        self._downloader = downloader
        self._channel_data = channel_data
        self._queue = UploadQueue()

    async def add(
        self, submission: Submission, audience: Audience, on_progress: OnProgress, check: Check, save: Save
    ) -> list[FileStatus]:
        """Store the files, ingest them for `audience`, and return a status for each document.

        `check` is called before an ingest. May be repeated after an interruption: what was stored is not downloaded
        again, and what was ingested is unchanged. Raises StoreError, OSError and any unexpected error.
        """
        batch = UploadBatch(audience, on_progress, own_audience(submission) if is_share(submission) else None)
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
            async with self._queue.turn(batch):
                while batch.waiting:
                    await check()
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
        found: dict[str, list[FileStatus]] = {}
        later: dict[str, list[FileStatus]] = {}
        with suppress(StoreError):
            data = await asyncio.to_thread(self._channel_data, audience)
            for document in await asyncio.to_thread(data.documents):
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
            if not file.sha256 or not await asyncio.to_thread(self._storage.has, file.sha256):
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
        described = await self._downloader.describe(file.id, batch.statuses[file.id].name)
        batch.statuses[file.id] = replace(batch.statuses[file.id], name=described.name)

        def arrived(count: int) -> None:
            whole = f" of {megabytes(described.size)}" if described.size else ""
            batch.set_text(file.id, f"is being fetched: {megabytes(count)}{whole}")
            batch.report()

        with TemporaryDirectory(prefix="itubot-") as folder:
            target = Path(folder, "file")
            await self._downloader.fetch(described, target, arrived)
            digest = await asyncio.to_thread(self._storage.put, target)
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
                document_statuses, outcomes, batch.audience, self._channel_data
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
                if time.monotonic() - began > _PATIENCE:
                    raise
                batch.report(_WRITING)
                await asyncio.sleep(self._options.busy_pause)

    async def _ingest_watched(self, files: Sequence[StoredFile], batch: UploadBatch) -> IngestReport:
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(self._options.hung_after) as limit:

            def on_step(step: Progress) -> None:
                with suppress(RuntimeError):  # the timeout is over
                    limit.reschedule(now() + self._options.hung_after)
                batch.report(step_words(step.phase, step.done, step.total))

            return await self._options.ingest(files, on_step, batch.audience, batch.remove_from)


def _stored_file(submission: Submission, file: SlackFile) -> StoredFile:
    return StoredFile(safe_name(file.name, file.id), file.sha256, float(submission.submitted_ts))
