"""The form that asks: opened from a message or from anywhere in Slack, and submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.core.access import PRESS_COST, QUESTION_COST
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import acted_at, id_of, installed_team
from bot.slack.core.receiving import Routes
from bot.slack.core.sending.private_replies import Recipient
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Block, plain_message, section
from bot.slack.core.ui.forms import entered, input_field, known, modal, text_area, typed
from bot.slack.core.ui.messages import ASK, quoted
from bot.slack.core.ui.mrkdwn import to_plain_text
from bot.slack.features.questions.questions import Questions
from bot.slack.manifest import ASK_ABOUT_MESSAGE, ASK_QUESTION
from store.jobs import Delivery, SlackMessage

_TOO_LATE = plain_message("Slack did not open the form in time. Please try again.")

# The form does not wait longer for the names of those whom a message mentions.
_NAMES_SECONDS = 1.0

ASK_FORM = "ask_form"
_FIELD = "question"


def ask_form(origin: AskOrigin, question: str = "") -> Block:
    """Return the form, filled in with a question."""
    hint = (
        "The answer comes in the thread of the message."
        if origin.thread
        else "The answer comes to you alone."
    )
    blocks = [input_field(_FIELD, "Question", text_area(question), hint=hint)]
    return modal(ASK_FORM, "Ask", blocks, submit="Ask", close="Cancel", known=asdict(origin))


def asked_view(origin: AskOrigin, question: str) -> Block:
    """Return what the form becomes once it is submitted."""
    where = "in the thread of the message" if origin.thread else "in our direct messages"
    line = f"I am looking for an answer to {quoted(question)}. I will post it {where}."
    return modal("asked", "Asked", [section(line)])


def question_of_form(body: Mapping[str, Any], origin: AskOrigin, text: str) -> SlackMessage:
    """Return the question of a submitted form, in the thread of its message.

    One that was opened elsewhere is for direct messages: their channel is not known yet, so the person's id is there.
    """
    user, ts = id_of(body, "user"), origin.ts
    return SlackMessage(installed_team(body), origin.channel or user, ts, origin.thread or ts, user, text)


@dataclass(frozen=True, slots=True)
class AskOrigin:
    """Where a form was opened, and when by Slack's clock: on a message, whose thread gets the answer, or anywhere."""

    ts: str
    channel: str = ""
    thread: str = ""
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


class AskForm(Feature):
    """Opens forms, and has their questions answered."""

    def __init__(self, services: WorkspaceServices, questions: Questions) -> None:
        self._services, self._questions = services, questions

    def add_routes(self, routes: Routes) -> None:
        """Route the shortcuts and the button that open the form, and the form."""
        routes.shortcut(ASK_ABOUT_MESSAGE, self.open, cost=PRESS_COST)
        routes.shortcut(ASK_QUESTION, self.open, cost=PRESS_COST)
        routes.action(ASK, self.open)
        routes.form(ASK_FORM, self.submit, cost=QUESTION_COST)

    async def open(self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
        """Open the form, filled in with the text of a message where somebody asks about one."""
        await ack()
        message = body.get("message") or {}
        thread, url = str(message.get("thread_ts") or message.get("ts") or ""), body.get("response_url")
        origin = AskOrigin(acted_at(body), id_of(body, "channel"), thread, str(url or ""))
        text = to_plain_text(message.get("text") or "", without=context.bot_user_id)
        self._services.tasks.start(self._open(str(body["trigger_id"]), body["user"]["id"], origin, text))

    async def submit(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Claim the question of a form, show that it is asked, and start answering it."""
        origin, text = AskOrigin(**known(body["view"])), typed(entered(body["view"])[_FIELD])
        if not text:
            await ack(response_action="errors", errors={_FIELD: "Please write a question."})
            return
        delivery = Delivery(public=bool(origin.thread), response_url=origin.response_url)
        show_asked = partial(ack, response_action="update", view=asked_view(origin, text))
        await self._questions.start(question_of_form(body, origin, text), delivery, "", show_asked)

    async def _open(self, trigger: str, user: str, origin: AskOrigin, text: str) -> None:
        [question] = await self._services.names.put_in(text, patience=_NAMES_SECONDS)
        if failure := await self._services.open_form(trigger, ask_form(origin, question), _TOO_LATE):
            self._services.tell(Recipient(user, origin.channel, response_url=origin.response_url), failure)
