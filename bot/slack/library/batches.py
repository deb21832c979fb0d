"""Uploads while they are worked on: the status of each file, and the queue of uploads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.slack.blocks.library import FileStatus, waiting_words
from store.audiences import Audience
from store.files import StoredFile

# Gets the status of each file, and the present step of all of them.
OnProgress = Callable[[Sequence[FileStatus], str], None]


@dataclass(slots=True, eq=False)
class UploadBatch:
    """The files of one upload, by id, and the audience that gets them."""

    audience: Audience
    on_progress: OnProgress
    remove_from: Audience | None = None
    """The audience to remove them from, if any."""
    statuses: dict[str, FileStatus] = field(default_factory=dict)
    waiting: dict[str, StoredFile] = field(default_factory=dict)
    """Files that are stored and not ingested yet."""
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
    """Lets one upload be ingested at a time, in order of arrival."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        # The batch that has the turn, then those that wait.
        self._batches: list[UploadBatch] = []

    @asynccontextmanager
    async def turn(self, batch: UploadBatch) -> AsyncIterator[None]:
        """Wait for the batches before this one, and report their number; hold the turn while the context is open."""
        self._batches.append(batch)
        _report_waiting(batch, len(self._batches) - 1)
        try:
            async with self._turn:
                yield
        finally:
            self._batches.remove(batch)
            for before, other in enumerate(self._batches):
                _report_waiting(other, before)


def _report_waiting(batch: UploadBatch, before: int) -> None:
    batch.report(waiting_words(before) if before else "")
