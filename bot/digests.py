"""Digests of the documents that a channel sees: of everything, or of a topic."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.register.digest import STATE, Digest, DigestState, build_digest
from bot.settings import Settings
from store.audiences import PUBLIC

if TYPE_CHECKING:
    from bot.wiring import Services

# Days that a digest looks ahead by default.
DAYS = 30


def make_digest(services: Services, day: date, days: int, previous: DigestState | None) -> Digest:
    """Return the digest of a day, of the documents that the services see."""
    made = build_digest(services.register(day), day, days, previous, services.catalog.documents())
    if services.audiences == PUBLIC:
        return made
    public = services.seen_by(PUBLIC)
    for_everybody = build_digest(public.register(day), day, days, documents=public.catalog.documents())
    return replace(made, state=replace(made.state, for_everybody=for_everybody.state))


def make_digest_on(services: Services, day: date, previous: DigestState | None, topic: str) -> Digest:
    """Return the digest of a day on a topic, or on the document that it names; on everything for ""."""
    if not topic:
        return make_digest(services, day, DAYS, previous)
    # Imported late: a digest of everything searches nothing.
    from bot.register.following import documents_of, on_topic

    documents = services.catalog.documents()
    entries = on_topic(services.register(day), documents, topic)
    return build_digest(entries, day, DAYS, previous, documents_of(entries, documents))


def previous_state(settings: Settings, services: Services, day: date) -> DigestState | None:
    """Return the state of the last posted digest, limited to the documents that the services see; None without one."""
    channel = settings.digest_channel
    last = services.shared.digest_store.last_state(channel, day) if channel else None
    if not last:
        return None
    state = STATE.validate_json(last)
    own = f"{settings.first_workspace}/{channel}"
    if any(audience.endswith(own) for audience in services.audiences):
        return state
    return state.for_everybody or state
