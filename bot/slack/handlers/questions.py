"""Answers questions: each once, in the order of its thread, and after a crash again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TypeVar
from weakref import WeakValueDictionary

from slack_sdk.errors import SlackApiError

from bot.question import read_question
from bot.slack.blocks import messages as blocks
from bot.slack.handlers.answering import Assistants, OnQueued
from bot.slack.handlers.deliveries import Deliveries, Place, respond_queue_place
from bot.slack.handlers.endings import notice_of
from bot.slack.handlers.following import ThreadFollower
from bot.slack.handlers.history import ConversationHistory
from bot.slack.handlers.replies import Reply, answer_reply, apology, notice
from bot.slack.handlers.stops import Stops, unless_stopped
from bot.slack.options import Timing
from bot.slack.sending.clients import FAILURES, error_code, is_about_content
from bot.slack.sending.posting import PartialReply, Poster, Refused, Undelivered
from bot.slack.sending.streaming import Stream, Streams
from bot.slack.sending.thread_status import ThreadStatuses
from bot.telemetry import request_id
from bot.telemetry.questions import QuestionRecord, RecordQuestion
from bot.telemetry.spans import Traces, span
from store.audiences import Audience, of_channel
from store.errors import StoreUnavailable
from store.jobs import (
    Delivery,
    Job,
    MessageRef,
    QuestionJob,
    QuestionOutcome,
    QuestionStore,
    Runner,
    SlackMessage,
)

_LOG = logging.getLogger(__name__)

Posted = TypeVar("Posted", bound=MessageRef | None)

# Error codes for a place that the bot may not read: waiting does not help.
_UNREADABLE = {"missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "unknown_method"}


class QuestionHandler:
    """Claims questions, has `assistants` answer them, and records the outcome of each.

    `record` gets the end of each question. `ask_experts`: below a refusal is the button that passes the question on to
    people.
    """

    def __init__(
        self,
        assistants: Assistants,
        question_store: QuestionStore,
        poster: Poster,
        deliveries: Deliveries,
        history: ConversationHistory,
        streams: Streams,
        statuses: ThreadStatuses,
        follower: ThreadFollower | None,
        timing: Timing,
        record: RecordQuestion,
        traces: Traces,
        *,
        ask_experts: bool = False,
    ) -> None:
        self._record = record
        self._ask_experts = ask_experts
        self._traces = traces
        self._assistants = assistants
        self._question_store = question_store
        self._poster = poster
        self._deliveries = deliveries
        self._runner = Runner(question_store, self._handle_job, **timing.leases)
        self._history = history
        self._streams = streams
        self._statuses = statuses
        self._follower = follower
        self._stops = Stops(question_store, timing.renew_every)
        self._conversations: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()
        # Starts the runner; starts a job that was claimed; begins no more jobs.
        self.start, self.submit, self.stop = self._runner.start, self._runner.submit, self._runner.stop

    @property
    def warm(self) -> bool:
        """True once the model is loaded."""
        return self._assistants.warm

    async def record_stop(self, team: str, channel: str, thread: str) -> set[str]:
        """Record that a person stops the open questions of a thread; return their keys. Raises StoreError."""
        return await self._runner.call(self._question_store.stop, team, channel, thread)

    async def stop_answers(self, keys: Iterable[str], channel: str, thread: str) -> None:
        """End the work on stopped questions; without any, clear the status that a former process has left."""
        self._stops.stop(keys)
        if not keys:
            await self._statuses.clear(channel, thread)

    async def claim(
        self, question: SlackMessage, delivery: Delivery | None = None, event_id: str = ""
    ) -> Job[QuestionJob] | None:
        """Claim a question; None if it is claimed already. Raises StoreError.

        `delivery` and `event_id` are for a question that no message in Slack asks.
        """
        claim = self._question_store.claim
        return await self._runner.call(claim, question, self._runner.holder, delivery, event_id)

    async def claim_follow_up(self, message: SlackMessage) -> Job[QuestionJob] | None:
        """Claim a message without a mention if it may ask the bot; None if it does not. Raises StoreError."""
        if self._follower is None or not await self._follower.follows(message):
            return None
        claim = partial(self._question_store.claim, followed=True)
        return await self._runner.call(claim, message, self._runner.holder)

    async def close(self, shutdown_patience: float) -> None:
        """Finish running jobs within `shutdown_patience` seconds; release the others for the next process."""
        await self._runner.close(shutdown_patience if self.warm else 0.0)
        await self._statuses.close()

    async def _handle_job(self, job: Job[QuestionJob]) -> None:
        """Answer a claimed question, under its request id. Raises Undelivered, LeaseLost."""
        request_id.bind_key(job.lease.key)
        is_unsure = job.work.followed and not job.work.sending
        if is_unsure and (job.exhausted or not await self._is_asked(job.work.message)):
            # What people say to each other is not kept.
            return await self._runner.withdraw(job.lease)
        with self._traces.question():
            if job.work.delivery is not None:
                return await self._deliver_elsewhere(job, job.work.delivery)
            async with self._statuses.shown(job.work.message):
                await self._complete(job)

    async def _is_asked(self, message: SlackMessage) -> bool:
        """Return True if a message of a followed thread is a question to the bot."""
        if self._follower is None:
            return False
        _, history = await self._history.read(message)
        return await self._follower.is_question(message, history)

    async def _complete(self, job: Job[QuestionJob]) -> None:
        """Answer a question, or complete what a former process began. Raises Undelivered, LeaseLost."""
        question = job.work.message
        partial_reply = PartialReply(job.work.reply_ts) if job.work.reply_ts else None
        if job.work.sending:
            # The former process died while it sent the reply: look whether Slack has it, whole or in part.
            found = None
            try:
                found = await self._poster.find(question)
                if found is None and partial_reply is None:
                    others = await self._runner.call(self._question_store.replies, question)
                    partial_reply = await self._poster.find_partial(question, others)
            except FAILURES as error:
                if not isinstance(error, SlackApiError) or error_code(error) not in _UNREADABLE:
                    raise Undelivered(question.key) from error
                if partial_reply is None:
                    return await self._send(job, notice(blocks.ANSWER_LOST, "lost"))
            if found is not None:
                await self._finish(job, "answer", found.ts)
                return self._record(QuestionRecord("found"))
        if job.exhausted:
            return await self._send(job, notice(blocks.ANSWER_LOST, "lost"), partial_reply)
        # One after the other within a conversation: a follow-up needs the answer before it.
        conversation = (question.team, question.channel, "" if question.is_direct else question.thread)
        one_by_one = self._conversations.setdefault(conversation, asyncio.Lock())
        async with self._stops.of(job.lease.key, job.work.stopped) as stopped, one_by_one:
            if partial_reply is not None:
                reply = await self._reply_or_stop(question, stopped)
                return await self._send(job, reply, partial_reply)
            stream = Stream(self._streams, job, self._runner)
            try:
                reply = await self._reply_or_stop(question, stopped, stream)
                partial_reply = await stream.close()
            finally:
                stream.cancel()
            await self._send(job, reply, partial_reply)

    async def _reply_or_stop(
        self, question: SlackMessage, stopped: asyncio.Event, stream: Stream | None = None
    ) -> Reply:
        """Return the reply to a question, or, once it is stopped, end the work on it and return a notice."""
        reply = await unless_stopped(self._reply(question, stream), stopped)
        return reply or notice(blocks.STOPPED, "stopped")

    async def _deliver_elsewhere(self, job: Job[QuestionJob], delivery: Delivery) -> None:
        """Answer a question that no message in Slack asks. Raises Undelivered, LeaseLost."""
        reply: Reply | None = None
        channel = ""
        question = job.work.message
        on_queued = partial(respond_queue_place, delivery)
        check = partial(self._runner.check, job.lease)
        async for place in self._deliveries.places(job.work, delivery, check):
            if job.exhausted:
                reply = notice(blocks.ANSWER_LOST, "lost")
            elif reply is None or place.channel != channel:
                # Another channel may see other documents.
                channel = place.channel
                audience = of_channel(question.team, channel)
                reply = await self._reply(question, on_queued=on_queued, audience=audience)
            content = {"text": reply.message.text, "blocks": list(reply.message.blocks)}
            save = self._question_store.save_reply
            await self._runner.call(save, job.lease, reply.text, reply.answer, content)

            async def send(reply: Reply, place: Place = place) -> MessageRef | None:
                return await place.send(reply.message, reply.outcome == "answer")

            try:
                reply, posted = await self._or_apology(job, reply, send)
            except Refused as refused:
                _LOG.info("no reply to %s in %s: %s", job.lease.key, place.channel, refused.code)
                continue
            if posted is not None:
                await self._finish(job, reply.outcome, posted.ts or None, reply.reference, place.channel)
                return self._record(reply.record)
        await self._finish(job, "undeliverable")
        self._record(QuestionRecord("undeliverable"))

    async def _reply(
        self,
        question: SlackMessage,
        stream: Stream | None = None,
        on_queued: OnQueued | None = None,
        audience: Audience = "",
    ) -> Reply:
        """Return the reply to a question, for its channel or for another audience.

        Raises StoreUnavailable, so that the question is tried again.
        """
        if not question.text:
            return notice(blocks.HELP, "help")
        try:
            text, history = await self._history.read(question)
            callbacks = (
                (stream.on_sentence, stream.on_progress, stream.on_queued)
                if stream
                else (None, None, on_queued)
            )
            audience = audience or of_channel(question.team, question.channel)
            answer = await self._assistants.answer(read_question(text), audience, history, *callbacks)
            message = blocks.answer_message(answer, question.key, ask_experts=self._ask_experts)
            return answer_reply(message, answer)
        except StoreUnavailable:
            raise
        except Exception as error:
            found = notice_of(error)
            return notice(*found) if found else apology(question)

    async def _send(
        self, job: Job[QuestionJob], reply: Reply, partial_reply: PartialReply | None = None
    ) -> None:
        """Send a reply and record the outcome."""
        save = self._question_store.save_reply
        await self._runner.call(save, job.lease, reply.text, reply.answer)
        poster = self._poster.guarded(partial(self._runner.check, job.lease))

        async def send(reply: Reply) -> MessageRef:
            if partial_reply is None:
                return await poster.post(job.work.message, reply.message)
            return await poster.complete(job.work.message, reply.message, partial_reply, reply.text)

        try:
            reply, posted = await self._or_apology(job, reply, send)
        except Refused as refused:
            _LOG.error("Slack refuses a reply to %s: %s", job.lease.key, refused.code)
            await self._finish(job, "undeliverable")
            return self._record(QuestionRecord("undeliverable"))
        await self._finish(job, reply.outcome, posted.ts, reply.reference)
        self._record(reply.record)

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
                sorry = apology(job.work.message)
            return sorry, await send(sorry)

    async def _finish(
        self,
        job: Job[QuestionJob],
        outcome: QuestionOutcome,
        ts: str | None = None,
        reference: str | None = None,
        channel: str | None = None,
    ) -> None:
        finish = self._question_store.finish
        await self._runner.call(
            finish,
            job.lease,
            outcome=outcome,
            reply_ts=ts,
            reference=reference,
            channel=channel,
        )
