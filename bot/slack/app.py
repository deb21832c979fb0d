"""The Slack bot: connects to Slack, wires handlers and listeners, and stops on a signal.

await run_slack_bot(
    lambda audience: assistant,           # answers the questions of a channel
    QuestionStore.open(sqlite_url(data_dir / "state.sqlite")),
    lambda audience: ChannelData(...),    # what commands show in a channel
    SlackOptions(bot_token="xoxb-...", app_token="xapp-..."),
)
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.answers import Answerer
from bot.slack import listeners, transport
from bot.slack.access.admission import Admission
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.rate_limit import RateLimit
from bot.slack.errors import TokenRefused
from bot.slack.handlers import (
    AskHandler,
    BackgroundTasks,
    CommandHandler,
    EntryHandler,
    ExpertHandler,
    FeedbackHandler,
    Handlers,
    HomeHandler,
    Interactions,
    PaneHandler,
    QuestionHandler,
    ShareHandler,
    SourceHandler,
    UploadHandler,
)
from bot.slack.handlers.answer_queue import AnswerQueue
from bot.slack.handlers.answering import Assistants
from bot.slack.handlers.deliveries import Deliveries
from bot.slack.handlers.following import ThreadFollower
from bot.slack.handlers.history import ConversationHistory
from bot.slack.handlers.reports import Reports
from bot.slack.identity import identify
from bot.slack.listeners.middleware import admission_middleware
from bot.slack.options import SlackOptions
from bot.slack.readiness import Readiness
from bot.slack.schedule.every_minute import every_minute
from bot.slack.schedule.wiring import build_scheduled
from bot.slack.sending.clients import SlackClients
from bot.slack.sending.posting import Poster
from bot.slack.sending.streaming import Streams
from bot.slack.sending.thread_status import ThreadStatuses
from bot.slack.status_pages import health_routes, metrics_route
from bot.slack.stop_signals import stopped_by_signals
from bot.slack.web_server import web_server
from bot.telemetry.questions import QuestionRecord, log_question
from bot.telemetry.spans import set_outcome
from store.audiences import Audience
from store.errors import StoreError
from store.jobs import JobStore, QuestionStore, SlackMessage

# Seconds for which questions and answers are kept. Slack delivers nothing again after an hour.
_KEPT = 30 * 24 * 3600.0

_LOG = logging.getLogger(__name__)


async def run_slack_bot(
    assistant: Callable[[Audience], Answerer],
    question_store: QuestionStore,
    channel_data: Callable[[Audience], ChannelData],
    options: SlackOptions,
    *,
    stop: asyncio.Event | None = None,
    announce: Callable[[str], None] = _LOG.info,
) -> None:
    """Run the bot until SIGTERM or SIGINT (or until `stop` is set, if given), then finish running answers.

    `assistant` and `channel_data` return what a channel may see; both may block. `announce` gets one line when the bot
    is connected and one when it is ready. Raises a BotError or StoreError of one line where the bot cannot run.
    """
    with stopped_by_signals(stop) as stopping:
        readiness = Readiness(options.checks, stopping)
        async with _status_pages(readiness, options):
            await _run_connected(
                assistant, question_store, channel_data, options, readiness, stopping, announce
            )


async def _run_connected(
    assistant: Callable[[Audience], Answerer],
    question_store: QuestionStore,
    channel_data: Callable[[Audience], ChannelData],
    options: SlackOptions,
    readiness: Readiness,
    stopping: asyncio.Event,
    announce: Callable[[str], None],
) -> None:
    """Connect to Slack, and answer until `stopping` is set."""
    clients = SlackClients(options.bot_token, options.api_url, options.metrics.slack_error)
    identity = await identify(clients.retrying, options.needed_scopes)
    admission = Admission(
        options.policy,
        clients.unretried,
        identity.team_id or "",
        identity.enterprise_id or "",
        patience=options.timing.admission_patience,
    )
    limit = RateLimit(options.questions_per_minute)
    handlers = _make_handlers(
        assistant, question_store, channel_data, options, clients, identity, admission, limit
    )
    scheduled = handlers.scheduled
    admit = admission_middleware(admission, limit, question_store, clients, handlers.tasks)
    app = _bolt_app(clients.retrying, identity, options.signing_secret)
    listeners.register(app, handlers, admit)
    stores: list[JobStore[Any]] = [question_store, handlers.shares.store]
    if options.uploads is not None:
        stores.append(options.uploads.submissions)
    if options.schedule is not None:
        stores += [options.schedule.digests, options.schedule.reminders]
    if options.experts is not None:
        stores += [options.experts.questions, options.experts.answers]
    try:
        async with (
            _receiving(app, options, readiness) as how_connected,
            every_minute(scheduled.ticks, scheduled.clock) if scheduled else nullcontext(),
        ):
            announce(f"connected to {identity.team or 'Slack'} {how_connected}; loading the model")
            handlers.start()
            await _run(handlers.questions, stores, options.timing.forget_every, readiness, stopping, announce)
            handlers.stop()
    finally:
        await handlers.close(options.timing.shutdown_patience)


def _make_handlers(
    assistant: Callable[[Audience], Answerer],
    question_store: QuestionStore,
    channel_data: Callable[[Audience], ChannelData],
    options: SlackOptions,
    clients: SlackClients,
    identity: AuthorizeResult,
    admission: Admission,
    limit: RateLimit,
) -> Handlers:
    """Return the handlers, which share a poster and the question handler."""
    timing, bot_user = options.timing, identity.bot_user_id or identity.user_id or ""
    poster = Poster(clients.posting, clients.retrying, bot_user)
    queue = AnswerQueue(options.workers, options.queue_length, timing.announce_queue_after)
    options.metrics.watch_queue(lambda: queue.waiting, lambda: queue.running)

    def record(question: QuestionRecord) -> None:
        log_question(question)
        options.metrics.question(question)
        set_outcome(question.outcome)

    follower = None
    if options.asks_assistant is not None:
        follower = ThreadFollower(question_store, admission, limit, options.asks_assistant)
    questions = QuestionHandler(
        Assistants(assistant, queue),
        question_store,
        poster,
        Deliveries(poster),
        ConversationHistory(question_store, clients.unretried, bot_user),
        Streams(clients.unretried, poster, question_store, timing.update_every),
        ThreadStatuses(
            clients, timing.renew_status_every, lambda question: not question_store.replies(question)
        ),
        follower,
        timing,
        record,
        options.traces,
        ask_experts=options.experts is not None,
    )

    async def ask(question: SlackMessage) -> None:
        job = await questions.claim(question)
        if job is not None:
            questions.submit(job)

    tasks = BackgroundTasks()
    interactions = Interactions(channel_data, question_store, clients, tasks)
    scheduled = None
    if options.schedule is not None:
        scheduled = build_scheduled(
            options.schedule,
            channel_data,
            interactions,
            poster,
            clients,
            timing,
            admission,
            identity.team_id or "",
        )
    uploads = None
    if options.uploads is not None:
        uploads = UploadHandler(options.uploads, channel_data, ask, poster, clients, timing, options.command)
    reports = Reports(channel_data)
    experts = None
    if options.experts is not None:
        experts = ExpertHandler(
            options.experts, question_store, poster, clients, admission, timing, tasks, interactions
        )
    return Handlers(
        questions,
        CommandHandler(
            reports,
            question_store,
            clients,
            tasks,
            options.command,
            scheduled.reminders if scheduled else None,
            scheduled.subscriptions if scheduled else None,
        ),
        EntryHandler(interactions, options.corrections, clients, poster, may_remind=scheduled is not None),
        ShareHandler(
            question_store,
            reports,
            poster,
            clients,
            timing,
            scheduled.subscriptions if scheduled else None,
        ),
        HomeHandler(
            admission,
            channel_data,
            options.corrections,
            question_store,
            clients,
            tasks,
            scheduled.own_blocks if scheduled else None,
        ),
        AskHandler(clients, tasks),
        PaneHandler(channel_data, question_store, poster, clients.retrying, admission, tasks),
        SourceHandler(channel_data, question_store, options.uploads, clients, tasks),
        FeedbackHandler(question_store, clients, tasks),
        tasks,
        uploads,
        experts,
        scheduled,
    )


async def _run(
    questions: QuestionHandler,
    stores: Sequence[JobStore[Any]],
    forget_every: float,
    readiness: Readiness,
    stopping: asyncio.Event,
    announce: Callable[[str], None],
) -> None:
    """Load the model, then wait for the end; meanwhile remove old questions and answers."""
    forgetting = asyncio.create_task(_forget(stores, forget_every))
    warming = asyncio.create_task(questions.warm_up())
    stopped = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({warming, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if warming.done():
            warming.result()  # Without a store or a model the bot cannot run.
            readiness.model_loaded = True
            announce("ready for questions")
        await stopped
    finally:
        for task in (forgetting, warming, stopped):
            task.cancel()


async def _forget(stores: Sequence[JobStore[Any]], forget_every: float) -> None:
    while True:
        for store in stores:
            try:
                await asyncio.to_thread(store.forget, older_than=_KEPT)
            except StoreError as error:
                _LOG.warning("old questions and answers could not be removed: %s", error)
        await asyncio.sleep(forget_every)


def _bolt_app(client: AsyncWebClient, identity: AuthorizeResult, signing_secret: str | None) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return identity

    # Bolt remarks that the token is also in the environment and in the client: it is the same one.
    def is_needed(record: logging.LogRecord) -> bool:
        return not re.search(r"`token`.* will be (?:unused|ignored)", record.getMessage())

    logger = logging.getLogger("slack_bolt")
    logger.addFilter(is_needed)
    return AsyncApp(client=client, authorize=authorize, signing_secret=signing_secret or "", logger=logger)


@asynccontextmanager
async def _receiving(app: AsyncApp, options: SlackOptions, readiness: Readiness) -> AsyncIterator[str]:
    """Receive events while the context is open; yields how the bot is connected, in words."""
    if options.app_token:
        async with transport.socket_mode(app, options.app_token) as readiness.connected:
            yield "by Socket Mode"
    elif options.signing_secret:
        routes = health_routes(readiness)
        async with transport.http_mode(app, options.host, options.port, routes) as port:
            readiness.connected = _listening
            yield f"over HTTP on port {port}"
    else:
        raise TokenRefused(
            "Slack cannot reach the bot: set SLACK_APP_TOKEN for Socket Mode, "
            "or SLACK_SIGNING_SECRET for HTTP mode"
        )


async def _listening() -> bool:
    return True


@asynccontextmanager
async def _status_pages(readiness: Readiness, options: SlackOptions) -> AsyncIterator[None]:
    """Serve the pages for whoever runs the bot, if they have a port, while the context is open."""
    if not options.status_port:
        yield
        return
    pages = Starlette(routes=[*health_routes(readiness), metrics_route(options.metrics)])
    async with web_server(pages, options.host, options.status_port, "ITUBOT_STATUS_PORT"):
        yield
