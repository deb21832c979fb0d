"""Tells subscribers at once which dates changed, after an ingest or a correction.

What a subscription knows is stored together with the notice about the difference (`SubscriptionStore.know`), so of
several bots one sends it, and a bot that is killed loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.register.subscriptions import changed_dates, known_dates, on_topic
from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks.subscriptions import alert
from store.audiences import Audience, of_channel
from store.errors import NoStore
from store.jobs import Notice, Subscription, SubscriptionStore

_LOG = logging.getLogger(__name__)


class AlertReview:
    """Compares the dates of all subscriptions with the register. `channel_data` may block."""

    def __init__(self, store: SubscriptionStore, channel_data: Callable[[Audience], ChannelData]) -> None:
        self._store = store
        self._channel_data = channel_data

    async def tick(self, _now: datetime) -> None:
        """Send alerts on what changed. Raises StoreError."""
        for subscription in await asyncio.to_thread(self._store.all):
            try:
                await asyncio.to_thread(self._compare, subscription)
            except NoStore:
                # Documents that are all gone may be a mistake, which a next ingest mends.
                return

    def _compare(self, known: Subscription) -> None:
        data = self._channel_data(of_channel(known.team, known.channel))
        today = data.today()
        register = data.register(today)
        if not register or register[0].generation == known.seen:
            return
        on = {entry.id for entry in on_topic(register, data.documents(), known.topic)}
        # An event stays on its topic when a new version gives it another title.
        entries = [entry for entry in register if entry.id in on or entry.chain_id in known.knew]
        knew = known_dates(entries, today)
        changed = changed_dates(entries, known.knew, knew)
        message = alert(changed, known) if changed else None
        notice = Notice(known.team, known.channel, message.text, message.blocks) if message else None
        if self._store.know(known, register[0].generation, knew, notice) and changed:
            _LOG.info("an alert on %d dates for the subscription %s", len(changed), known.id)
