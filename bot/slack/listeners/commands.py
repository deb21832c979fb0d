"""The slash command."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.sharing import searching
from bot.slack.handlers import Handlers
from bot.slack.handlers.command_parser import LASTING, SHAREABLE
from bot.slack.listeners.claims import claim_and_start
from bot.slack.listeners.payloads import command_of
from store.jobs import Delivery, Share


async def start_command(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Acknowledge a command, then start answering it. What has to outlive the bot is claimed before."""
    handlers: Handlers = context["handlers"]
    command = command_of(body)
    request = command.request
    event_id = f"command/{command.key}"
    if request.name == "question":
        question = replace(command.message, thread=command.message.ts, text=request.text)
        delivery = Delivery(request.share, command.response_url)
        claim = handlers.questions.claim(question, delivery, event_id)
        echo = partial(ack, searching(request.text, loading=not handlers.questions.warm))
        await claim_and_start(claim, handlers.questions.submit, echo)
    elif (request.share and request.name in SHAREABLE) or request.name in LASTING:
        share = Share(command.message, command.response_url)
        await claim_and_start(handlers.shares.claim(share, event_id), handlers.shares.submit, ack)
    else:
        await ack()
        handlers.commands.start(command)
