"""Tells subscribers at once which dates changed, after an ingest or a correction.

What a subscription knows is stored together with the notice about the difference (`SubscriptionStore.know`), so of
several bots one sends it, and a bot that is killed loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.register.digest import MovedDate
from bot.register.subscriptions import changed_dates, known_dates, on_topic
from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks.subscriptions import alert
from bot.slack.digests import MayReceive
from bot.slack.schedule import for_each
from store.audiences import Audience, of_channel
from store.jobs import Notice, Subscription, SubscriptionStore

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """The dates of a generation of the store, and those that changed."""

    seen: int
    knew: Mapping[str, str]
    changed: Sequence[MovedDate]


class AlertReview:
    """Compares the dates of all subscriptions with the register.

    `channel_data` may block. A conversation that `may_receive` nothing now gets its alerts once it may.
    """

    def __init__(
        self,
        store: SubscriptionStore,
        channel_data: Callable[[Audience], ChannelData],
        may_receive: MayReceive,
    ) -> None:
        self._store = store
        self._channel_data = channel_data
        self._may_receive = may_receive

    async def tick(self, _now: datetime) -> None:
        """Send alerts on what changed. Raises StoreError."""
        subscriptions = await asyncio.to_thread(self._store.all)
        await for_each(self._review, {one.id: one for one in subscriptions}, "the review of the subscription")

    async def _review(self, known: Subscription) -> None:
        found = await asyncio.to_thread(self._compare, known)
        if found is None or (found.changed and not await self._may_receive(known.channel, known.user)):
            return
        message = alert(found.changed, known) if found.changed else None
        notice = Notice(known.team, known.channel, message.text, message.blocks) if message else None
        if await asyncio.to_thread(self._store.know, known, found.seen, found.knew, notice) and notice:
            _LOG.info("an alert on %d dates for the subscription %s", len(found.changed), known.id)

    def _compare(self, known: Subscription) -> _Found | None:
        """Return what a subscription does not know; None if nothing was published since."""
        data = self._channel_data(of_channel(known.team, known.channel))
        today = data.today()
        register = data.register(today)
        if not register or register[0].generation == known.seen:
            return None
        on = {entry.id for entry in on_topic(register, data.documents(), known.topic)}
        # An event stays on its topic when a new version gives it another title.
        entries = [entry for entry in register if entry.id in on or entry.chain_id in known.knew]
        knew = known_dates(entries, today)
        return _Found(register[0].generation, knew, changed_dates(entries, known.knew, knew, today))
