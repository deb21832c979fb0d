"""The routing table: which event is whose."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.command_desk import CommandDesk
from bot.slack.desk import Desk
from bot.slack.listeners import commands, questions

# Whatever the command is called in the app's manifest: another app may have "/itu" already.
_ANY = re.compile(r"^/")


def register(app: AsyncApp, desk: Desk, command_desk: CommandDesk) -> None:
    """Register every listener. Each gets `desk` and `commands` in its context."""

    @app.middleware
    async def attach(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:
        context["desk"] = desk
        context["commands"] = command_desk
        await next()

    app.event("app_mention", middleware=[questions.take])(questions.answer)
    app.event("message", middleware=[questions.take])(questions.answer)
    app.command(_ANY)(commands.run)
