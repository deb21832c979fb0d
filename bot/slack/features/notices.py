"""Notices: what reminders, subscriptions and digests have to say to somebody, each sent once, also after a crash."""

from __future__ import annotations

import asyncio
import logging

from bot.slack.core.feature import Feature
from bot.slack.core.sending.posting import Refused, unasked
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Message
from store.jobs import Job, Notice, NoticeStore, RetryLater

_LOG = logging.getLogger(__name__)

# Error codes for the bot itself, which whoever runs it can mend; any other refusal is of one message.
_BOT_REFUSED = {
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "not_authed",
    "token_expired",
    "token_revoked",
}
# Between two tries while Slack takes no messages of the bot.
_PAUSE_SECONDS = 60.0


class Notices(Feature):
    """Sends the notices of reminders, subscriptions and digests, which are all in one table."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._store = NoticeStore.beside(services.question_store)
        self.runner = services.runner
        self.runner.do(self._store, self._send)

    async def _send(self, job: Job[Notice]) -> None:
        notice, lease = job.work, job.lease
        origin = unasked(notice.team, notice.channel, job.created_at)
        poster = self._services.poster.for_job(job, self.runner)
        message = Message(notice.text, tuple(notice.blocks))
        try:
            posted = await poster.post(origin, message, f"/{lease.key}")
            await self._services.name_conversation(posted, message)
        except Refused as refused:
            _LOG.error("Slack did not take the notice %s: %s", lease.key, refused.code)
            if refused.code in _BOT_REFUSED:
                await asyncio.sleep(_PAUSE_SECONDS)
                raise RetryLater from refused
        await self.runner.call(self._store.mark_done, lease)
