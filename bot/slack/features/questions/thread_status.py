"""The status below a thread while a question is answered, with Slack's stop button where Slack has one.

Slack has two methods for it, and an app uses both as far as Slack takes them:

- agents.sessions.setStatus, for apps that the manifest declares as agents, shows the stop button and gives a new
  conversation its title; docs.slack.dev/ai/agent-sessions
- assistant.threads.setStatus shows words, for two minutes; docs.slack.dev/reference/methods/assistant.threads.setStatus

The scope chat:write is enough for both. No answer depends on them: what fails is logged only.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bot.locales import _
from bot.slack.core.sending.clients import FAILURES, Refusals, SlackClients, error_code
from bot.slack.core.services import BackgroundTasks
from bot.slack.core.ui.mrkdwn import shorten
from store.jobs import SlackMessage

_LOG = logging.getLogger(__name__)

# Error codes of an app or a workspace that a method is not for; any other refusal is about one call.
_NOT_OFFERED = {
    "unknown_method",
    "not_authorized",
    "feature_disabled",
    "missing_scope",
    "method_deprecated",
    "not_allowed_token_type",
}
# Seconds that the end of a status may take.
_LAST_SECONDS = 3.0

_SESSION = "agents.sessions.setStatus"
_WORDS = "assistant.threads.setStatus"

Thread = tuple[str, str]

# Slack allows 200 characters; lists of conversations show fewer.
_CONVERSATION_CHARS = 80
_ID = re.compile(r"<[@#!][^<>]*>")


def working() -> str:
    """Return the words of the status; Slack puts the app's name before them."""
    return _("is working on your question…")


def loading() -> list[str]:
    """Return the messages that Slack shows one after the other, at most ten."""
    return [
        _("Searching the documents…"),
        _("Reading the paragraphs that were found…"),
        _("Looking for the newest statement…"),
        _("Checking each sentence against its source…"),
    ]


@dataclass(frozen=True, slots=True)
class ThreadStatuses:
    """Shows the status of each thread that has a question, and clears it after the last one.

    Slack forgets a status after two minutes, so it is renewed every `renew_every` seconds.
    """

    clients: SlackClients
    renew_every: float
    refused: Refusals = field(default_factory=Refusals)
    questions: Counter[Thread] = field(default_factory=Counter)
    showing: dict[Thread, asyncio.Task[None]] = field(default_factory=dict)
    ending: BackgroundTasks = field(default_factory=BackgroundTasks)

    @asynccontextmanager
    async def shown(self, question: SlackMessage) -> AsyncIterator[None]:
        """Show the status in the thread of a question while the context is open."""
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
                # A task of its own: that of a question is cancelled soon after its answer is recorded.
                self.ending.start(self._end(thread, self.showing.pop(thread)))

    async def close(self) -> None:
        """Wait until no status is shown any more, some seconds at most."""
        await self.ending.close(_LAST_SECONDS)

    async def _end(self, thread: Thread, showing: asyncio.Task[None]) -> None:
        showing.cancel()
        await asyncio.wait({showing})
        await self.clear(*thread)

    async def clear(self, channel: str, thread_ts: str) -> None:
        """Clear the status of a thread."""
        client, thread = self.clients.retrying, (channel, thread_ts)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await asyncio.gather(
                    self._call(_SESSION, client.agents_sessions_setStatus, thread, status="active"),
                    self._call(_WORDS, client.assistant_threads_setStatus, thread, status=""),
                )

    async def _show(self, question: SlackMessage) -> None:
        client, thread = self.clients.unretried, (question.channel, question.thread)
        # Slack uses title and initiator where the session begins.
        session = {"title": title(question.text) or None, "initiator_user_id": question.user}
        words = {"status": working(), "loading_messages": loading()}
        while True:
            await asyncio.gather(
                self._call(
                    _SESSION, client.agents_sessions_setStatus, thread, status="processing", **session
                ),
                self._call(_WORDS, client.assistant_threads_setStatus, thread, **words),
            )
            await asyncio.sleep(self.renew_every)

    async def _call(
        self, name: str, method: Callable[..., Awaitable[Any]], thread: Thread, **arguments: Any
    ) -> None:
        """Call a method for a thread, unless Slack has lately refused it to this app."""
        if name in self.refused:
            return
        channel, ts = thread
        try:
            await method(channel_id=channel, thread_ts=ts, **arguments)
        except FAILURES as error:
            code = error_code(error)
            _LOG.info("no status by %s: %s", name, code)
            if code in _NOT_OFFERED:
                self.refused.add(name)


def title(question: str) -> str:
    """Return the title of a conversation that begins with this question, without the ids that it mentions."""
    return shorten(_ID.sub("", question), _CONVERSATION_CHARS)
