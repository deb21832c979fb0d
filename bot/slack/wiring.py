"""The options of the Slack bot, from the settings and the services."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import count
from typing import TYPE_CHECKING

from starlette.routing import Route

from bot import mcp
from bot.budget import Budget
from bot.errors import SettingsError
from bot.slack.core import options
from bot.slack.readiness import StoreChecks
from bot.telemetry import request_id
from bot.telemetry.metrics import load_metrics
from store.jobs import InstallationStore

if TYPE_CHECKING:
    from bot.wiring import Services

_LOG = logging.getLogger(__name__)


def slack_options(services: Services) -> options.SlackOptions:
    """Return the options of the bot, and start its metrics if they are read. Raises SettingsError."""
    settings, shared = services.settings, services.shared
    # Bots of one app share these, so that a bot that takes work over gives it the same id.
    secrets = (settings.slack_app_token, settings.slack_signing_secret)
    request_id.share_key(*(secret.get_secret_value() for secret in secrets))
    if settings.status_port:
        shared.metrics = load_metrics()
    return options.SlackOptions(
        settings=settings,
        storage=shared.storage,
        ingest=shared.ingest_in_subprocess,
        installing=install_options(services),
        traces=shared.traces,
        metrics=shared.metrics,
        checks=StoreChecks(shared.has_documents, search_trial(services)),
        asks_assistant=(lambda *asked: shared.addressee_judge.asks_assistant(*asked))
        if settings.follow_threads and settings.model
        else None,
        other_assistants=assistant_routes(services),
    )


def assistant_routes(
    services: Services,
) -> Callable[[], AbstractAsyncContextManager[Sequence[Route]]] | None:
    """Return what gives the routes for other assistants; None where the bot has no public address or no MCP server."""
    settings, shared = services.settings, services.shared
    if not settings.public_url:
        return None
    if not mcp.is_installed():
        _LOG.warning("other assistants are not served: %s", mcp.MISSING)
        return None
    # Imported late: it needs the extra, and most bots do without it.
    from bot.mcp.http import mcp_routes
    from bot.mcp.server import Caller

    def admit(token: str) -> Caller | None:
        key = shared.access_keys.find("assistant", token)
        return Caller(key.id, services.seen_from(key.audience)) if key else None

    return lambda: mcp_routes(admit, Budget(settings.questions_per_minute), settings.public_url)


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
