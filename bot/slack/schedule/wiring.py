"""Builds what the bot sends by the clock: digests, reminders and alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.slack.access.admission import Admission
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.time_zones import TimeZones
from bot.slack.blocks.elements import Block, header
from bot.slack.blocks.reminders import reminder_list
from bot.slack.blocks.subscriptions import subscription_list
from bot.slack.handlers import Interactions, ReminderHandler, Scheduled, SubscriptionHandler
from bot.slack.options import ScheduleOptions, Timing
from bot.slack.schedule.alerts import AlertReview
from bot.slack.schedule.digests import DigestSchedule, DigestSender, channel_digest
from bot.slack.schedule.reminders import ReminderReview
from bot.slack.sending.clients import SlackClients
from bot.slack.sending.notices import NoticeSender
from bot.slack.sending.posting import Poster
from store.audiences import Audience
from store.jobs import Subscription


def build_scheduled(
    options: ScheduleOptions,
    channel_data: Callable[[Audience], ChannelData],
    interactions: Interactions,
    poster: Poster,
    clients: SlackClients,
    timing: Timing,
    admission: Admission,
    team: str,
) -> Scheduled:
    """Return what is sent by the clock, for a workspace."""
    zones = TimeZones(clients.retrying, options.zone)
    subscriptions = options.subscriptions

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
        poster,
        may_receive=admission.may_receive,
        clock=options.clock,
        **timing.leases,
    )

    async def own_blocks(user: str) -> list[Block]:
        reminders = await asyncio.to_thread(options.reminders.of_user, team, user)
        read = await asyncio.to_thread(subscriptions.of_person, team, user)
        lists = reminder_list(reminders), subscription_list(read, options.at)
        return [header("Yours"), *(block for message in lists for block in message.blocks)]

    schedule = DigestSchedule(digests, subscriptions, own, zones, options.at)
    return Scheduled(
        ReminderHandler(interactions, zones, options),
        SubscriptionHandler(channel_data, interactions, clients.retrying, zones, options),
        NoticeSender(options.reminders, poster, **timing.leases),
        digests,
        {
            "digests": schedule.tick,
            "reminders": ReminderReview(
                options.reminders, channel_data, admission.may_receive, zones, options.at
            ).tick,
            "alerts": AlertReview(subscriptions, channel_data, admission.may_receive).tick,
        },
        options.clock,
        own_blocks,
    )
