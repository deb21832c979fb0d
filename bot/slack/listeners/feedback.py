"""Votes on answers, and the form that asks what was wrong."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.feedback import read_feedback_form
from bot.slack.handlers import Handlers
from bot.slack.listeners.payloads import press_of_action
from store.errors import StoreError

_LOG = logging.getLogger(__name__)


async def vote(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Store a vote."""
    handlers: Handlers = context["handlers"]
    await handlers.feedback.vote(press_of_action(body))
    await ack()


async def explain_vote(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Store what was wrong with an answer; where that fails, the form stays open with what was written."""
    handlers: Handlers = context["handlers"]
    try:
        await handlers.feedback.explain(body["user"]["id"], *read_feedback_form(body["view"]))
    except StoreError:
        _LOG.exception("the reason of a vote could not be stored")
        line = "This could not be stored just now. Please send it again in a minute."
        await ack(response_action="errors", errors={"comment": line})
    else:
        await ack()
