"""The options of the Slack bot, from the settings and the services."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from bot.briefs.making import make_brief
from bot.digests import make_digest
from bot.drafts.draft import DraftCheck
from bot.errors import SettingsError
from bot.public_pages import public_pages
from bot.slack.core import options
from bot.slack.readiness import StoreChecks
from bot.sources import read_source
from bot.telemetry import request_id
from ingest.drafts import read_draft
from store.audiences import Audience
from store.jobs import InstallationStore

if TYPE_CHECKING:
    from bot.wiring import Services


def slack_options(services: Services) -> options.SlackOptions:
    """Return the options of the bot. Raises SettingsError, StoreError."""
    settings, shared = services.settings, services.shared
    # Bots of one app share these, so that a bot that takes work over gives it the same id.
    secrets = (settings.slack_app_token, settings.slack_signing_secret)
    request_id.share_key(*(secret.get_secret_value() for secret in secrets))
    return options.SlackOptions(
        settings=settings,
        storage=shared.storage,
        ingest=shared.ingest_in_subprocess,
        calendars=shared.calendars if settings.public_url or settings.calendar_url else None,
        public_pages=partial(public_pages, services),
        fetch=shared.fetch_in_subprocess,
        index_is_damaged=shared.catalog.is_index_damaged,
        rebuild_index=shared.rebuild_index_in_subprocess,
        source_address=partial(shared.source_address, of_web=True),
        read_draft=read_draft,
        installing=install_options(services),
        traces=shared.traces,
        metrics=shared.metrics,
        checks=StoreChecks(shared.has_documents, search_trial(services)),
        asks_assistant=(lambda *asked: shared.addressee_judge.asks_assistant(*asked))
        if settings.follow_threads and settings.model
        else None,
    )


def channel_data(services: Services) -> Callable[[Audience], options.ChannelData]:
    """Return what an audience sees, by its name."""
    settings = services.settings

    def of(audience: Audience) -> options.ChannelData:
        own = services.seen_from(audience)
        return options.ChannelData(
            today=settings.today,
            register=own.register,
            documents=own.catalog.documents,
            digest_since=partial(make_digest, own),
            brief=lambda topic, on_part: make_brief(own, topic, settings.today(), on_part=on_part),
            changes=own.changes,
            check=lambda sentences: DraftCheck(own, sentences, settings.today()),
            source=partial(read_source, own.catalog),
            correct=own.correct,
            undo=own.undo,
        )

    return of


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
        InstallationStore(services.shared.state),
        settings.workspaces,
        settings.slack_client_id,
        settings.slack_client_secret.get_secret_value(),
    )
