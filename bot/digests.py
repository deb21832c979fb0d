"""Digests of the documents that a channel sees: of everything, or of a topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.register.digest import DAYS_AHEAD, STATE, Digest, DigestState, build_digest
from bot.register.following import documents_of
from bot.register.topics import on_topic
from bot.settings import Settings
from store.audiences import PUBLIC
from store.records import Document

if TYPE_CHECKING:
    from bot.wiring import Services


def make_digest(
    services: Services,
    day: date,
    previous: DigestState | None,
    topic: str = "",
    keeps_library: bool = False,
    days: int = DAYS_AHEAD,
) -> Digest:
    """Return the digest of a day, of the documents that the services see.

    It is on a topic, or on the document that this names; on everything for "". Of documents for everybody, only
    somebody who keeps the library is told what is gone at its source.
    """
    documents: Sequence[Document] = services.catalog.documents()
    entries = services.register(day)
    if topic:
        entries = on_topic(entries, documents, topic)
        documents = documents_of(entries, documents)
    gone = _gone(services, documents, keeps_library)
    made = build_digest(entries, day, days, previous, documents, gone)
    if topic or services.audiences == PUBLIC:
        return made
    public = services.seen_by(PUBLIC)
    for_everybody = build_digest(public.register(day), day, days, documents=public.catalog.documents())
    return replace(made, state=replace(made.state, for_everybody=for_everybody.state))


def _gone(services: Services, documents: Iterable[Document], keeps_library: bool) -> dict[str, date]:
    """Return id -> the day until which it answers, of the documents that are gone at their source."""
    kept, sources = timedelta(days=services.settings.sources_kept_days), services.shared.source_store
    until: dict[tuple[object, ...], date] = {
        (audience, file.given, file.given_at): file.missing_on + kept
        for audience in (services.audiences if keeps_library else services.audiences - PUBLIC)
        for file in sources.files_for(audience)
        if file.gone and file.given and file.missing_on is not None
    }
    found = {each.id: until.get((each.audience, each.original, each.sent_at)) for each in documents}
    return {id_: day for id_, day in found.items() if day is not None}


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
