"""The routing table: which event is whose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.desk import Desk
from bot.slack.listeners import questions


def register(app: AsyncApp, desk: Desk) -> None:
    """Register every listener. Each gets `desk` in its context."""

    @app.middleware
    async def attach(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:
        context["desk"] = desk
        await next()

    app.event("app_mention", middleware=[questions.take])(questions.answer)
    app.event("message", middleware=[questions.take])(questions.answer)
