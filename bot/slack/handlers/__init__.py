"""Handlers, one for each kind of payload: questions, commands, register entries and uploads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.slack.handlers.commands import CommandHandler
from bot.slack.handlers.entries import EntryHandler
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.uploads import UploadHandler

__all__ = ["CommandHandler", "EntryHandler", "Handlers", "QuestionHandler", "UploadHandler"]


@dataclass(frozen=True, slots=True)
class Handlers:
    """The handlers that listeners call. `uploads` is None where files are not accepted."""

    questions: QuestionHandler
    commands: CommandHandler
    entries: EntryHandler
    uploads: UploadHandler | None

    def start(self) -> None:
        """Start to work on jobs."""
        self.questions.start()
        if self.uploads is not None:
            self.uploads.start()

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        self.questions.stop()
        if self.uploads is not None:
            self.uploads.stop()

    async def close(self, shutdown_patience: float) -> None:
        """Cancel uploads; let everything else run for `shutdown_patience` seconds, then cancel it too.

        To cancel takes a few seconds at most.
        """
        closing = [one.close(shutdown_patience) for one in (self.commands, self.entries, self.questions)]
        if self.uploads is not None:
            closing.append(self.uploads.close())
        await asyncio.gather(*closing)
