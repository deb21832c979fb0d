"""What a feature of the bot adds to it.

A feature is one module or package in `bot/slack/features/`: its routes, its words of the slash command, its messages
and forms, its jobs, and what it does by the clock. `routes.py` lists them all. One feature does not import another:
what it shows in a place that another one owns, such as a button below an answer, it returns from a method below.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from bot.answering.answer import Answer
from bot.register import RegisterEntry
from bot.slack.core.options import ChannelData
from bot.slack.core.ui.elements import Block, File, Message
from bot.slack.core.words import CommandWord, ParsedCommand, SlashCommand
from store.jobs import SlackMessage

if TYPE_CHECKING:
    from bot.slack.core.receiving import Routes


class Feature:
    """One thing that the bot does in a workspace. What a feature does not have stays as it is here: empty.

    `report`, `carry_out`, `open_window` and `begin` are for features with words.
    """

    words: ClassVar[Sequence[CommandWord]] = ()
    """Its words of the slash command."""

    def add_routes(self, routes: Routes) -> None:
        """Add what Slack sends for it."""

    def report(self, data: ChannelData, request: ParsedCommand, command: str) -> Message | File:
        """Return what one of its shareable words shows, as of today. May block. Raises NoStore.

        `command` is the name of the slash command.
        """
        raise NotImplementedError

    async def carry_out(self, message: SlackMessage, request: ParsedCommand) -> Message:
        """Do what one of its other words says, in the channel of `message`, and return the reply.

        Raises NotDone, StoreError.
        """
        raise NotImplementedError

    async def open_window(self, command: SlashCommand) -> None:
        """Open the window of one of its words. Raises NotDone."""
        raise NotImplementedError

    async def begin(
        self, command: SlashCommand, event_id: str, ack: Callable[..., Awaitable[object]]
    ) -> None:
        """Claim the job of one of its words for the request `event_id`, acknowledge that, and start the work.

        Raises StoreError.
        """
        raise NotImplementedError

    @staticmethod
    def below_answer(answer: Answer, key: str) -> Sequence[Block]:
        """Return its buttons below the answer to the question `key`."""
        return ()

    @staticmethod
    def entry_buttons(entry: RegisterEntry, as_of: date) -> Sequence[Block]:
        """Return its buttons below the details of an entry of the register."""
        return ()

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return what the Home tab of a person shows of it. Raises StoreError."""
        return ()

    async def review(self, now: datetime) -> None:
        """Begin what is due at `now`, an aware time. It is called every minute."""

    async def close(self) -> None:
        """End what it does beside its jobs, which have ended."""
