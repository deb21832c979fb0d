"""The options of a bot that sends digests, reminders and alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.register import RegisterEntry
from bot.register.digest import Digest, DigestState, build_digest
from bot.slack.core.options import ScheduleOptions
from store.audiences import Audience
from store.jobs import DigestStore, ReminderStore, SubscriptionStore
from tests.bot.slack.features.library.real_library import RealLibrary

Entries = Callable[[Audience, date], Sequence[RegisterEntry]]


def schedule_options(database: str, moment: str, entries: Entries = lambda *_: ()) -> ScheduleOptions:
    """Return the options of a bot for which it is a moment in UTC; its digests are of these entries."""
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    def digest(audience: Audience, day: date, previous: DigestState | None, _topic: str) -> Digest:
        return build_digest(entries(audience, day), day, 30, previous)

    return ScheduleOptions(
        DigestStore.open(database),
        ReminderStore.open(database),
        SubscriptionStore.open(database),
        digest,
        time(8),
        ZoneInfo("Europe/Zurich"),
        clock=lambda: now,
    )


def entries_of(library: RealLibrary) -> Entries:
    """Return the entries of a library that a conversation may see."""
    return lambda audience, day: library.channel_data(audience).register(day)
