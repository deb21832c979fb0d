"""The routing table: which event is whose."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.entry import CORRECT, DETAILS, FORM, UNDO
from bot.slack.handlers.commands import CommandDesk
from bot.slack.handlers.entries import EntryDesk
from bot.slack.handlers.questions import Desk
from bot.slack.library.handler import LibraryDesk
from bot.slack.library.uploads import SHARE, SHORTCUT
from bot.slack.listeners import commands, entries, gifts, questions
from bot.slack.listeners.admission import Middleware

# Whatever the command is called in the app's manifest: another app may have "/itu" already.
_ANY = re.compile(r"^/")


def register(
    app: AsyncApp,
    desk: Desk,
    command_desk: CommandDesk,
    entry_desk: EntryDesk,
    library_desk: LibraryDesk | None,
    admit: Middleware,
) -> None:
    """Register every listener, behind `admit`. Each gets `desk`, `commands`, `entries` and `gifts` in its context."""
    app.middleware(admit)

    @app.middleware
    async def attach(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:
        context["desk"] = desk
        context["commands"] = command_desk
        context["entries"] = entry_desk
        context["gifts"] = library_desk
        await next()

    # The first that fits has the event: a message that brings files is no mere question.
    if library_desk is not None:
        app.event("message", matchers=[gifts.brings_files], middleware=[gifts.take])(gifts.accept)
        app.message_shortcut(SHORTCUT, middleware=[gifts.take])(gifts.accept)
        app.action(SHARE)(gifts.share)
    app.event("app_mention", middleware=[questions.take])(questions.answer)
    app.event("message", middleware=[questions.take])(questions.answer)
    app.command(_ANY)(commands.run)
    app.action(DETAILS)(entries.show)
    app.action(CORRECT)(entries.open_form)
    app.action(UNDO)(entries.undo)
    app.view(FORM)(entries.correct)
