"""The status below a thread while a question is answered, with Slack's stop button where the app is an agent.

- agents.sessions.setStatus, for apps that the manifest declares as agents, shows the stop button and gives a new
  conversation its title; docs.slack.dev/ai/agent-sessions. Slack keeps such a status for an hour.
- assistant.threads.setStatus, for others, shows words for two minutes;
  docs.slack.dev/reference/methods/assistant.threads.setStatus. In an agent it would begin the session, without a title.

The scope chat:write is enough for both. No answer depends on them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.locales import _
from bot.slack.core.sending.clients import FAILURES, SlackClients, error_code, is_transient
from bot.slack.core.ui.mrkdwn import shorten
from store.jobs import RetryLater, SlackMessage

_LOG = logging.getLogger(__name__)

# Seconds that the end of a status may take.
_LAST_SECONDS = 3.0
# Slack itself ends a session's status after so long.
_SESSION_SECONDS = 3600.0

Thread = tuple[str, str]

# Slack allows 200 characters; lists of conversations show fewer.
_CONVERSATION_CHARS = 80
_ID = re.compile(r"<[@#!][^<>]*>")


class NotCleared(RetryLater):
    """Slack has not cleared a status, and may do so later."""


@dataclass(frozen=True, slots=True)
class ThreadStatuses:
    """Shows the status of each thread that has a question, and clears it after the last one.

    One of words is renewed every `renew_every` seconds; so is one that Slack has not taken.
    """

    clients: SlackClients
    renew_every: float
    is_agent: bool = True
    questions: Counter[Thread] = field(default_factory=Counter)
    showing: dict[Thread, asyncio.Task[None]] = field(default_factory=dict)
    clearing: dict[Thread, asyncio.Task[bool]] = field(default_factory=dict)

    @asynccontextmanager
    async def shown(self, question: SlackMessage) -> AsyncIterator[None]:
        """Show the status in the thread of a question until `end`, or while the context is open."""
        if not question.thread:
            yield
            return
        thread = (question.channel, question.thread)
        self.questions[thread] += 1
        if thread not in self.showing:
            self.showing[thread] = asyncio.create_task(self._show(question))
        try:
            yield
        finally:
            self.questions[thread] -= 1
            if not self.questions[thread]:
                del self.questions[thread]
                if thread in self.showing:
                    # Nobody waits: the work was cancelled or has failed, and may go on elsewhere.
                    self._begin_clearing(thread)

    async def end(self, question: SlackMessage) -> None:
        """Clear the status of a question that is `shown`, unless its thread has others. Raises NotCleared.

        That is not raised once Slack has forgotten the status itself.
        """
        thread = (question.channel, question.thread)
        if self.questions[thread] != 1 or await asyncio.shield(self._begin_clearing(thread)):
            return
        if time.time() - float(question.ts) < _SESSION_SECONDS:
            raise NotCleared("Slack has not cleared a status")

    async def close(self) -> None:
        """Wait until no status is shown any more, some seconds at most."""
        if self.clearing:
            await asyncio.wait(self.clearing.values(), timeout=_LAST_SECONDS)

    def _begin_clearing(self, thread: Thread) -> asyncio.Task[bool]:
        """Start to clear a status; what is shown next in its thread waits for that. The task may outlive its caller."""
        clearing = asyncio.create_task(self._clear_after(self.showing.pop(thread), thread))
        self.clearing[thread] = clearing
        clearing.add_done_callback(partial(self._cleared, thread))
        return clearing

    def _cleared(self, thread: Thread, ended: asyncio.Task[bool]) -> None:
        if self.clearing.get(thread) is ended:
            del self.clearing[thread]

    async def _clear_after(self, showing: asyncio.Task[None], thread: Thread) -> bool:
        showing.cancel()
        await asyncio.wait({showing})
        return await self.clear(*thread)

    async def clear(self, channel: str, thread_ts: str) -> bool:
        """Clear the status of a thread; return False where Slack has not done so and may do so later."""
        ended = {"status": "active" if self.is_agent else ""}
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                return await self._set(self.clients.retrying, (channel, thread_ts), ended)
        except TimeoutError:
            return False

    async def _show(self, question: SlackMessage) -> None:
        thread, shown = (question.channel, question.thread), dict[str, Any]()
        if former := self.clearing.get(thread):
            await asyncio.wait({former})
        if self.is_agent:
            # Slack uses title and initiator where the session begins.
            shown = {"status": "processing", "initiator_user_id": question.user}
            shown["title"] = title(question.text) or None
        else:
            # Slack puts the name of the app before them.
            shown = {"status": _("is working on your question…")}
        while True:
            if await self._set(self.clients.unretried, thread, shown) and self.is_agent:
                return
            await asyncio.sleep(self.renew_every)

    async def _set(self, client: AsyncWebClient, thread: Thread, status: dict[str, Any]) -> bool:
        """Set the status of a thread; return False where it failed and may be taken later."""
        sessions, words = client.agents_sessions_setStatus, client.assistant_threads_setStatus
        set_status: Callable[..., Awaitable[Any]] = sessions if self.is_agent else words
        channel, ts = thread
        try:
            await set_status(channel_id=channel, thread_ts=ts, **status)
        except FAILURES as error:
            _LOG.info("no status: %s", error_code(error))
            return not is_transient(error)
        return True


def title(question: str) -> str:
    """Return the title of a conversation that begins with this question, without the ids that it mentions."""
    return shorten(_ID.sub("", question), _CONVERSATION_CHARS)
