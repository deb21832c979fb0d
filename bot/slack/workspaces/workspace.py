"""The bot in one workspace: its handlers, and the Bolt app that passes them what Slack sends from there."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from bot.slack.access.admission import Admission
from bot.slack.access.budget import Budget
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.people import Names, TimeZones
from bot.slack.handlers.answering import Assistants
from bot.slack.handlers.experts import ExpertHandler
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.reminders import ReminderHandler
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.handlers.shares import ShareHandler
from bot.slack.handlers.subscriptions import SubscriptionHandler
from bot.slack.handlers.uploads import UploadHandler
from bot.slack.options import SlackOptions
from bot.slack.routes import explain_failures, register
from bot.slack.sending.clients import SlackClients
from bot.slack.sending.posting import Poster
from bot.slack.workspaces.schedule import WorkspaceSchedule
from store.audiences import Audience
from store.jobs import QuestionStore, Runner

_NOT_HERE = "I am not installed in this workspace, so I do not answer here. Please ask whoever runs me."


class Workspace:
    """The bot in the workspace of `identity`. `channel_data` returns what a channel may see, and may block."""

    def __init__(
        self,
        assistants: Assistants,
        channel_data: Callable[[Audience], ChannelData],
        question_store: QuestionStore,
        options: SlackOptions,
        clients: SlackClients,
        identity: AuthorizeResult,
    ) -> None:
        admission = Admission(
            options.policy,
            clients.unretried,
            identity.team_id or "",
            identity.enterprise_id or "",
            patience=options.timing.admission_patience,
        )
        bot_user = identity.bot_user_id or identity.user_id or ""
        self._services = services = WorkspaceServices(
            options,
            channel_data,
            question_store,
            clients,
            Poster(clients.posting, clients.retrying, bot_user),
            admission,
            Budget(options.questions_per_minute),
            Names(clients.unretried),
            TimeZones(clients.retrying, options.schedule.zone),
            identity.team_id or "",
            bot_user,
        )
        questions = QuestionHandler(services, assistants)
        reminders, subscriptions = ReminderHandler(services), SubscriptionHandler(services)
        shares = ShareHandler(services, subscriptions)
        uploads = UploadHandler(services, questions)
        experts = ExpertHandler(services, options.experts) if options.experts else None
        self._schedule = schedule = WorkspaceSchedule(services)
        others: list[Runner[Any]] = [shares.runner, schedule.notices.runner, schedule.digests.runner]
        others += experts.runners if experts else ()
        # The workspace's job runners; `close` stops them.
        self._work: list[tuple[Runner[Any], Callable[[float], Awaitable[None]]]] = [
            (questions.runner, questions.close),
            (uploads.runner, uploads.close),
            *((runner, runner.close) for runner in others),
        ]
        self._reviewing = AsyncExitStack()
        self.app = bolt_app(clients.retrying, identity, options.signing_secret)
        """Gets what Slack sends from the workspace."""
        register(self.app, services, questions, reminders, subscriptions, shares, uploads, experts)
        self.app.error(explain_failures(services))
        self.dispatch = self.app.async_dispatch
        """Answers a request of HTTP mode, whose signature it checks."""
        self.routes: Sequence[Route] = ()
        """Further pages: none."""

    async def start(self) -> None:
        """Start to work on jobs, and by the clock."""
        await self._reviewing.enter_async_context(self._schedule.reviewing())
        for runner, _ in self._work:
            runner.start()

    def stop(self) -> None:
        """Begin no more jobs; running ones go on."""
        for runner, _ in self._work:
            runner.stop()

    async def close(self) -> None:
        """Cancel uploads; let everything else run for the patience of the options, then cancel it too.

        To cancel takes a few seconds at most.
        """
        await self._reviewing.aclose()
        patience = self._services.options.timing.shutdown_patience
        closing = (close(patience) for _, close in self._work)
        await asyncio.gather(self._services.tasks.close(patience), *closing)


def bolt_app(
    client: AsyncWebClient, identity: AuthorizeResult | None, signing_secret: str | None
) -> AsyncApp:
    """Return a Bolt app for the workspace of `identity`; without one, it tells people that the bot is not installed.

    It refuses a request that is not signed with `signing_secret`, or is older than five minutes.
    """

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
