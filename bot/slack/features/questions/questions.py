"""Posts one reply to each question, in the order of its thread; after a crash the work is begun again.

Questions come in messages, by the command, and from a shortcut on a message. The reply to a question that no message in
Slack asks arrives in the asker's direct messages.

Slack's stop button ends the work, also that of another process: the stop is recorded, and read there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.answering.question import read_question
from bot.languages import language_of
from bot.locales import _, in_language
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import (
    acted_at,
    follow_up_of_event,
    id_of,
    installed_team,
    question_of_event,
)
from bot.slack.core.receiving import Next, Routes, claim_and_go_on, claim_and_start
from bot.slack.core.sending.clients import FAILURES, error_code, is_about_place
from bot.slack.core.sending.posting import Refused, Undelivered
from bot.slack.core.sending.private_replies import Recipient, show_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.stops import Stops, unless_stopped
from bot.slack.core.ui.elements import plain_message
from bot.slack.core.ui.messages import with_question
from bot.slack.core.ui.mrkdwn import to_plain_text
from bot.slack.features.questions.answering import Assistants
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
    stopped_answer,
)
from bot.slack.features.questions.streaming import Stream, Streams
from bot.slack.features.questions.thread_status import ThreadStatuses, title
from bot.slack.manifest import ASK_ABOUT_MESSAGE, is_agent
from bot.telemetry import request_id
from bot.telemetry.questions import QuestionRecord, log_question
from bot.telemetry.spans import set_outcome, span
from store.audiences import of_channel
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

# Error codes for a place that the bot may not read: waiting does not help.
_UNREADABLE = {"missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "unknown_method"}

# A question does not wait longer for the language of its asker, which is for a text that is of none.
_LANGUAGE_SECONDS = 2.0

# Returns the message, None for one that the asker alone sees. Raises Refused, Undelivered, LeaseLost.
Send = Callable[[Reply], Awaitable[MessageRef | None]]


class Questions(Feature):
    """Claims questions, has `assistants` answer them, and records the outcome of each."""

    def __init__(self, services: WorkspaceServices, assistants: Assistants) -> None:
        options, clients, timing = services.options, services.clients, services.options.timing
        self._services = services
        self._metrics, self._traces = options.metrics, options.traces
        self._assistants = assistants
        self._question_store = store = services.question_store
        self.runner = services.runner
        self.runner.do(store, self._handle_job, is_patient=lambda: not self.is_loading())
        self._history = ConversationHistory(store, clients.unretried, services.names, services.bot_user)
        agent = is_agent(options.settings)
        self._streams = Streams(clients, services.poster, store, self.runner, timing.stream_every, agent)
        self._statuses = ThreadStatuses(clients, timing.renew_status_every, agent)
        asks = options.asks_assistant
        self._follower = ThreadFollower(services, asks) if asks else None
        self._stops = Stops(store.stopped, timing.renew_every)
        self._conversations: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    def add_routes(self, routes: Routes) -> None:
        """Route what people write, the shortcut, and Slack's stop button."""
        routes.messages(self.claim_event)
        routes.shortcut(ASK_ABOUT_MESSAGE, self.ask_about)
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

    async def ask_about(self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
        """Answer the message with the shortcut to the person who uses it."""
        message = body.get("message") or {}
        # Slack shows a private reply in a thread only where the thread has begun.
        thread = str(message.get("thread_ts") or "")
        text = str(message.get("text") or "")
        question = SlackMessage(
            installed_team(body),
            id_of(body, "channel"),
            acted_at(body),
            thread,
            id_of(body, "user"),
            to_plain_text(text, without=context.bot_user_id),
        )
        delivery = Delivery(response_url=str(body.get("response_url") or ""))
        await self.start(question, delivery, f"ask/{body.get('trigger_id') or question.key}", ack)

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
        work = QuestionJob(question, delivery=delivery)
        return await self.runner.call(self._question_store.claim, work, self.runner.holder, event_id)

    async def _claim_follow_up(self, message: SlackMessage) -> Job[QuestionJob] | None:
        """Claim a message without a mention if it may ask the bot; None if it does not. Raises StoreError."""
        if self._follower is None or not await self._follower.follows(message):
            return None
        work = QuestionJob(message, followed=True)
        return await self.runner.call(self._question_store.claim, work, self.runner.holder)

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
                return await self._answer_elsewhere(job, job.work.delivery)
            async with self._statuses.shown(question):
                await self._answer_in_thread(job)

    async def _is_asked(self, message: SlackMessage) -> bool:
        """Return True if a message of a followed thread is a question to the bot."""
        if self._follower is None:
            return False
        _text, history = await self._history.read(message)
        return await self._follower.is_question(message, history)

    async def _answer_in_thread(self, job: Job[QuestionJob]) -> None:
        """Answer a question, or end what a former process began. Raises Undelivered, NotCleared, LeaseLost."""
        question = job.work.message
        if job.work.ended:
            return await self._end(job)
        if job.work.sending and await self._is_there(job):
            return None
        if job.exhausted:
            return await self._send(job, fixed_reply(answer_lost(), "lost"), self._posting(job, question))

        # One after the other within a conversation: a follow-up needs the answer before it.
        conversation = (question.team, question.channel, "" if question.is_direct else question.thread)
        one_by_one = self._conversations.setdefault(conversation, asyncio.Lock())
        async with self._stops.of(job.lease.key, job.work.stopped) as stop, one_by_one:
            stream = Stream(self._streams, job)
            try:
                reply = await unless_stopped(self._reply(job, question, Recipient.of(question), stream), stop)
                await stream.close()
            finally:
                stream.cancel()
            reply = reply or await self._stopped_reply(question, stream)
            await self._send(job, reply, lambda sent: stream.complete(sent.message, sent.text))

    async def _stopped_reply(self, question: SlackMessage, stream: Stream) -> Reply:
        """Return the reply to a question that was stopped: what was shown of its answer stays."""
        if not stream.sentences:
            return fixed_reply(plain_message(_("Stopped. Ask again whenever you like.")), "stopped")
        data = self._services.channel_data(of_channel(question.team, question.channel))
        as_of = await asyncio.to_thread(data.today)
        answer = stopped_answer(question.text, stream.sentences, stream.progress, as_of)
        reply = answer_reply(answer, question.key, self._services.below_answer(answer, question.key))
        return replace(reply, record=QuestionRecord("stopped"))

    async def _is_there(self, job: Job[QuestionJob]) -> bool:
        """Whether nothing is left to do for a reply that a former process was sending when it died.

        If Slack has all of it, that is recorded; what is not whole is deleted. If the bot may not read the channel and
        knows of no message, it says that the answer is lost. Raises Undelivered, LeaseLost.
        """
        question, found, begun = job.work.message, None, job.work.reply_ts
        poster = self._services.poster.for_job(job, self.runner)
        try:
            found = await poster.find(question)
            if found is None and begun is None:
                others = await self.runner.call(self._question_store.replies, question)
                begun = await poster.find_stream(question, others)
        except FAILURES as error:
            if not isinstance(error, SlackApiError) or error_code(error) not in _UNREADABLE:
                raise Undelivered from error
            if begun is None:
                await self._send(job, fixed_reply(answer_lost(), "lost"), self._posting(job, question))
                return True
        if found is not None:
            await self._finish(job, QuestionRecord("found"), "answer", found)
        elif begun is not None:
            await poster.discard(question, begun)
        return found is not None

    async def _answer_elsewhere(self, job: Job[QuestionJob], delivery: Delivery) -> None:
        """Answer a question that no message in Slack asks. Raises Undelivered, LeaseLost."""
        question, services = job.work.message, self._services
        arrival = await services.arrival(question)
        to = Recipient.of(question, delivery.response_url)
        if job.exhausted:
            reply = fixed_reply(answer_lost(), "lost")
        else:
            reply = await self._reply(job, arrival.message, to)
        post = self._posting(job, arrival.message)

        async def show(sent: Reply) -> None:
            await self.runner.check(job.lease)
            shown = with_question(sent.message, question.text)
            await services.show_alone(to, shown, job.lease.key if sent.outcome == "answer" else "")

        async def send(sent: Reply) -> MessageRef:
            posted = await post(replace(sent, message=with_question(sent.message, question.text)))
            if not arrival.message.thread:
                await services.name_conversation(posted, sent.message, title(question.text))
            if arrival.pointed:
                await services.point(to, posted, _("Your answer is in our messages"))
            return posted

        await self._send(job, reply, show if arrival.alone else send)

    async def _reply(
        self, job: Job[QuestionJob], question: SlackMessage, to: Recipient, stream: Stream | None = None
    ) -> Reply:
        """Return the reply to a question, for the conversation in which it is `question`.

        `to` is told its place in the queue. Raises StoreUnavailable and RetryLater: the question is tried again.
        """
        if not question.text:
            return fixed_reply(how_to_ask(), "help")

        async def on_queued(place: int) -> None:
            await show_privately(self._services.clients, to, queue_place_message(place))

        try:
            text, history = await self._history.read(question)
            answer = await self._assistants.answer(
                read_question(text),
                of_channel(question.team, question.channel),
                history,
                stream.on_sentence if stream else None,
                stream.on_progress if stream else None,
                on_queued,
                begin=partial(self._begin, job.lease),
                # An adopted question waited in the process that left it.
                had_place=job.lease.term > 1,
            )
            with in_language(answer.language):
                key = job.lease.key
                return answer_reply(answer, key, self._services.below_answer(answer, key))
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

    def _posting(
        self, job: Job[QuestionJob], where: SlackMessage
    ) -> Callable[[Reply], Awaitable[MessageRef]]:
        """Return a function that posts a reply once, as the reply to `where`."""
        poster = self._services.poster.for_job(job, self.runner)
        return lambda reply: poster.post(where, reply.message)

    async def _send(self, job: Job[QuestionJob], reply: Reply, send: Send) -> None:
        """Send a reply and record the outcome. Raises Undelivered, NotCleared, LeaseLost."""
        is_elsewhere = job.work.delivery is not None
        content = {"text": reply.message.text, "blocks": list(reply.message.blocks)} if is_elsewhere else None
        known = {"sending": True, "reply": reply.text, "record": reply.answer, "content": content}
        await self.runner.call(partial(self._question_store.change, job.lease, **known))
        try:
            with span("reply"):
                try:
                    sent = await send(reply)
                except Refused as refused:
                    if is_elsewhere or not is_about_place(refused.code):
                        raise
                    _LOG.warning("a reply goes to the asker, not to the channel: %s", refused.code)
                    sent = await self._send_to_asker(job, reply)
        except Refused as refused:
            _LOG.error("Slack refuses the reply: %s", refused.code)
            return await self._finish(job, QuestionRecord("undeliverable"))
        await self._finish(job, reply.record, reply.outcome, sent, reply.reference)

    async def _send_to_asker(self, job: Job[QuestionJob], reply: Reply) -> MessageRef | None:
        """Send a reply, below its question, to the asker alone. Raises Refused, Undelivered, LeaseLost."""
        question, services = job.work.message, self._services
        arrival = await services.arrival(question)
        shown = with_question(reply.message, question.text)
        if arrival.alone:
            await services.show_alone(Recipient.of(question), shown)
            return None
        return await services.poster.for_job(job, self.runner).post(arrival.message, shown)

    async def _finish(
        self,
        job: Job[QuestionJob],
        record: QuestionRecord,
        outcome: QuestionOutcome = "undeliverable",
        sent: MessageRef | None = None,
        reference: str | None = None,
    ) -> None:
        """Store how a question ended, record it, and clear its status. Raises LeaseLost, NotCleared."""
        has_status = job.work.delivery is None
        question = job.work.message
        known = {
            "outcome": outcome,
            "reply_ts": sent.ts if sent else None,
            "reference": reference,
            "message": replace(question, channel=sent.channel) if sent else question,
        }
        await self.runner.call(partial(self._question_store.change, job.lease, not has_status, **known))
        log_question(record)
        self._metrics.question(record)
        set_outcome(record.outcome)
        if has_status:
            await self._end(job)

    async def _end(self, job: Job[QuestionJob]) -> None:
        """Clear the status of a question whose outcome is stored. Raises NotCleared, so that it is tried again."""
        await self._statuses.end(job.work.message)
        await self.runner.call(self._question_store.mark_done, job.lease)
