"""What the bot does for each kind of payload: it answers questions and commands, shows entries, takes in uploads."""

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
