"""The routing table: which listener gets which payload of Slack."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.entry import CALENDAR, CORRECT, DETAILS, FORM, SHARE, UNDO
from bot.slack.blocks.experts import EXPERTS_ANSWER, EXPERTS_ASK, EXPERTS_FORM
from bot.slack.blocks.feedback import FEEDBACK, FEEDBACK_FORM
from bot.slack.blocks.forms import ASK_FORM
from bot.slack.blocks.home import HOME_ASK, HOME_PAGE, HOME_SEND
from bot.slack.blocks.library import SHARE as SHARE_FILES
from bot.slack.blocks.reminders import CANCEL, REMIND
from bot.slack.blocks.sharing import SHARE_REPLY
from bot.slack.blocks.sources import CHOOSE, FILE, OPEN, TURN
from bot.slack.blocks.subscriptions import END
from bot.slack.handlers import Handlers
from bot.slack.listeners import (
    actions,
    claims,
    commands,
    events,
    experts,
    home,
    shortcuts,
    views,
)
from bot.slack.listeners.actions import acknowledge_after, acknowledge_and
from bot.slack.listeners.middleware import Middleware
from bot.slack.listeners.payloads import payload_key
from bot.slack.manifest import ADD_TO_LIBRARY, ASK, ASK_ABOUT_MESSAGE, UPCOMING_DEADLINES
from bot.telemetry import request_id
from store.nul import without_nul

# Tells what a person looks at beside the conversation, which changes nothing in an answer.
_CONTEXT_CHANGED = re.compile(r"^(?:app|assistant_thread)_context_changed$")
# The manifest may give the command another name.
_ANY_COMMAND = re.compile(r"^/")


def register(app: AsyncApp, handlers: Handlers, admit: Middleware) -> None:
    """Register all listeners behind `admit`; each finds `handlers` in its context."""

    async def identify(
        body: dict[str, Any], context: AsyncBoltContext, next: Callable[[], Awaitable[None]]
    ) -> None:
        request_id.bind_key(payload_key(body, context.bot_user_id or ""))
        await next()

    async def attach(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:
        context["handlers"] = handlers
        # Those of a feature, for its listeners, which are registered only where it is on.
        context["uploads"], context["experts"] = handlers.uploads, handlers.experts
        await next()

    app.middleware(_strip_nul)
    app.middleware(identify)
    app.middleware(admit)
    app.middleware(attach)
    # Listeners are tried in order, so uploads and answers of people must be registered before questions.
    if handlers.uploads is not None:
        for event in ("app_mention", "message"):
            app.event(event, matchers=[events.has_files], middleware=[events.claim_upload])(claims.start)
        app.message_shortcut(ADD_TO_LIBRARY)(shortcuts.add_to_library)
        app.action(SHARE_FILES)(actions.share_with_everybody)
    if handlers.experts is not None:
        app.event("message", matchers=[experts.is_answer], middleware=[experts.claim_answer])(claims.start)
        app.action(EXPERTS_ASK)(acknowledge_after(handlers.experts.ask))
        app.action(EXPERTS_ANSWER)(experts.open_form)
        app.view(EXPERTS_FORM)(experts.submit_form)
    if handlers.scheduled is not None:
        reminders, subscriptions = handlers.scheduled.reminders, handlers.scheduled.subscriptions
        app.action(REMIND)(acknowledge_after(reminders.add))
        # In the Home tab, the tab without it is the reply.
        in_home, show_after = [home.is_pressed], handlers.home.show_after
        app.action(CANCEL, matchers=in_home)(acknowledge_after(partial(show_after, reminders.remove)))
        app.action(CANCEL)(acknowledge_after(reminders.cancel))
        app.action(END, matchers=in_home)(acknowledge_after(partial(show_after, subscriptions.remove)))
        app.action(END)(acknowledge_after(subscriptions.end))
    app.event("app_mention", middleware=[events.claim_question])(claims.start)
    app.event("message", middleware=[events.claim_question])(claims.start)
    app.message_shortcut(ASK_ABOUT_MESSAGE)(shortcuts.ask)
    app.global_shortcut(ASK)(shortcuts.ask)
    app.global_shortcut(UPCOMING_DEADLINES)(shortcuts.upcoming_deadlines)
    app.event("assistant_thread_started")(events.greet)
    app.event(_CONTEXT_CHANGED)(events.acknowledge)
    app.event("agent_session_stopped", middleware=[events.record_stop])(events.stop_answers)
    app.command(_ANY_COMMAND)(commands.start_command)
    app.action(DETAILS)(acknowledge_and(handlers.entries.show))
    app.action(CORRECT)(acknowledge_and(handlers.entries.open_form))
    app.action(UNDO)(acknowledge_after(handlers.entries.undo))
    app.action(CALENDAR)(acknowledge_and(handlers.entries.send_calendar))
    app.action(SHARE)(acknowledge_and(handlers.entries.share))
    app.action(SHARE_REPLY)(actions.share_reply)
    app.event("app_home_opened")(home.opened)
    app.action(re.compile(f"^{HOME_PAGE}_"))(acknowledge_and(handlers.home.turn_page))
    app.action(re.compile(f"^{HOME_SEND}_"))(home.send)
    app.action(HOME_ASK)(shortcuts.ask)
    app.action(OPEN)(acknowledge_and(handlers.sources.open))
    app.action(CHOOSE)(acknowledge_and(handlers.sources.choose))
    app.action(TURN)(acknowledge_and(handlers.sources.turn))
    app.action(FILE)(acknowledge_and(handlers.sources.send_file))
    app.action(FEEDBACK)(acknowledge_after(handlers.feedback.vote))
    app.view(FEEDBACK_FORM)(views.explain_vote)
    app.view(FORM)(views.submit_correction)
    app.view(ASK_FORM)(views.submit_question)


async def _strip_nul(body: dict[str, Any], next: Callable[[], Awaitable[None]]) -> None:
    # In place: Bolt makes the arguments of later listeners from the same body.
    body.update(without_nul(body))
    await next()
