from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.slack.core.stops import Stops
from store.errors import StoreError


async def test_stop_of_another_bot_is_read_after_a_store_that_did_not_answer() -> None:
    reads = 0

    def stopped(keys: Iterable[str]) -> set[str]:
        nonlocal reads
        reads += 1
        if reads == 1:
            raise StoreError("the database does not answer")
        return set(keys)

    stops = Stops(stopped, read_every=0.001)
    async with stops.of("job", stopped=False) as event:
        await asyncio.wait_for(event.wait(), 60)
