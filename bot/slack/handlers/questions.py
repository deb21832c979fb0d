"""The desk where questions are taken, answered once, and, after a crash, taken up again."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from slack_sdk.errors import SlackApiError

from bot.answers import Answer, Answerer, SentenceCallback
from bot.errors import QuestionError
from bot.question import Turn, read_question
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.mrkdwn import plain
from bot.slack.conversation import Conversations
from bot.slack.handlers.answer_queue import AnswerQueue, QueueFull, TellPlace
from bot.slack.sending.clients import FAILURES, reason
from bot.slack.sending.posting import Begun, Posted, Poster, Refused, Undelivered
from bot.slack.sending.streaming import Stream, Streams
from store.audiences import Audience, of_channel
from store.jobs import Job, Outcome, Question, QuestionStore, Runner, SlackMessage
from store.records import EVERYBODY

_LOG = logging.getLogger(__name__)

# Slack's words for "you may not look": waiting does not help.
_BLIND = {"missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "unknown_method"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is sent; `said` is what later questions of the thread are told of it."""

    message: blocks.Message
    outcome: Outcome
    said: str = ""
    reference: str | None = None


class Desk:
    """Takes questions, answers them in `workers` threads, and records how each ended.

    `assistant` returns the one for those in a channel; it is called in these threads.

    `beat` and `silent_for` are seconds: how often this process says that it is alive, and after which
    silence a process's questions are taken over.
    """

    def __init__(
        self,
        assistant: Callable[[Audience], Answerer],
        state: QuestionStore,
        poster: Poster,
        conversations: Conversations,
        streams: Streams,
        *,
        queue: AnswerQueue,
        workers: int = 4,
        beat: float = 3.0,
        silent_for: float = 15.0,
    ) -> None:
        self._assistant = assistant
        self._state = state
        self._poster = poster
        self._runner = Runner(state, self._serve, beat=beat, ttl=silent_for)
        self._conversations = conversations
        self._streams = streams
        self._queue = queue
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="answer")
        self._warm = asyncio.Event()
        self._lanes: dict[tuple[str, str, str], tuple[asyncio.Lock, int]] = {}

    async def warm_up(self) -> None:
        """Load the model; questions that came in meanwhile are answered from here on."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._load)
        self._warm.set()

    def _load(self) -> None:
        self._assistant(EVERYBODY).warm_up()

    @property
    def warm(self) -> bool:
        """Whether the model is loaded."""
        return self._warm.is_set()

    async def consult(
        self,
        question: str,
        audience: Audience,
        history: Sequence[Turn] = (),
        on_sentence: SentenceCallback | None = None,
        waits: TellPlace | None = None,
    ) -> Answer:
        """Return the assistant's answer, in its turn; waits for the model.

        It is for `audience`. `on_sentence` gets its judged sentences before that, in another thread;
        `waits` the place of a question that waits for others. Raises QueueFull, and what the assistant raises.
        """

        def work() -> Answer:
            return self._assistant(audience).answer(question, history=history, on_sentence=on_sentence)

        async with self._queue.turn(waits):
            await self._warm.wait()
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def take(self, asked: SlackMessage) -> Job[Question] | None:
        """Claim a question; None if it is somebody's already. Raises StoreError."""
        return await self._runner.call(self._state.claim, asked, self._runner.holder)

    def begin(self, job: Job[Question]) -> None:
        """Start answering a question that was taken; returns at once."""
        self._runner.submit(job)

    def look_after(self) -> None:
        """Start to keep what was taken, and to take up what others left; both go on until `close`."""
        self._runner.start()

    async def close(self, patience: float) -> None:
        """Finish what is under way within `patience` seconds; the rest is left for the next process."""
        await self._runner.close(patience if self._warm.is_set() else 0.0)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, job: Job[Question]) -> None:
        asked = job.work.asked
        begun = Begun(job.work.reply_ts) if job.work.reply_ts else None
        if job.work.sending:
            # The reply was on its way when its sender died: only Slack knows whether it arrived.
            try:
                found = await self._poster.find(asked)
                if found is None and begun is None:
                    others = await self._runner.call(self._state.replies, asked)
                    begun = await self._poster.find_begun(asked, others)
            except SlackApiError as error:
                if reason(error) not in _BLIND:
                    raise Undelivered(asked.key) from error
                if begun is None:
                    return await self._send(job, Draft(blocks.lost(), "notice"))
                found = None
            except FAILURES as error:
                raise Undelivered(asked.key) from error
            if found is not None:
                return await self._finish(job, Draft(blocks.lost(), "answer", plain(found.text)), found.ts)
        if job.exhausted:
            return await self._send(job, Draft(blocks.lost(), "notice"), begun)
        await self._answer(job, begun)

    async def _answer(self, job: Job[Question], begun: Begun | None) -> None:
        """Answer a question: a reply that was `begun` by another process is replaced by the whole one."""
        asked = job.work.asked
        # One after the other within a conversation: a follow-up must see the answer that it follows.
        async with self._lane(asked):
            if begun is not None:
                return await self._send(job, await self._draft(asked), begun)
            stream = self._streams.open(job, self._runner)
            try:
                draft = await self._draft(asked, stream)
                begun = await stream.close()
            finally:
                stream.cancel()
            await self._send(job, draft, begun)

    async def _draft(self, asked: SlackMessage, stream: Stream | None = None) -> Draft:
        if not asked.text:
            return Draft(blocks.help_message(), "notice")
        try:
            question = read_question(asked.text)
            history = await self._conversations.before(asked)
            on_sentence, waits = (stream.hear, stream.wait) if stream else (None, None)
            audience = of_channel(asked.team, asked.channel)
            answer = await self.consult(question, audience, history, on_sentence, waits)
            return Draft(blocks.answer(answer), "answer", answer.text)
        except QuestionError as error:
            # Written for the user, unlike every other exception.
            return Draft(blocks.unreadable(str(error)), "notice")
        except QueueFull:
            return Draft(blocks.queue_full(), "notice")
        except Exception:
            return self._apology(asked)

    def _apology(self, asked: SlackMessage) -> Draft:
        """Log the exception at hand under a new reference number, and return the apology that names it."""
        reference = f"R-{secrets.token_hex(4).upper()}"
        _LOG.exception("%s: the question %s failed", reference, asked.key)
        return Draft(blocks.apology(reference), "apology", reference=reference)

    async def _send(self, job: Job[Question], draft: Draft, begun: Begun | None = None) -> None:
        await self._runner.call(self._state.mark_sending, job.lease)
        try:
            posted = await self._deliver(job, draft, begun)
        except Refused as refused:
            if not refused.word.startswith(("invalid_blocks", "msg_")):
                _LOG.error("Slack refuses a reply to %s: %s", job.lease.key, refused.word)
                return await self._finish(job, Draft(draft.message, "undeliverable"), None)
            # The message itself is at fault, not the place.
            draft = self._apology(job.work.asked)
            posted = await self._deliver(job, draft, begun)
        await self._finish(job, draft, posted.ts)

    async def _deliver(self, job: Job[Question], draft: Draft, begun: Begun | None) -> Posted:
        poster = self._poster.guarded(partial(self._runner.check, job.lease))
        if begun is None:
            return await poster.post(job.work.asked, draft.message)
        return await poster.complete(job.work.asked, draft.message, begun, draft.said)

    async def _finish(self, job: Job[Question], draft: Draft, ts: str | None) -> None:
        await self._runner.call(
            self._state.finish,
            job.lease,
            outcome=draft.outcome,
            reply=draft.said,
            reply_ts=ts,
            reference=draft.reference,
        )

    @asynccontextmanager
    async def _lane(self, asked: SlackMessage) -> AsyncIterator[None]:
        key = (asked.team, asked.channel, asked.thread)
        lane, users = self._lanes.get(key, (asyncio.Lock(), 0))
        self._lanes[key] = (lane, users + 1)
        try:
            async with lane:
                yield
        finally:
            lane, users = self._lanes.pop(key)
            if users > 1:
                self._lanes[key] = (lane, users - 1)
