"""Tells subscribers at once which dates changed, after an ingest or a correction.

What a subscription knows is stored together with the notice about the difference (`SubscriptionStore.know`), so of
several bots one sends it, and a bot that is killed loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from bot.register.digest import MovedDate
from bot.register.subscriptions import changed_dates, gone_dates, known_dates, on_topic
from bot.slack.access.admission import MayReceive
from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks.subscriptions import alert_message
from bot.slack.schedule.every_minute import for_each
from store.audiences import Audience, of_channel
from store.jobs import KnownDates, Notice, Subscription, SubscriptionStore

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A subscription as it was and as it is now, with the dates that changed and those that are gone, by chain."""

    before: Subscription
    after: Subscription
    changed: Mapping[str, MovedDate]
    gone: Mapping[str, KnownDates]


@dataclass(frozen=True, slots=True)
class AlertReview:
    """Compares the dates of all subscriptions with the register.

    `channel_data` may block. A conversation that `may_receive` nothing now gets its alerts once it may.
    """

    store: SubscriptionStore
    channel_data: Callable[[Audience], ChannelData]
    may_receive: MayReceive

    async def tick(self, _now: datetime) -> None:
        """Store alerts on what changed, which `sending/notices.py` posts. Raises StoreError."""
        subscriptions = sorted(await asyncio.to_thread(self.store.all), key=_conversation)
        groups = [list(group) for _, group in groupby(subscriptions, key=_conversation)]
        await for_each(self._review, groups, "the review of a conversation's subscriptions")

    async def _review(self, here: Sequence[Subscription]) -> None:
        """Store one alert for a conversation, though several of its subscriptions may be about the same date."""
        compared = await asyncio.to_thread(self._compare, here)
        changed = {chain: moved for one in compared for chain, moved in one.changed.items()}
        gone = {chain: known for one in compared for chain, known in one.gone.items()}
        notice = None
        if changed or gone:
            first = here[0]
            if not await self.may_receive(first.channel, first.user):
                return
            by_date = sorted(changed.values(), key=lambda moved: moved.entry.start or date.max)
            followed = [one.before for one in compared if one.changed or one.gone]
            message = alert_message(by_date, list(gone.values()), followed)
            user = first.user if first.personal else ""
            notice = Notice(first.team, first.channel, message.text, message.blocks, user)
        pairs = [(one.before, one.after) for one in compared]
        is_stored = await asyncio.to_thread(self.store.know, pairs, notice) if pairs else False
        if is_stored and notice:
            _LOG.info("an alert on %d dates", len(changed) + len(gone))

    def _compare(self, here: Sequence[Subscription]) -> list[_Compared]:
        """Return the subscriptions of a conversation that do not know what was published last."""
        data = self.channel_data(_conversation(here[0]))
        today = data.today()
        register = data.register(today)
        generation = register[0].generation if register else -1
        behind = [one for one in here if one.seen != generation]
        documents = data.documents() if behind else []
        if not documents:
            # That all are gone may be a mistake, which the next ingest corrects.
            return []
        compared = []
        for known in behind:
            on = {entry.id for entry in on_topic(register, documents, known.topic)}
            # An event stays on its topic when a new version gives it another title.
            entries = [entry for entry in register if entry.id in on or entry.chain_id in known.knew]
            after = replace(known, seen=generation, knew=known_dates(entries, today))
            changed = {
                moved.entry.chain_id: moved for moved in changed_dates(entries, known.knew, after.knew, today)
            }
            compared.append(_Compared(known, after, changed, gone_dates(register, known.knew, today)))
        return compared


def _conversation(subscription: Subscription) -> Audience:
    return of_channel(subscription.team, subscription.channel)
