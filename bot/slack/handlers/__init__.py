"""Handlers, one for each kind of payload: questions, commands, register entries and uploads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.slack.handlers.commands import CommandHandler
from bot.slack.handlers.entries import EntryHandler
from bot.slack.handlers.interactions import Interactions
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.uploads import UploadHandler
from bot.slack.sending.notices import NoticeSender

__all__ = [
    "CommandHandler",
    "EntryHandler",
    "Handlers",
    "Interactions",
    "QuestionHandler",
    "ReminderHandler",
    "UploadHandler",
]


@dataclass(frozen=True, slots=True)
class Handlers:
    """The handlers that listeners call.

    `uploads` is None where files are not accepted, `reminders` where there are none. `notices` sends what is due.
    """

    questions: QuestionHandler
    commands: CommandHandler
    interactions: Interactions
    entries: EntryHandler
    uploads: UploadHandler | None
    reminders: ReminderHandler | None = None
    notices: NoticeSender | None = None

    def start(self) -> None:
        """Start to work on jobs."""
        for handler in (self.questions, self.uploads, self.notices):
            if handler is not None:
                handler.start()

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        for handler in (self.questions, self.uploads, self.notices):
            if handler is not None:
                handler.stop()

    async def close(self, shutdown_patience: float) -> None:
        """Cancel uploads; let everything else run for `shutdown_patience` seconds, then cancel it too.

        To cancel takes a few seconds at most.
        """
        handlers = (self.commands, self.interactions, self.questions, self.notices)
        closing = [one.close(shutdown_patience) for one in handlers if one is not None]
        if self.uploads is not None:
            closing.append(self.uploads.close())
        await asyncio.gather(*closing)
