"""Has the vectors' index built anew, once a question has met that it is damaged; full text answers meanwhile."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from bot.slack.core.feature import Feature
from bot.slack.core.services import WorkspaceServices
from store.errors import StoreBusy
from store.jobs import Job, Rebuild, RebuildStore, RetryLater

_LOG = logging.getLogger(__name__)


class IndexRebuilds(Feature):
    """Of all bots and workspaces one does it."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._options = services.options
        self._store = RebuildStore.beside(services.question_store)
        self._runner = services.runner
        # The next process begins it again.
        self._runner.do(self._store, self._rebuild, is_patient=lambda: False)

    async def review(self, now: datetime) -> None:
        """Begin the rebuild of a damaged index. Raises StoreError."""
        if await asyncio.to_thread(self._options.index_is_damaged):
            job = await self._runner.call(self._store.claim, Rebuild(), self._runner.holder)
            if job is not None:
                self._runner.submit(job)

    async def _rebuild(self, job: Job[Rebuild]) -> None:
        if job.exhausted:
            _LOG.error("the index could not be built anew; the next ingest tries it again")
            return await self._runner.call(self._store.mark_done, job.lease)
        _LOG.warning("the index is damaged, and is built anew")
        try:
            await self._options.rebuild_index()
        except StoreBusy as error:
            # An ingest, which builds it too.
            raise RetryLater from error
        return await self._runner.withdraw(job.lease)
