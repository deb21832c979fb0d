"""Work taken up from other processes, and let go at the end."""

from __future__ import annotations

import asyncio
import threading

from bot.slack.holding import Holding


async def test_what_is_being_taken_up_at_the_end_is_let_go_too() -> None:
    begun, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    happened: list[str] = []

    def adopt() -> list[str]:
        loop.call_soon_threadsafe(begun.set)
        assert go.wait(30)
        happened.append("taken up")
        return ["work"]

    holding = Holding(adopt, lambda: happened.append("let go"))
    taking = asyncio.create_task(holding.adopt())
    await begun.wait()
    # Its thread goes on.
    taking.cancel()
    leaving = asyncio.create_task(holding.let_go())
    go.set()
    await leaving
    assert happened == ["taken up", "let go"]


async def test_nothing_is_taken_up_after_that() -> None:
    holding = Holding(lambda: ["work"], lambda: None)
    await holding.let_go()
    assert await holding.adopt() == []
