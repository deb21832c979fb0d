"""The routing table: what is called for which payload of Slack, and what it costs; what is told if that fails."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.access.budget import PRESS, QUESTION
from bot.slack.acknowledging import Listener, acknowledge, acknowledge_after, acknowledge_then_start, start
from bot.slack.blocks.entry import (
    ENTRY_CALENDAR,
    ENTRY_CORRECT,
    ENTRY_DETAILS,
    ENTRY_FORM,
    ENTRY_SHARE,
    ENTRY_UNDO,
)
from bot.slack.blocks.experts import EXPERTS_ANSWER, EXPERTS_ASK, EXPERTS_FORM
from bot.slack.blocks.feedback import FEEDBACK, FEEDBACK_FORM
from bot.slack.blocks.forms import ASK_FORM
from bot.slack.blocks.home import HOME_ASK, HOME_PAGE, HOME_SEND
from bot.slack.blocks.library import SHARE_WITH_EVERYBODY
from bot.slack.blocks.reminders import ENTRY_REMIND, REMINDER_CANCEL
from bot.slack.blocks.sharing import SHARE_REPLY
from bot.slack.blocks.sources import SOURCE_CHOOSE, SOURCE_FILE, SOURCE_OPEN, SOURCE_TURN
from bot.slack.blocks.subscriptions import SUBSCRIPTION_END
from bot.slack.handlers.asking import AskHandler
from bot.slack.handlers.commands import CommandHandler
from bot.slack.handlers.entries import EntryHandler
from bot.slack.handlers.experts import ExpertHandler
from bot.slack.handlers.feedback import FeedbackHandler
from bot.slack.handlers.home import HomeHandler
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.replies import explanation
from bot.slack.handlers.services import Work, WorkspaceServices
from bot.slack.handlers.shares import ShareHandler
from bot.slack.handlers.sources import SourceHandler
from bot.slack.handlers.subscriptions import SubscriptionHandler
from bot.slack.handlers.uploads import UploadHandler
from bot.slack.manifest import ADD_TO_LIBRARY, ASK_ABOUT_MESSAGE, ASK_QUESTION, UPCOMING_DEADLINES
from bot.slack.middleware import Middleware, admission_middleware, charging_middleware
from bot.slack.payloads import Press, payload_key, recipient_of
from bot.slack.sending.private_replies import reply_privately
from bot.telemetry import request_id
from store.nul import without_nul

# Tells what a person looks at beside the conversation, which changes nothing in an answer.
_CONTEXT_CHANGED = re.compile(r"^(?:app|assistant_thread)_context_changed$")
# The manifest may give the command another name.
_ANY_COMMAND = re.compile(r"^/")


def register(
    app: AsyncApp,
    services: WorkspaceServices,
    questions: QuestionHandler,
    reminders: ReminderHandler,
    subscriptions: SubscriptionHandler,
    shares: ShareHandler,
    uploads: UploadHandler,
    experts: ExpertHandler | None,
) -> None:
    """Register all that handles what Slack sends, behind the middleware that decides who is answered."""
    asking = AskHandler(services, questions)
    commands = CommandHandler(services, questions, shares, reminders, subscriptions)
    entries, sources, feedback = EntryHandler(services), SourceHandler(services), FeedbackHandler(services)
    home = HomeHandler(services, reminders, subscriptions)

    async def identify(
        body: dict[str, Any], context: AsyncBoltContext, next: Callable[[], Awaitable[None]]
    ) -> None:
        request_id.bind_key(payload_key(body, context.bot_user_id or ""))
        await next()

    def acknowledged_before(work: Work) -> Listener:
        """Acknowledge a press, then begin the work on it, which is done once."""
        return acknowledge_then_start(partial(services.start_work, work))

    def acknowledged_after(work: Work) -> Listener:
        """Acknowledge a press after the work on it, which may be done twice."""
        return acknowledge_after(partial(services.complete_work, work))

    def on_source(work: Callable[[Press], Awaitable[None]]) -> Listener:
        """Acknowledge a press on a source, then begin the work on it."""
        return acknowledge_then_start(partial(sources.start, work))

    # What each route costs the person who uses it.
    question = [charging_middleware(services, QUESTION)]
    press = [charging_middleware(services, PRESS)]
    free: list[Middleware] = []

    app.middleware(_strip_nul)
    app.middleware(identify)
    app.middleware(admission_middleware(services))
    # They are tried in order, so uploads and answers of people must be registered before questions.
    for event in ("app_mention", "message"):
        app.event(event, matchers=[uploads.has_files], middleware=[*question, uploads.claim_event])(start)
    app.message_shortcut(ADD_TO_LIBRARY, middleware=question)(uploads.add_to_library)
    app.action(SHARE_WITH_EVERYBODY, middleware=question)(uploads.share_with_everybody)
    if experts is not None:
        # Free, as the answer to each question is passed on once.
        app.event("message", matchers=[experts.is_answer], middleware=[*free, experts.claim_reply])(start)
        app.action(EXPERTS_ASK, middleware=question)(acknowledged_after(experts.ask))
        app.action(EXPERTS_ANSWER, middleware=press)(acknowledged_before(experts.open_form))
        app.view(EXPERTS_FORM, middleware=press)(experts.submit_form)
    app.action(ENTRY_REMIND, middleware=press)(acknowledged_after(reminders.remind))
    # In the Home tab, the updated tab is the reply.
    for action, work in (
        (REMINDER_CANCEL, reminders.cancel),
        (SUBSCRIPTION_END, subscriptions.end),
    ):
        show_after = partial(home.show_after, work)
        app.action(action, matchers=[_is_in_home], middleware=press)(acknowledge_after(show_after))
        app.action(action, middleware=press)(acknowledged_after(work))
    for event in ("app_mention", "message"):
        app.event(event, middleware=[*question, questions.claim_event])(start)
    # Free, as it ends work.
    app.event("agent_session_stopped", middleware=[*free, questions.record_stop])(questions.stop_answers)
    app.event(_CONTEXT_CHANGED, middleware=free)(acknowledge)
    app.command(_ANY_COMMAND, middleware=question)(commands.start)
    app.message_shortcut(ASK_ABOUT_MESSAGE, middleware=press)(asking.open)
    app.global_shortcut(ASK_QUESTION, middleware=press)(asking.open)
    app.action(HOME_ASK, middleware=press)(asking.open)
    app.view(ASK_FORM, middleware=question)(asking.submit)
    app.global_shortcut(UPCOMING_DEADLINES, middleware=question)(shares.send_report)
    app.action(re.compile(f"^{HOME_SEND}_"), middleware=question)(shares.send_report)
    app.action(SHARE_REPLY, middleware=question)(shares.share_reply)
    app.action(ENTRY_DETAILS, middleware=press)(acknowledged_before(entries.show))
    app.action(ENTRY_CALENDAR, middleware=question)(acknowledged_before(entries.send_calendar))
    app.action(ENTRY_SHARE, middleware=question)(acknowledged_before(entries.share))
    app.action(ENTRY_CORRECT, middleware=press)(acknowledged_before(entries.open_form))
    app.view(ENTRY_FORM, middleware=press)(entries.submit_form)
    app.action(ENTRY_UNDO, middleware=press)(acknowledged_after(entries.undo))
    # Free, as Slack sends it to whoever only looks at the app, and nothing can be said there.
    app.event("app_home_opened", middleware=free)(home.opened)
    app.event("assistant_thread_started", middleware=free)(home.opened)
    app.action(re.compile(f"^{HOME_PAGE}_"), middleware=press)(acknowledge_then_start(home.turn_page))
    app.action(SOURCE_OPEN, middleware=press)(on_source(sources.open))
    app.action(SOURCE_CHOOSE, middleware=press)(on_source(sources.choose))
    app.action(SOURCE_TURN, middleware=press)(on_source(sources.turn))
    app.action(SOURCE_FILE, middleware=question)(on_source(sources.send_file))
    app.action(FEEDBACK, middleware=press)(acknowledged_after(feedback.vote))
    app.view(FEEDBACK_FORM, middleware=press)(feedback.submit_form)


def explain_failures(services: WorkspaceServices) -> Callable[..., Awaitable[None]]:
    """Return Bolt's handler of errors, which tells a person whose request fails after it was acknowledged.

    If the request was not acknowledged, Slack itself tells the person, or delivers the event again.
    """

    async def explain(
        error: Exception, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck
    ) -> None:
        message = explanation(error, "the request")
        if context.user_id and ack.response is not None and "event" not in body:
            await reply_privately(services.clients, recipient_of(body, context), message)

    return explain


async def _is_in_home(body: dict[str, Any]) -> bool:
    return (body.get("view") or {}).get("type") == "home"


async def _strip_nul(body: dict[str, Any], next: Callable[[], Awaitable[None]]) -> None:
    # In place: Bolt makes the arguments of later listeners from the same body.
    body.update(without_nul(body))
    await next()
