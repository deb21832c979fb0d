"""Handlers, one for each thing that people do in Slack: they do the work after the listener's acknowledgement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.slack.background import BackgroundTasks
from bot.slack.handlers.asking import AskHandler
from bot.slack.handlers.commands import CommandHandler
from bot.slack.handlers.entries import EntryHandler
from bot.slack.handlers.experts import ExpertHandler
from bot.slack.handlers.feedback import FeedbackHandler
from bot.slack.handlers.home import HomeHandler, OwnBlocks
from bot.slack.handlers.interactions import Interactions
from bot.slack.handlers.pane import PaneHandler
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.shares import ShareHandler
from bot.slack.handlers.sources import SourceHandler
from bot.slack.handlers.subscriptions import SubscriptionHandler
from bot.slack.handlers.uploads import UploadHandler
from bot.slack.schedule.digests import DigestSender
from bot.slack.schedule.every_minute import Tick
from bot.slack.sending.notices import NoticeSender

__all__ = [
    "AskHandler",
    "BackgroundTasks",
    "CommandHandler",
    "EntryHandler",
    "ExpertHandler",
    "FeedbackHandler",
    "Handlers",
    "HomeHandler",
    "Interactions",
    "PaneHandler",
    "QuestionHandler",
    "ReminderHandler",
    "Scheduled",
    "ShareHandler",
    "SourceHandler",
    "SubscriptionHandler",
    "UploadHandler",
]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The handlers of what the bot sends by the clock, what sends it, and what is called every minute, by name.

    `clock` gives the time of each call. `own_blocks` returns what the Home tab of a person shows of it.
    """

    reminders: ReminderHandler
    subscriptions: SubscriptionHandler
    notices: NoticeSender
    digests: DigestSender
    ticks: Mapping[str, Tick]
    clock: Callable[[], datetime]
    own_blocks: OwnBlocks


class _Worker(Protocol):
    """Works on jobs."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    async def close(self, shutdown_patience: float, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Handlers:
    """The handlers that listeners call, and the `tasks` of those that do not work on jobs.

    `uploads` is None where files are not accepted, `experts` where questions are not passed on to people, `scheduled`
    where nothing is sent by the clock.
    """

    questions: QuestionHandler
    commands: CommandHandler
    entries: EntryHandler
    shares: ShareHandler
    home: HomeHandler
    asking: AskHandler
    pane: PaneHandler
    sources: SourceHandler
    feedback: FeedbackHandler
    tasks: BackgroundTasks
    uploads: UploadHandler | None
    experts: ExpertHandler | None = None
    scheduled: Scheduled | None = None

    def start(self) -> None:
        """Start to work on jobs."""
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        for worker in self._workers:
            worker.stop()

    async def close(self, shutdown_patience: float) -> None:
        """Cancel uploads; let everything else run for `shutdown_patience` seconds, then cancel it too.

        To cancel takes a few seconds at most.
        """
        closing = (worker.close(shutdown_patience) for worker in self._workers)
        await asyncio.gather(self.tasks.close(shutdown_patience), *closing)

    @property
    def _workers(self) -> list[_Worker]:
        senders = (self.scheduled.notices, self.scheduled.digests) if self.scheduled else ()
        workers = (self.questions, self.shares, self.uploads, self.experts, *senders)
        return [worker for worker in workers if worker is not None]
