"""The options of the Slack bot, from the settings and the services."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.digests import make_digest_on
from bot.errors import SettingsError
from bot.slack.core import options
from bot.slack.core.access import Policy
from bot.slack.manifest import needed_scopes
from bot.slack.readiness import StoreChecks
from bot.telemetry import request_id
from bot.telemetry.metrics import load_metrics
from store.audiences import Audience
from store.jobs import (
    ExpertAnswerStore,
    ExpertQuestionStore,
    InstallationStore,
    ReminderStore,
    SubscriptionStore,
)
from store.records import EVERYBODY

if TYPE_CHECKING:
    from bot.wiring import Services


def slack_options(services: Services, seen_from: Callable[[Audience], Services]) -> options.SlackOptions:
    """Return the options of the bot, and start its metrics if they are read. Raises SettingsError.

    `seen_from` returns the services for the documents that a channel sees.
    """
    settings, shared = services.settings, services.shared
    # Bots of one app share these, so that a bot that takes work over gives it the same id.
    request_id.share_key(*map(_secret, (settings.slack_app_token, settings.slack_signing_secret)))
    if settings.status_port:
        shared.metrics = load_metrics()
    experts, channels = None, settings.channels
    if settings.experts_channel:
        state = shared.databases.state
        experts = options.ExpertOptions(
            settings.experts_channel, ExpertQuestionStore(state), ExpertAnswerStore(state)
        )
        channels += (settings.experts_channel,) if channels else ()
    return options.SlackOptions(
        bot_token=_secret(settings.slack_bot_token) or "",
        app_token=_secret(settings.slack_app_token),
        signing_secret=_secret(settings.slack_signing_secret),
        installing=install_options(services),
        api_url=settings.slack_api_url,
        needed_scopes=needed_scopes(settings),
        command=settings.command,
        port=settings.port,
        status_port=settings.status_port,
        traces=shared.traces,
        metrics=shared.metrics,
        checks=StoreChecks(shared.has_documents, search_trial(services)),
        policy=Policy(settings.allow_guests, settings.allow_external, channels),
        questions_per_minute=settings.questions_per_minute,
        asks_assistant=(lambda *asked: shared.addressee_judge.asks_assistant(*asked))
        if settings.follow_threads and settings.model
        else None,
        queue_length=settings.queue,
        uploads=options.UploadOptions(
            users=settings.library_users,
            storage=shared.storage,
            submissions=shared.submission_store,
            ingest=shared.ingest_in_subprocess,
            max_bytes=settings.library_file_mb * 1_000_000,
        ),
        corrections=options.CorrectionAccess(
            users=settings.library_users,
            correct=lambda audience, *what: seen_from(audience).correct(*what),
            undo=lambda audience, *what: seen_from(audience).undo(*what),
            listed=lambda: seen_from(EVERYBODY).corrections(),
        ),
        experts=experts,
        schedule=options.ScheduleOptions(
            digests=shared.digest_store,
            reminders=ReminderStore(shared.databases.state),
            subscriptions=SubscriptionStore(shared.databases.state),
            make_digest=lambda audience, *what: make_digest_on(seen_from(audience), *what),
            at=settings.digest_time,
            zone=ZoneInfo(settings.timezone),
            channel=settings.digest_channel,
        ),
    )


def search_trial(services: Services) -> Callable[[], bool]:
    """Return a function that searches as a question does, for the title of another document each time.

    It returns whether the index took part, and raises what a question raises.
    """
    numbers = count()

    def search() -> bool:
        with services.search.view() as view:
            titles = [document.title for document in view.documents] or [""]
            return not view.search(titles[next(numbers) % len(titles)]).full_text_only

    return search


def install_options(services: Services) -> options.InstallOptions | None:
    """Return how workspaces install the app; None where the bot has a token of its own. Raises SettingsError."""
    settings = services.settings
    if problem := settings.workspaces_problem:
        raise SettingsError(problem)
    if not settings.workspaces:
        return None
    return options.InstallOptions(
        InstallationStore(services.shared.databases.state),
        settings.workspaces,
        settings.slack_client_id,
        settings.slack_client_secret.get_secret_value(),
    )


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
