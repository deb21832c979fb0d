"""When Slack's requests are acknowledged: at once, or after what must outlive the bot is stored or claimed.

If a claim fails, the request is not acknowledged: Slack delivers an event again, and tells the user of any other
request that it did not work. A request other than an event is acknowledged after 1.5 seconds also while it is being
stored: Slack would tell the user that it failed, and never deliver it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.payloads import Press, press_of_action
from store.errors import StoreError
from store.jobs import Job

_LOG = logging.getLogger(__name__)

# Storing may take so long before the acknowledgement, for which Slack waits 3 seconds in all: the check of the person
# comes before, and a busy machine is late.
_PATIENCE_SECONDS = 1.5

Result = TypeVar("Result")
Work = TypeVar("Work")
Listener = Callable[[dict[str, Any], AsyncAck], Awaitable[None]]
Next = Callable[[], Awaitable[None]]
Submit = Callable[[Job[Work]], None]


def acknowledge_then_start(start: Callable[[Press], None]) -> Listener:
    """Return the listener that acknowledges a press, then starts what it is for."""

    async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
        await ack()
        start(press_of_action(body))

    return listener


def acknowledge_after(work: Callable[[Press], Awaitable[None]]) -> Listener:
    """Return the listener that stores what a press is for, then acknowledges it: a kill in between loses nothing."""

    async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
        await acknowledged(work(press_of_action(body)), ack)

    return listener


async def acknowledge_stored(work: Awaitable[None], ack: AsyncAck, field: str) -> None:
    """Acknowledge a form once it is stored; where that fails, it stays open with what was written."""
    try:
        await acknowledged(work, ack)
    except StoreError:
        if ack.response is not None:
            raise
        _LOG.exception("a form could not be stored")
        line = "This could not be stored just now. Please send it again in a minute."
        await ack(response_action="errors", errors={field: line})


async def acknowledged(work: Awaitable[Result], ack: Callable[[], Awaitable[object]]) -> Result:
    """Await what stores something, acknowledge it in time, and return its result. Raises what `work` raises."""
    working = asyncio.ensure_future(work)
    await asyncio.wait({working}, timeout=_PATIENCE_SECONDS)
    if not working.done() or working.exception() is None:
        await ack()
    return await working


async def claim_and_start(
    claim: Awaitable[Job[Work] | None], submit: Submit[Work], ack: Callable[[], Awaitable[object]]
) -> bool:
    """Await a claim, acknowledge it, and submit the job; return False for what is claimed already."""
    job = await acknowledged(claim, ack)
    if job is not None:
        submit(job)
    return job is not None


async def claim_and_go_on(
    claim: Awaitable[Job[Work] | None],
    submit: Submit[Work],
    context: AsyncBoltContext,
    ack: AsyncAck,
    next: Next,
) -> BoltResponse | None:
    """Await a claim in the middleware of `start`; an event that is claimed already is only acknowledged.

    Bolt acknowledges an event before its listener runs, and an acknowledged event is not delivered again. If the
    acknowledgement comes too late, the second delivery is already claimed.
    """
    job = await claim
    if job is None:
        return await ack()
    context["start"] = partial(submit, job)
    await next()
    return None


async def start(context: AsyncBoltContext) -> None:
    """Start the work on the claimed job of an event."""
    context["start"]()


async def acknowledge(ack: AsyncAck) -> None:
    """Acknowledge an event for which nothing is done; Slack would repeat it."""
    await ack()
