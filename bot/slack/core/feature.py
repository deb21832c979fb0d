"""What a feature of the bot adds to it.

A feature is one module or package in `bot/slack/features/`: its routes, its messages and forms, its jobs, and what it
does by the clock. `routes.py` lists them all. One feature does not import another:
what it shows in a place that another one owns, such as a button below an answer, it returns from a method below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.answering.answer import Answer
from bot.register import RegisterEntry
from bot.slack.core.ui.elements import Block

if TYPE_CHECKING:
    from bot.slack.core.receiving import Routes


class Feature:
    """One thing that the bot does in a workspace. What a feature does not have stays as it is here: empty."""

    def add_routes(self, routes: Routes) -> None:
        """Add what Slack sends for it."""

    @staticmethod
    def below_answer(answer: Answer, key: str) -> Sequence[Block]:
        """Return its buttons below the answer to the question `key`."""
        return ()

    @staticmethod
    def entry_buttons(entry: RegisterEntry, as_of: date) -> Sequence[Block]:
        """Return its buttons below the details of an entry of the register."""
        return ()

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return its buttons among what a person can choose in the Home tab and after the command.

        `keeps_library`: the person may add documents.
        """
        return ()

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return what a person has of it, for the same places. Raises StoreError."""
        return ()

    async def review(self, now: datetime) -> None:
        """Begin what is due at `now`, an aware time. It is called every minute."""

    async def close(self) -> None:
        """End what it does beside its jobs, which have ended."""
