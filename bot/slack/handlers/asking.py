"""The form that asks: opened from a message or from anywhere in Slack, and submitted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.acknowledging import claim_and_start
from bot.slack.blocks.elements import plain_message
from bot.slack.blocks.forms import NO_QUESTION, AskOrigin, ask_form, asked_view, read_ask_form
from bot.slack.blocks.mrkdwn import to_plain_text
from bot.slack.handlers.questions import QuestionHandler
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.payloads import origin_of_form, question_of_form
from bot.slack.sending.private_replies import Recipient
from store.jobs import Delivery

_TOO_LATE = plain_message("Slack did not open the form in time. Please try again.")

# The form does not wait longer for the names of those whom a message mentions.
_NAMES_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class AskHandler:
    """Opens forms, and has their questions answered."""

    services: WorkspaceServices
    questions: QuestionHandler

    async def open(self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
        """Open the form, filled in with the text of a message where somebody asks about one."""
        await ack()
        text = to_plain_text((body.get("message") or {}).get("text") or "", without=context.bot_user_id)
        trigger, user = str(body["trigger_id"]), body["user"]["id"]
        self.services.tasks.start(self._open(trigger, user, origin_of_form(body), text))

    async def submit(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Claim the question of a form, show that it is asked, and start answering it."""
        origin, text = read_ask_form(body["view"])
        if not text:
            await ack(response_action="errors", errors=NO_QUESTION)
            return
        delivery = Delivery(public=bool(origin.thread), response_url=origin.response_url)
        claim = self.questions.claim(question_of_form(body, origin, text), delivery)
        show_asked = partial(ack, response_action="update", view=asked_view(origin, text))
        await claim_and_start(claim, self.questions.runner.submit, show_asked)

    async def _open(self, trigger: str, user: str, origin: AskOrigin, text: str) -> None:
        [question] = await self.services.names.put_in(text, patience=_NAMES_SECONDS)
        if told := await self.services.open_form(trigger, ask_form(origin, question), _TOO_LATE):
            self.services.tell(Recipient(user, origin.channel, response_url=origin.response_url), told)
