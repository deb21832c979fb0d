"""The two ways in which people answer the questions that are passed on to them."""

from __future__ import annotations

from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.experts import ANSWERED, FORGOTTEN, read_experts_form
from bot.slack.handlers import ExpertHandler
from bot.slack.listeners.claims import Next, claim_and_go_on
from bot.slack.listeners.payloads import follow_up_of_event, post_of_button, press_of_action
from store.jobs import ExpertAnswer, Job, MessageRef


async def open_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form for an answer."""
    await ack()
    experts: ExpertHandler = context["experts"]
    experts.open_form(press_of_action(body), post_of_button(body))


async def submit_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Post the answer that somebody wrote into the form."""
    experts: ExpertHandler = context["experts"]
    post, text = read_experts_form(body["view"])
    question = await experts.posted_as(post)
    if question is None:
        return await _refuse(ack, FORGOTTEN)
    expert = body["user"]["id"]
    if line := await experts.refusal(expert, text):
        return await _refuse(ack, line)
    job = await experts.claim_answer(question, post, expert, text)
    if job is None:
        return await _refuse(ack, ANSWERED)
    await ack()
    experts.submit_answer(job)


async def is_answer(body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Return True for a person's reply in the thread of a question that was passed on."""
    experts: ExpertHandler = context["experts"]
    reply = follow_up_of_event(body, context.bot_user_id or "")
    if reply is None or reply.channel != experts.channel:
        return False
    context["expert_question"] = await experts.posted_as(MessageRef(reply.channel, reply.thread))
    context["expert_reply"] = reply
    return context["expert_question"] is not None


async def claim_answer(
    body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
) -> BoltResponse | None:
    """Claim the answer, or say why it is none; what comes after the first one is only acknowledged."""
    experts: ExpertHandler = context["experts"]
    question, reply = context["expert_question"], context["expert_reply"]
    if line := await experts.refusal(reply.user, reply.text):
        experts.refuse_reply(question, reply, line)
        return await ack()
    post = MessageRef(reply.channel, reply.thread)

    def submit(job: Job[ExpertAnswer]) -> None:
        experts.submit_answer(job)
        if body["event"].get("files"):
            experts.leave_files(reply)

    claim = experts.claim_answer(question, post, reply.user, reply.text)
    return await claim_and_go_on(claim, submit, context, ack, next)


async def _refuse(ack: AsyncAck, line: str) -> None:
    await ack(response_action="errors", errors={"answer": line})
