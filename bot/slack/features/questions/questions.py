"""Posts one reply to each question, in the order of its thread; after a crash the work is begun again.

Questions come in messages, and from a form that is opened on a message or from anywhere in Slack.
The reply to a question that no message in Slack asks goes to a channel or thread, or to the asker alone.

Slack's stop button ends the work, also that of another process: the stop is recorded, and read there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.answering.question import read_question
from bot.languages import language_of
from bot.locales import _, in_language
from bot.slack.core.access import PRESS_COST, QUESTION_COST
from bot.slack.core.errors import NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import (
    acted_at,
    follow_up_of_event,
    id_of,
    installed_team,
    question_of_event,
    where_asked,
)
from bot.slack.core.receiving import Next, Routes, claim_and_go_on, claim_and_start
from bot.slack.core.sending.clients import FAILURES, error_code, is_about_content
from bot.slack.core.sending.posting import PartialReply, Poster, Refused, Undelivered
from bot.slack.core.sending.private_replies import Recipient, respond
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.stops import Stops
from bot.slack.core.ui.elements import Block, Message, context, plain_message, section
from bot.slack.core.ui.forms import entered, input_field, known, modal, text_area, typed
from bot.slack.core.ui.messages import ASK, quoted, with_question, with_share_button
from bot.slack.core.ui.mrkdwn import to_plain_text
from bot.slack.features.questions.answering import Assistants, OnQueued
from bot.slack.features.questions.conversation import ConversationHistory, ThreadFollower
from bot.slack.features.questions.messages import (
    Reply,
    answer_lost,
    answer_reply,
    apology,
    fixed_reply,
    how_to_ask,
    queue_place_message,
    reply_of_error,
    stopped,
    stopped_answer,
)
from bot.slack.features.questions.streaming import Stream, Streams
from bot.slack.features.questions.thread_status import ThreadStatuses
from bot.slack.manifest import ASK_ABOUT_MESSAGE
from bot.telemetry import request_id
from bot.telemetry.questions import QuestionRecord, log_question
from bot.telemetry.spans import set_outcome, span
from store.audiences import Audience, of_channel
from store.errors import StoreError, StoreUnavailable
from store.jobs import (
    Delivery,
    Job,
    Lease,
    MessageRef,
    QuestionJob,
    QuestionOutcome,
    RetryLater,
    SlackMessage,
)

_LOG = logging.getLogger(__name__)

Posted = TypeVar("Posted", bound=MessageRef | None)

# Error codes for a place that the bot may not read: waiting does not help.
_UNREADABLE = {"missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "unknown_method"}
_UNDELIVERABLE = QuestionRecord("undeliverable")

# A question does not wait longer for the language of its asker, which is for a text that is of none.
_LANGUAGE_SECONDS = 2.0

ASK_FORM = "ask_form"
_FIELD = "question"

Result = TypeVar("Result")
# Returns None if the reply may not have arrived. Raises Refused, Undelivered, LeaseLost.
Send = Callable[[Reply], Awaitable[MessageRef | None]]


def not_posted() -> str:
    """Return the note below a reply for a channel that the asker alone sees."""
    return _("I did not post this in the channel, as I am not a member of it (`/invite`). Only you see it.")


def _too_late() -> Message:
    return plain_message(_("Slack did not open the form in time. Please try again."))


@dataclass(frozen=True, slots=True)
class AskOrigin:
    """Where a form was opened, and when by Slack's clock: on a message, whose thread gets the answer, or anywhere."""

    ts: str
    channel: str = ""
    thread: str = ""
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


def ask_form(origin: AskOrigin, question: str = "") -> Block:
    """Return the form, filled in with a question."""
    hint = (
        _("The answer comes in the thread of the message.")
        if origin.thread
        else _("The answer comes to you alone.")
    )
    blocks = [input_field(_FIELD, _("Question"), text_area(question), hint=hint)]
    return modal(ASK_FORM, _("Ask"), blocks, submit=_("Ask"), close=_("Cancel"), known=asdict(origin))


def asked_view(origin: AskOrigin, question: str) -> Block:
    """Return what the form becomes once it is submitted."""
    if origin.thread:
        line = _(
            "I am looking for an answer to {question}. I will post it in the thread of the message.",
            question=quoted(question),
        )
    else:
        line = _(
            "I am looking for an answer to {question}. I will post it in our direct messages.",
            question=quoted(question),
        )
    return modal("asked", _("Asked"), [section(line)])


def question_of_form(body: Mapping[str, Any], origin: AskOrigin, text: str) -> SlackMessage:
    """Return the question of a submitted form, in the thread of its message.

    One that was opened elsewhere is for direct messages: their channel is not known yet, so the person's id is there.
    """
    user, ts = id_of(body, "user"), origin.ts
    return SlackMessage(installed_team(body), origin.channel or user, ts, origin.thread or ts, user, text)


async def unless_stopped(work: Coroutine[Any, Any, Result], stopped: asyncio.Event) -> Result | None:
    """Return the result of `work`; once `stopped` is set, cancel it and return None. Raises what `work` raises."""
    if stopped.is_set():
        work.close()
        return None
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})


async def places(
    poster: Poster, work: QuestionJob, delivery: Delivery, check: Callable[[], Awaitable[None]]
) -> AsyncIterator[tuple[str, Send]]:
    """Yield the places of a delivery in their order: the channel whose documents a reply may use, and how to send it.

    The first that takes the reply gets it; `check` is called before each attempt. Raises Undelivered. A reply in a
    channel or in direct messages is posted once. Whether one arrived by a `response_url` cannot be looked up: in doubt
    the next place gets it too, and if a process ends just then, the next one sends it again.
    """
    question = work.message
    guarded = poster.guarded(check, resumed=work.sending)
    if delivery.public:
        yield question.channel, partial(_post, guarded, where_asked(question))
    if delivery.response_url:
        yield question.channel, partial(_respond, check, question, delivery)
    try:
        direct = await poster.open_direct(question.user)
    except Refused as refused:
        _LOG.error("no direct message to the asker can be opened: %s", refused.code)
        return
    yield direct, partial(_post, guarded, replace(question, channel=direct, thread=""))


async def _post(poster: Poster, question: SlackMessage, reply: Reply) -> MessageRef | None:
    asker = "" if question.is_direct else question.user
    return await poster.post(question, with_question(reply.message, question.text, asker))


async def _respond(
    check: Callable[[], Awaitable[None]], question: SlackMessage, delivery: Delivery, reply: Reply
) -> MessageRef | None:
    await check()
    shown = with_question(reply.message, question.text)
    if delivery.public:
        note = not_posted()
        shown = Message(f"{shown.text}\n{note}", (*shown.blocks, context(note)))
    if reply.outcome == "answer":
        shown = with_share_button(shown, question.channel, f"answer {question.key}")
    outcome = await respond(delivery.response_url, shown)
    return MessageRef(question.channel, "") if outcome == "shown" else None


class Questions(Feature):
    """Claims questions, has `assistants` answer them, and records the outcome of each."""

    def __init__(self, services: WorkspaceServices, assistants: Assistants) -> None:
        options, clients, timing = services.options, services.clients, services.options.timing
        self._services = services
        self._metrics, self._traces = options.metrics, options.traces
        self._assistants = assistants
        self._question_store = store = services.question_store
        self._poster = services.poster
        self.runner = services.runner
        self.runner.do(store, self._handle_job, is_patient=lambda: not self.is_loading())
        self._history = ConversationHistory(store, clients.unretried, services.names, services.bot_user)
        self._streams = Streams(clients.unretried, services.poster, store, timing.update_every)
        self._statuses = ThreadStatuses(clients, timing.renew_status_every)
        asks = options.asks_assistant
        self._follower = ThreadFollower(services, asks) if asks else None
        self._stops = Stops(store.stopped, timing.renew_every)
        self._conversations: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    def add_routes(self, routes: Routes) -> None:
        """Route what people write, what opens the form, the form, and Slack's stop button."""
        routes.messages(self.claim_event)
        routes.shortcut(ASK_ABOUT_MESSAGE, self.open_form, cost=PRESS_COST)
        routes.action(ASK, self.open_form)
        routes.form(ASK_FORM, self.submit_form, cost=QUESTION_COST)
        # Free, as it ends work.
        routes.event("agent_session_stopped", self.stop_answers, self.record_stop)

    def is_loading(self) -> bool:
        """Return True until the model is loaded."""
        return not self._assistants.warm

    async def claim_event(
        self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
    ) -> BoltResponse | None:
        """Claim the question, or a message that may be one; any other event, or a claimed one, is only acknowledged."""
        bot_user = context.bot_user_id or ""

        async def claim() -> Job[QuestionJob] | None:
            if question := question_of_event(body, bot_user):
                return await self.claim(question)
            if follow_up := follow_up_of_event(body, bot_user):
                return await self._claim_follow_up(follow_up)
            return None

        return await claim_and_go_on(claim(), self.runner.submit, context, ack, next)

    async def record_stop(self, body: dict[str, Any], context: AsyncBoltContext, next: Next) -> None:
        """Record that somebody pressed Slack's stop button in a thread."""
        event = body["event"]
        place = str(event.get("channel") or ""), str(event.get("thread_ts") or "")
        context["place"] = place
        context["stopped"] = await self.runner.call(self._question_store.stop, installed_team(body), *place)
        await next()

    async def stop_answers(self, context: AsyncBoltContext) -> None:
        """End the work on stopped questions; without any, clear the status that a former process has left."""
        self._stops.stop(context["stopped"])
        if not context["stopped"]:
            await self._statuses.clear(*context["place"])

    async def open_form(self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
        """Open the form, filled in with the text of a message where somebody asks about one."""
        await ack()
        message = body.get("message") or {}
        thread, url = str(message.get("thread_ts") or message.get("ts") or ""), body.get("response_url")
        origin = AskOrigin(acted_at(body), id_of(body, "channel"), thread, str(url or ""))
        text = to_plain_text(message.get("text") or "", without=context.bot_user_id)
        self._services.tasks.start(self._open_form(str(body["trigger_id"]), body["user"]["id"], origin, text))

    async def submit_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Claim the question of a form, show that it is asked, and start answering it."""
        origin, text = AskOrigin(**known(body["view"])), typed(entered(body["view"])[_FIELD])
        if not text:
            await ack(response_action="errors", errors={_FIELD: _("Please write a question.")})
            return
        delivery = Delivery(public=bool(origin.thread), response_url=origin.response_url)
        show_asked = partial(ack, response_action="update", view=asked_view(origin, text))
        await self.start(question_of_form(body, origin, text), delivery, "", show_asked)

    async def start(
        self,
        question: SlackMessage,
        delivery: Delivery,
        event_id: str,
        ack: Callable[[], Awaitable[object]],
    ) -> None:
        """Claim a question that no message in Slack asks, acknowledge its request `event_id`, and start answering."""
        await claim_and_start(self.claim(question, delivery, event_id), self.runner.submit, ack)

    async def ask(self, question: SlackMessage) -> None:
        """Claim a question, and start answering it unless it is claimed already. Raises StoreError."""
        if job := await self.claim(question):
            self.runner.submit(job)

    async def claim(
        self, question: SlackMessage, delivery: Delivery | None = None, event_id: str = ""
    ) -> Job[QuestionJob] | None:
        """Claim a question; None if it is claimed already. Raises StoreError.

        `delivery` and `event_id` are for a question that no message in Slack asks.
        """
        claim = self._question_store.claim
        return await self.runner.call(claim, question, self.runner.holder, delivery, event_id)

    async def _open_form(self, trigger: str, user: str, origin: AskOrigin, text: str) -> None:
        async def form() -> Block:
            [question] = await self._services.names.put_in(text)
            return ask_form(origin, question)

        try:
            await self._services.open_window(trigger, form(), _too_late())
        except NotDone as failure:
            to = Recipient(user, origin.channel, response_url=origin.response_url)
            self._services.tell(to, failure.message)

    async def _claim_follow_up(self, message: SlackMessage) -> Job[QuestionJob] | None:
        """Claim a message without a mention if it may ask the bot; None if it does not. Raises StoreError."""
        if self._follower is None or not await self._follower.follows(message):
            return None
        claim = partial(self._question_store.claim, followed=True)
        return await self.runner.call(claim, message, self.runner.holder)

    async def close(self) -> None:
        """Stop to show what it is doing."""
        await self._statuses.close()

    async def _handle_job(self, job: Job[QuestionJob]) -> None:
        """Answer a claimed question, under its request id. Raises Undelivered, LeaseLost."""
        request_id.bind_key(job.lease.key)
        is_unsure = job.work.followed and not job.work.sending
        if is_unsure and (job.exhausted or not await self._is_asked(job.work.message)):
            # What people say to each other is not kept.
            return await self.runner.withdraw(job.lease)
        question = job.work.message
        own = await self._services.people.language(question.user, _LANGUAGE_SECONDS)
        # Not in this thread, as the detector may have to load its models.
        code = await self.runner.call(language_of, question.text, own)
        with in_language(code), self._traces.question():
            if job.work.delivery is not None:
                return await self._deliver_elsewhere(job, job.work.delivery)
            async with self._statuses.shown(question):
                await self._complete(job)

    async def _is_asked(self, message: SlackMessage) -> bool:
        """Return True if a message of a followed thread is a question to the bot."""
        if self._follower is None:
            return False
        _text, history = await self._history.read(message)
        return await self._follower.is_question(message, history)

    async def _complete(self, job: Job[QuestionJob]) -> None:
        """Answer a question, or complete what a former process began. Raises Undelivered, NotCleared, LeaseLost."""
        question = job.work.message
        if job.work.ended:
            return await self._end(job)
        partial_reply = PartialReply(job.work.reply_ts) if job.work.reply_ts else None
        if job.work.sending:
            is_done, partial_reply = await self._resume(job, partial_reply)
            if is_done:
                return None
        if job.exhausted:
            return await self._send(job, fixed_reply(answer_lost(), "lost"), partial_reply)
        # One after the other within a conversation: a follow-up needs the answer before it.
        conversation = (question.team, question.channel, "" if question.is_direct else question.thread)
        one_by_one = self._conversations.setdefault(conversation, asyncio.Lock())
        async with self._stops.of(job.lease.key, job.work.stopped) as stop, one_by_one:
            stream = None if partial_reply else Stream(self._streams, job, self.runner)
            try:
                reply = await unless_stopped(self._reply(job, stream), stop)
                if stream:
                    partial_reply = await stream.close()
            finally:
                if stream:
                    stream.cancel()
            await self._send(job, reply or await self._stopped_reply(question, stream), partial_reply)

    async def _stopped_reply(self, question: SlackMessage, stream: Stream | None) -> Reply:
        """Return the reply to a question that was stopped: what was shown of its answer stays."""
        if stream is None or not stream.sentences:
            return fixed_reply(stopped(), "stopped")
        data = self._services.channel_data(of_channel(question.team, question.channel))
        as_of = await asyncio.to_thread(data.today)
        answer = stopped_answer(question.text, stream.sentences, stream.progress, as_of)
        reply = answer_reply(answer, question.key, self._services.below_answer(answer, question.key))
        return replace(reply, record=QuestionRecord("stopped"))

    async def _resume(
        self, job: Job[QuestionJob], partial_reply: PartialReply | None
    ) -> tuple[bool, PartialReply | None]:
        """Look for the reply that a former process was sending when it died; if Slack has all of it, record that.

        If the bot may not read the channel and knows of no partial reply, it says that the answer is lost. Returns
        whether nothing is left to do, and the partial reply that is to be completed, if any. Raises Undelivered,
        LeaseLost.
        """
        question, found = job.work.message, None
        try:
            found = await self._poster.find(question)
            if found is None and partial_reply is None:
                others = await self.runner.call(self._question_store.replies, question)
                partial_reply = await self._poster.find_partial(question, others)
        except FAILURES as error:
            if not isinstance(error, SlackApiError) or error_code(error) not in _UNREADABLE:
                raise Undelivered from error
            if partial_reply is None:
                await self._send(job, fixed_reply(answer_lost(), "lost"))
                return True, None
        if found is not None:
            await self._finish(job, QuestionRecord("found"), "answer", found.ts)
        return found is not None, partial_reply

    async def _deliver_elsewhere(self, job: Job[QuestionJob], delivery: Delivery) -> None:
        """Answer a question that no message in Slack asks. Raises Undelivered, LeaseLost."""
        reply: Reply | None = None
        read_for = ""
        question = job.work.message

        async def on_queued(place: int) -> None:
            if delivery.response_url and not delivery.public:
                await respond(delivery.response_url, queue_place_message(place))

        check = partial(self.runner.check, job.lease)
        async for channel, send in places(self._poster, job.work, delivery, check):
            if job.exhausted:
                reply = fixed_reply(answer_lost(), "lost")
            elif reply is None or channel != read_for:
                # Another channel may see other documents.
                read_for = channel
                audience = of_channel(question.team, channel)
                reply = await self._reply(job, on_queued=on_queued, audience=audience)
            content = {"text": reply.message.text, "blocks": list(reply.message.blocks)}
            save = self._question_store.save_reply
            await self.runner.call(save, job.lease, reply.text, reply.answer, content)
            try:
                reply, posted = await self._or_apology(job, reply, send)
            except Refused as refused:
                _LOG.info("Slack refuses a reply in one of its places: %s", refused.code)
                continue
            if posted is not None:
                ts = posted.ts or None
                return await self._finish(job, reply.record, reply.outcome, ts, reply.reference, channel)
        await self._finish(job, _UNDELIVERABLE)

    async def _reply(
        self,
        job: Job[QuestionJob],
        stream: Stream | None = None,
        on_queued: OnQueued | None = None,
        audience: Audience = "",
    ) -> Reply:
        """Return the reply to a question, for its channel or for another audience.

        Raises StoreUnavailable and RetryLater, so that the question is tried again.
        """
        question = job.work.message
        if not question.text:
            return fixed_reply(how_to_ask(), "help")
        try:
            text, history = await self._history.read(question)
            callbacks = (
                (stream.on_sentence, stream.on_progress, stream.on_queued)
                if stream
                else (None, None, on_queued)
            )
            audience = audience or of_channel(question.team, question.channel)
            answer = await self._assistants.answer(
                read_question(text),
                audience,
                history,
                *callbacks,
                begin=partial(self._begin, job.lease),
                # An adopted question waited in the process that left it.
                had_place=job.lease.term > 1,
            )
            with in_language(answer.language):
                return answer_reply(answer, question.key, self._services.below_answer(answer, question.key))
        except (StoreUnavailable, RetryLater):
            raise
        except Exception as error:
            return reply_of_error(error) or apology()

    async def _begin(self, lease: Lease) -> None:
        """Record that the work on a question begins. Raises RetryLater."""
        try:
            await self.runner.call(self._question_store.begin, lease)
        except StoreError as error:
            raise RetryLater from error

    async def _send(
        self, job: Job[QuestionJob], reply: Reply, partial_reply: PartialReply | None = None
    ) -> None:
        """Send a reply and record the outcome."""
        save = self._question_store.save_reply
        await self.runner.call(save, job.lease, reply.text, reply.answer)
        poster = self._poster.guarded(partial(self.runner.check, job.lease))

        async def send(reply: Reply) -> MessageRef:
            if partial_reply is None:
                return await poster.post(job.work.message, reply.message)
            return await poster.complete(job.work.message, reply.message, partial_reply, reply.text)

        try:
            reply, posted = await self._or_apology(job, reply, send)
        except Refused as refused:
            _LOG.error("Slack refuses the reply: %s", refused.code)
            return await self._finish(job, _UNDELIVERABLE)
        await self._finish(job, reply.record, reply.outcome, posted.ts, reply.reference)

    async def _or_apology(
        self, job: Job[QuestionJob], reply: Reply, send: Callable[[Reply], Awaitable[Posted]]
    ) -> tuple[Reply, Posted]:
        """Send a reply, or where Slack objects to the message itself an apology; return which. Raises Refused."""
        with span("reply"):
            try:
                return reply, await send(reply)
            except Refused as refused:
                if not is_about_content(refused.code):
                    raise
                sorry = apology()
            return sorry, await send(sorry)

    async def _finish(
        self,
        job: Job[QuestionJob],
        record: QuestionRecord,
        outcome: QuestionOutcome = "undeliverable",
        ts: str | None = None,
        reference: str | None = None,
        channel: str | None = None,
    ) -> None:
        """Store how a question ended, record it, and clear its status. Raises LeaseLost, NotCleared."""
        finish, has_status = self._question_store.finish, job.work.delivery is None
        await self.runner.call(
            finish,
            job.lease,
            outcome=outcome,
            reply_ts=ts,
            reference=reference,
            channel=channel,
            done=not has_status,
        )
        log_question(record)
        self._metrics.question(record)
        set_outcome(record.outcome)
        if has_status:
            await self._end(job)

    async def _end(self, job: Job[QuestionJob]) -> None:
        """Clear the status of a question whose outcome is stored. Raises NotCleared, so that it is tried again."""
        await self._statuses.end(job.work.message)
        await self.runner.call(self._question_store.mark_done, job.lease)
