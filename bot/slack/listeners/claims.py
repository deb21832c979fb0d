"""Starts work that must outlive the bot: it is claimed before Slack's request is acknowledged, and begun after that.

If the claim fails, the request is not acknowledged: Slack delivers an event again, and tells the user of any other
request that it did not work. A request other than an event is acknowledged after 2.5 seconds also while it is being
stored: Slack would tell the user that it failed, and never deliver it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from store.jobs import Job

# Seconds that storing may take before the acknowledgement, which Slack waits three for.
_PATIENCE = 2.5

Result = TypeVar("Result")
Work = TypeVar("Work")
Next = Callable[[], Awaitable[None]]
Submit = Callable[[Job[Work]], None]


async def acknowledged(work: Awaitable[Result], ack: Callable[[], Awaitable[object]]) -> Result:
    """Await what stores something, acknowledge it in time, and return its result. Raises what `work` raises."""
    working = asyncio.ensure_future(work)
    await asyncio.wait({working}, timeout=_PATIENCE)
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
