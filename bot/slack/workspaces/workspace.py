"""The bot in one workspace: its handlers, and the Bolt app that passes them what Slack sends from there."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from bot.slack import listeners
from bot.slack.access.admission import Admission, RateLimit
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.people import TimeZones
from bot.slack.blocks.elements import Block, header
from bot.slack.blocks.reminders import reminder_list
from bot.slack.blocks.subscriptions import subscription_list
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
    ReminderHandler,
    Scheduled,
    ShareHandler,
    SourceHandler,
    SubscriptionHandler,
    UploadHandler,
)
from bot.slack.handlers.answering import Assistants
from bot.slack.handlers.deliveries import Deliveries
from bot.slack.handlers.following import ThreadFollower
from bot.slack.handlers.history import ConversationHistory
from bot.slack.handlers.reports import Reports
from bot.slack.listeners.failures import explain_failures
from bot.slack.listeners.middleware import admission_middleware
from bot.slack.options import ScheduleOptions, SlackOptions
from bot.slack.schedule.alerts import AlertReview
from bot.slack.schedule.digests import DigestSchedule, DigestSender, channel_digest
from bot.slack.schedule.every_minute import every_minute
from bot.slack.schedule.reminders import ReminderReview
from bot.slack.sending.clients import SlackClients
from bot.slack.sending.notices import NoticeSender
from bot.slack.sending.posting import Poster
from bot.slack.sending.streaming import Streams
from bot.slack.sending.thread_status import ThreadStatuses
from bot.telemetry.questions import QuestionRecord, log_question
from bot.telemetry.spans import set_outcome
from store.audiences import Audience
from store.jobs import QuestionStore, SlackMessage, Subscription

_NOT_HERE = "I am not installed in this workspace, so I do not answer here. Please ask whoever runs me."


@dataclass(eq=False, repr=False)
class Workspace:
    """The bot in the workspace of `identity`. `channel_data` returns what a channel may see, and may block."""

    assistants: Assistants
    channel_data: Callable[[Audience], ChannelData]
    question_store: QuestionStore
    options: SlackOptions
    clients: SlackClients
    identity: AuthorizeResult
    routes: Sequence[Route] = ()
    """Further pages: none."""

    def __post_init__(self) -> None:
        options, clients, identity = self.options, self.clients, self.identity
        self._team = identity.team_id or ""
        self._bot_user = identity.bot_user_id or identity.user_id or ""
        organization, patience = identity.enterprise_id or "", options.timing.admission_patience
        self._admission = Admission(
            options.policy, clients.unretried, self._team, organization, patience=patience
        )
        self._limit = RateLimit(options.questions_per_minute)
        self._poster = Poster(clients.posting, clients.retrying, self._bot_user)
        self._tasks = BackgroundTasks()
        self._interactions = Interactions(self.channel_data, self.question_store, clients, self._tasks)
        self._handlers = self._make_handlers()
        self._ticking = AsyncExitStack()
        self.app = bolt_app(clients.retrying, identity, options.signing_secret)
        """Gets what Slack sends from the workspace."""
        admit = admission_middleware(self._admission, self._limit, self.question_store, clients, self._tasks)
        listeners.register(self.app, self._handlers, admit)
        self.app.error(explain_failures(clients))
        self.dispatch = self.app.async_dispatch
        """Answers a request of HTTP mode, whose signature it checks."""

    async def start(self) -> None:
        """Start to work on jobs, and by the clock."""
        if scheduled := self._handlers.scheduled:
            await self._ticking.enter_async_context(every_minute(scheduled.ticks, scheduled.clock))
        self._handlers.start()

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        self._handlers.stop()

    async def close(self) -> None:
        """Finish running work within the patience of the options, then cancel the rest."""
        await self._ticking.aclose()
        await self._handlers.close(self.options.timing.shutdown_patience)

    def _make_handlers(self) -> Handlers:
        """Return the handlers, which share a poster and the question handler."""
        options, clients, timing, tasks = self.options, self.clients, self.options.timing, self._tasks
        channel_data, question_store = self.channel_data, self.question_store
        admission, poster, interactions = self._admission, self._poster, self._interactions

        def record(question: QuestionRecord) -> None:
            log_question(question)
            options.metrics.question(question)
            set_outcome(question.outcome)

        follower = None
        if options.asks_assistant is not None:
            follower = ThreadFollower(question_store, admission, self._limit, options.asks_assistant)
        questions = QuestionHandler(
            self.assistants,
            question_store,
            poster,
            Deliveries(poster),
            ConversationHistory(question_store, clients.unretried, self._bot_user),
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

        scheduled = self._make_scheduled(options.schedule) if options.schedule is not None else None
        subscriptions = scheduled.subscriptions if scheduled else None
        uploads = None
        if options.uploads is not None:
            uploads = UploadHandler(
                options.uploads, channel_data, ask, poster, clients, timing, options.command
            )
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
                subscriptions,
            ),
            EntryHandler(
                interactions, options.corrections, clients, poster, may_remind=scheduled is not None
            ),
            ShareHandler(question_store, reports, poster, clients, timing, subscriptions),
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

    def _make_scheduled(self, options: ScheduleOptions) -> Scheduled:
        """Return what is sent by the clock, for a workspace."""
        zones = TimeZones(self.clients.retrying, options.zone)
        team, subscriptions, leases = self._team, options.subscriptions, self.options.timing.leases
        channel_data, may_receive = self.channel_data, self._admission.may_receive

        def find(subscription_id: str) -> Subscription | None:
            if subscription_id == options.channel:
                return channel_digest(team, subscription_id)
            return subscriptions.find(subscription_id)

        def own(now: datetime) -> Subscription | None:
            if not options.channel:
                return None
            # A channel that never had a digest waits for its hour.
            since = 0.0 if options.digests.last_day(options.channel) else now.timestamp()
            return channel_digest(team, options.channel, since)

        digests = DigestSender(
            options.digests,
            find,
            options.make_digest,
            self._poster,
            may_receive=may_receive,
            clock=options.clock,
            **leases,
        )

        async def own_blocks(user: str) -> list[Block]:
            reminders = await asyncio.to_thread(options.reminders.of_user, team, user)
            read = await asyncio.to_thread(subscriptions.of_person, team, user)
            lists = reminder_list(reminders), subscription_list(read, options.at)
            return [header("Yours"), *(block for message in lists for block in message.blocks)]

        schedule = DigestSchedule(digests, subscriptions, own, zones, options.at)
        return Scheduled(
            ReminderHandler(self._interactions, zones, options),
            SubscriptionHandler(channel_data, self._interactions, self.clients.retrying, zones, options),
            NoticeSender(options.reminders, self._poster, **leases),
            digests,
            {
                "digests": schedule.tick,
                "reminders": ReminderReview(
                    options.reminders, channel_data, may_receive, zones, options.at
                ).tick,
                "alerts": AlertReview(subscriptions, channel_data, may_receive).tick,
            },
            options.clock,
            own_blocks,
        )


def bolt_app(
    client: AsyncWebClient, identity: AuthorizeResult | None, signing_secret: str | None
) -> AsyncApp:
    """Return a Bolt app for the workspace of `identity`, which refuses everybody without one."""

    async def authorize() -> Any:
        return identity

    logger = logging.getLogger("slack_bolt")
    logger.addFilter(_is_needed)
    return AsyncApp(
        name="itubot",  # Without one, Bolt reads the sources of all callers to name the app by a file.
        client=client,
        authorize=authorize,
        signing_secret=signing_secret or "",
        user_facing_authorize_error_message=_NOT_HERE,
        logger=logger,
    )


def _is_needed(record: logging.LogRecord) -> bool:
    """Return False for the remark that the token is also in the environment and in the client: it is the same one."""
    return not re.search(r"`token`.* will be (?:unused|ignored)", record.getMessage())
