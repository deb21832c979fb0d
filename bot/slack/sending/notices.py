"""Sends the notices of a store, each once, also after a crash."""

from __future__ import annotations

import logging

from bot.slack.blocks.elements import Message
from bot.slack.sending.posting import Poster, Refused, unasked
from store.jobs import Job, Notice, NoticeStore, Runner

_LOG = logging.getLogger(__name__)


class NoticeSender:
    """Adopts notices and posts them; the times are those of a Runner, in seconds."""

    def __init__(
        self, store: NoticeStore, poster: Poster, *, renew_every: float, lease_seconds: float
    ) -> None:
        self._store = store
        self._poster = poster
        self._runner = Runner(store, self._send, renew_every=renew_every, lease_seconds=lease_seconds)
        self.start, self.stop, self.close = self._runner.start, self._runner.stop, self._runner.close

    async def _send(self, job: Job[Notice]) -> None:
        notice, lease = job.work, job.lease
        origin = unasked(notice.team, notice.channel, job.created_at)
        poster = self._poster.for_job(job, self._runner)
        try:
            await poster.post(origin, Message(notice.text, tuple(notice.blocks)), f"/{lease.key}")
        except Refused as refused:
            _LOG.error("Slack did not take the notice %s: %s", lease.key, refused.code)
        await self._runner.call(self._store.mark_done, lease)
