"""What every bot does besides answering, for tests that use nothing of it: for nobody, and at no time."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.core.options import CorrectionAccess, ScheduleOptions, UploadOptions
from store.jobs import DigestStore, QuestionStore, ReminderStore, SubmissionStore, SubscriptionStore


def features_for_nobody(state: QuestionStore) -> dict[str, Any]:
    """Return the options of a bot that nobody may send documents or correct, and for which it is always Sunday."""

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("nobody may do this")

    submissions, digests = SubmissionStore.beside(state), DigestStore.beside(state)
    reminders, subscriptions = ReminderStore.beside(state), SubscriptionStore.beside(state)
    sunday, zone = datetime(2024, 4, 28, 12, tzinfo=UTC), ZoneInfo("Europe/Zurich")
    return {
        "uploads": UploadOptions((), never, submissions, never),  # type: ignore[arg-type]
        "corrections": CorrectionAccess((), never, never, list),
        "schedule": ScheduleOptions(
            digests, reminders, subscriptions, never, time(8), zone, clock=lambda: sunday
        ),
    }
