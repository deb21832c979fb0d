"""Handlers, one for each kind of payload: questions, commands, register entries, shares, the Home tab and uploads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.slack.digests import DigestSender
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
from bot.slack.schedule import Tick
from bot.slack.sending.notices import NoticeSender

__all__ = [
    "AskHandler",
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

    `clock` gives the time of each call.

    `own_blocks` returns what the Home tab of a person shows of it.
    """

    reminders: ReminderHandler
    subscriptions: SubscriptionHandler
    notices: NoticeSender
    digests: DigestSender
    ticks: Mapping[str, Tick]
    clock: Callable[[], datetime]
    own_blocks: OwnBlocks


@dataclass(frozen=True, slots=True)
class Handlers:
    """The handlers that listeners call.

    `uploads` is None where files are not accepted, `experts` where questions are not passed on to people, `scheduled`
    where nothing is sent by the clock.
    """

    questions: QuestionHandler
    commands: CommandHandler
    interactions: Interactions
    entries: EntryHandler
    shares: ShareHandler
    home: HomeHandler
    asking: AskHandler
    pane: PaneHandler
    sources: SourceHandler
    feedback: FeedbackHandler
    uploads: UploadHandler | None
    experts: ExpertHandler | None = None
    scheduled: Scheduled | None = None

    def start(self) -> None:
        """Start to work on jobs."""
        for handler in (self.questions, self.shares, self.uploads, self.experts, *self._senders):
            if handler is not None:
                handler.start()

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        for handler in (self.questions, self.shares, self.uploads, self.experts, *self._senders):
            if handler is not None:
                handler.stop()

    async def close(self, shutdown_patience: float) -> None:
        """Cancel uploads; let everything else run for `shutdown_patience` seconds, then cancel it too.

        To cancel takes a few seconds at most.
        """
        own = (self.commands, self.interactions, self.pane, self.questions, self.shares, self.home)
        others = (self.asking, self.sources, self.feedback, self.experts, *self._senders)
        closing = [one.close(shutdown_patience) for one in (*own, *others) if one is not None]
        if self.uploads is not None:
            closing.append(self.uploads.close())
        await asyncio.gather(*closing)

    @property
    def _senders(self) -> tuple[NoticeSender | DigestSender, ...]:
        return (self.scheduled.notices, self.scheduled.digests) if self.scheduled else ()
