"""What the bot sends by the clock in one workspace: digests, reminders and alerts."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime

from bot.slack.handlers.services import WorkspaceServices
from bot.slack.schedule.alerts import AlertReview
from bot.slack.schedule.digests import DigestSchedule, DigestSender, channel_digest
from bot.slack.schedule.every_minute import every_minute
from bot.slack.schedule.reminders import ReminderReview
from bot.slack.sending.notices import NoticeSender
from store.jobs import Subscription


class WorkspaceSchedule:
    """The senders of notices and digests, and the reviews that begin what they send."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._team = services.team
        self._options = options = services.options.schedule
        leases, may_receive = services.options.timing.leases, services.admission.may_receive
        zones, channel_data = services.zones, services.channel_data
        self.notices = NoticeSender(options.reminders, services.poster, **leases)
        self.digests = DigestSender(
            options.digests,
            self._find,
            options.make_digest,
            services.poster,
            may_receive=may_receive,
            clock=options.clock,
            **leases,
        )
        digests = DigestSchedule(
            self.digests, options.subscriptions, self._digest_of_settings, zones, options.at
        )
        reminders = ReminderReview(options.reminders, channel_data, may_receive, zones, options.at)
        alerts = AlertReview(options.subscriptions, channel_data, may_receive)
        self._ticks = {"digests": digests.tick, "reminders": reminders.tick, "alerts": alerts.tick}

    def reviewing(self) -> AbstractAsyncContextManager[None]:
        """Call the reviews every minute while the context is open."""
        return every_minute(self._ticks, self._options.clock)

    def _find(self, subscription_id: str) -> Subscription | None:
        if subscription_id == self._options.channel:
            return channel_digest(self._team, subscription_id)
        return self._options.subscriptions.find(subscription_id)

    def _digest_of_settings(self, now: datetime) -> Subscription | None:
        """Return the daily digest of the settings, if there is one."""
        channel = self._options.channel
        if not channel:
            return None
        # A channel that never had a digest waits for its hour.
        since = 0.0 if self._options.digests.last_day(channel) else now.timestamp()
        return channel_digest(self._team, channel, since)
