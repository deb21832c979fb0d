"""Submitted forms: the one that corrects a register entry, the one that asks, and the one that explains a vote."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.entry import read_form
from bot.slack.blocks.feedback import read_feedback_form
from bot.slack.blocks.forms import NO_QUESTION, asked, read_ask_form
from bot.slack.handlers import Handlers
from bot.slack.handlers.presses import Press
from bot.slack.listeners.claims import acknowledged, claim_and_start
from bot.slack.listeners.payloads import question_of_form
from store.errors import StoreError
from store.jobs import Delivery

_LOG = logging.getLogger(__name__)


async def submit_correction(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Correct an entry, or show in the form what is wrong."""
    form = read_form(body["view"])
    if form.errors:
        await ack(response_action="errors", errors=dict(form.errors))
        return
    handlers: Handlers = context["handlers"]
    trigger, user = str(body.get("trigger_id") or ""), body["user"]["id"]
    press = Press(trigger, user, form.audience, form.entry_id, response_url=form.response_url)
    await _store(handlers.entries.correct(press, form.edit), ack, "title")


async def submit_question(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Claim the question of a form, show that it is asked, and start answering it."""
    origin, text = read_ask_form(body["view"])
    if not text:
        await ack(response_action="errors", errors=NO_QUESTION)
        return
    handlers: Handlers = context["handlers"]
    delivery = Delivery(public=bool(origin.thread), response_url=origin.response_url)
    claim = handlers.questions.claim(question_of_form(body, origin, text), delivery)
    show_asked = partial(ack, response_action="update", view=asked(origin, text))
    await claim_and_start(claim, handlers.questions.submit, show_asked)


async def explain_vote(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Store what was wrong with an answer."""
    handlers: Handlers = context["handlers"]
    explain = handlers.feedback.explain(body["user"]["id"], *read_feedback_form(body["view"]))
    await _store(explain, ack, "comment")


async def _store(work: Awaitable[None], ack: AsyncAck, field: str) -> None:
    """Acknowledge a form once it is stored; where that fails, it stays open with what was written."""
    try:
        await acknowledged(work, ack)
    except StoreError:
        if ack.response is not None:
            raise
        _LOG.exception("a form could not be stored")
        line = "This could not be stored just now. Please send it again in a minute."
        await ack(response_action="errors", errors={field: line})
