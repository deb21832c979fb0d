"""The desk where questions are taken, answered once, and, after a crash, taken up again."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Protocol

from slack_sdk.errors import SlackApiError

from bot.answer import Answer, SentenceCallback
from bot.conversation import Turn
from bot.errors import QuestionError
from bot.intake import read_question
from bot.slack import blocks
from bot.slack.answer_queue import AnswerQueue, QueueFull, TellPlace
from bot.slack.clients import FAILURES, reason
from bot.slack.conversation import Conversations
from bot.slack.holding import Holding
from bot.slack.mrkdwn import plain
from bot.slack.posting import Begun, Posted, Poster, Refused, Undelivered
from bot.slack.streaming import Stream, Streams
from store.state import Asked, Orphan, Outcome, State

_LOG = logging.getLogger(__name__)

# A question that has ended two processes may be what ends them: it is not tried a third time.
_MOST_ATTEMPTS = 2
# Slack's words for "you may not look": waiting does not help.
_BLIND = {"missing_scope", "not_in_channel", "channel_not_found", "thread_not_found", "unknown_method"}


class Assistant(Protocol):
    """What answers. Both methods block, and are called from several threads."""

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        as_of: date | None = None,
        said: SentenceCallback | None = None,
    ) -> Answer: ...

    def warm_up(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is sent; `said` is what later questions of the thread are told of it."""

    message: blocks.Message
    outcome: Outcome
    said: str = ""
    reference: str | None = None


class Desk:
    """Takes questions, answers them in `workers` threads, and records how each ended.

    `beat` and `silent_for` are seconds: how often this process says that it is alive, and after which
    silence another's questions are taken over.
    """

    def __init__(
        self,
        assistant: Assistant,
        state: State,
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
        self._conversations = conversations
        self._streams = streams
        self._queue = queue
        self._beat = beat
        self._owner = owner = secrets.token_hex(8)
        self._holding = Holding(
            partial(state.adopt, owner, silent_for=silent_for), partial(state.let_go, owner)
        )
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="answer")
        self._warm = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._lanes: dict[tuple[str, str, str], tuple[asyncio.Lock, int]] = {}

    async def warm_up(self) -> None:
        """Load the model; questions that came in meanwhile are answered from here on."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._assistant.warm_up)
        self._warm.set()

    @property
    def warm(self) -> bool:
        """Whether the model is loaded."""
        return self._warm.is_set()

    async def consult(
        self,
        question: str,
        history: Sequence[Turn] = (),
        said: SentenceCallback | None = None,
        waits: TellPlace | None = None,
    ) -> Answer:
        """Return the assistant's answer, in its turn; waits for the model.

        `said` gets its judged sentences before that, in another thread; `waits` the place of a question that waits
        for others. Raises QueueFull, and what the assistant raises.
        """
        async with self._queue.turn(waits):
            await self._warm.wait()
            work = partial(self._assistant.answer, question, history=history, said=said)
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def take(self, asked: Asked) -> bool:
        """Claim a question; False if it is somebody's already. Raises StoreError."""
        return await asyncio.to_thread(self._state.claim, asked, self._owner)

    def begin(self, asked: Asked) -> None:
        """Start answering a question that was taken; returns at once."""
        self._start(asked, self._answer(asked))

    async def look_after(self) -> None:
        """Say every `beat` seconds that this process lives, and take up what others left. Never returns."""
        while True:
            try:
                await asyncio.to_thread(self._state.keep_alive, self._owner)
                for orphan in await self._holding.adopt():
                    _LOG.warning("taking up the question %s, left %s", orphan.asked.key, orphan.state)
                    self._start(orphan.asked, self._resume(orphan))
            except Exception:
                _LOG.exception("the state database could not be looked after; trying again")
            await asyncio.sleep(self._beat)

    async def close(self, patience: float) -> None:
        """Finish what is under way within `patience` seconds; the rest is left for the next process."""
        if self._under_way and self._warm.is_set():
            await asyncio.wait(self._under_way, timeout=patience)
        for task in list(self._under_way):
            task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)
        await self._holding.let_go()

    def _start(self, asked: Asked, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(asked, work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _guarded(self, asked: Asked, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Undelivered:
            _LOG.warning("Slack did not take the reply to %s; it is tried again", asked.key)
            await asyncio.to_thread(self._state.let_go, self._owner, asked)
        except Exception:
            _LOG.exception("the question %s could not be brought to an end; it is taken up again", asked.key)
            await asyncio.to_thread(self._state.let_go, self._owner, asked)

    async def _resume(self, orphan: Orphan) -> None:
        asked = orphan.asked
        begun = Begun(orphan.begun) if orphan.begun else None
        if orphan.state == "answering":
            # The reply was on its way when its sender died: only Slack knows whether it arrived.
            try:
                found = await self._poster.find(asked)
                if found is None and begun is None:
                    others = await asyncio.to_thread(self._state.replies, asked)
                    begun = await self._poster.find_begun(asked, others)
            except SlackApiError as error:
                if reason(error) not in _BLIND:
                    raise Undelivered(asked.key) from error
                if begun is None:
                    return await self._send(asked, Draft(blocks.lost(), "notice"))
                found = None
            except FAILURES as error:
                raise Undelivered(asked.key) from error
            if found is not None:
                return await self._finish(asked, Draft(blocks.lost(), "answer", plain(found.text)), found.ts)
        if orphan.attempts >= _MOST_ATTEMPTS:
            return await self._send(asked, Draft(blocks.lost(), "notice"), begun)
        await self._answer(asked, begun)

    async def _answer(self, asked: Asked, begun: Begun | None = None) -> None:
        """Answer a question: a reply that was `begun` by another process is replaced by the whole one."""
        # One after the other within a conversation: a follow-up must see the answer that it follows.
        async with self._lane(asked):
            if begun is not None:
                return await self._send(asked, await self._draft(asked), begun)
            stream = self._streams.open(asked, self._owner)
            try:
                draft = await self._draft(asked, stream)
                begun = await stream.close()
            finally:
                stream.cancel()
            await self._send(asked, draft, begun)

    async def _draft(self, asked: Asked, stream: Stream | None = None) -> Draft:
        if not asked.text:
            return Draft(blocks.help_message(), "notice")
        try:
            question = read_question(asked.text)
            history = await self._conversations.before(asked)
            said, waits = (stream.hear, stream.wait) if stream else (None, None)
            answer = await self.consult(question, history, said, waits)
            return Draft(blocks.answer(answer), "answer", answer.text)
        except QuestionError as error:
            # Written for the user, unlike every other exception.
            return Draft(blocks.unreadable(str(error)), "notice")
        except QueueFull:
            return Draft(blocks.queue_full(), "notice")
        except Exception:
            return self._apology(asked)

    def _apology(self, asked: Asked) -> Draft:
        """Log the exception at hand under a new reference number, and return the apology that names it."""
        reference = f"R-{secrets.token_hex(4).upper()}"
        _LOG.exception("%s: the question %s failed", reference, asked.key)
        return Draft(blocks.apology(reference), "apology", reference=reference)

    async def _send(self, asked: Asked, draft: Draft, begun: Begun | None = None) -> None:
        if not await asyncio.to_thread(self._state.start_reply, asked, self._owner):
            _LOG.warning("the question %s was taken over by another process", asked.key)
            return
        try:
            posted = await self._deliver(asked, draft, begun)
        except Refused as refused:
            if not refused.word.startswith(("invalid_blocks", "msg_")):
                _LOG.error("Slack refuses a reply to %s: %s", asked.key, refused.word)
                return await self._finish(asked, Draft(draft.message, "undeliverable"), None)
            # The message itself is at fault, not the place.
            draft = self._apology(asked)
            posted = await self._deliver(asked, draft, begun)
        await self._finish(asked, draft, posted.ts)

    async def _deliver(self, asked: Asked, draft: Draft, begun: Begun | None) -> Posted:
        if begun is None:
            return await self._poster.post(asked, draft.message)
        return await self._poster.complete(asked, draft.message, begun, draft.said)

    async def _finish(self, asked: Asked, draft: Draft, ts: str | None) -> None:
        await asyncio.to_thread(
            self._state.finish,
            asked,
            outcome=draft.outcome,
            reply=draft.said,
            reply_ts=ts,
            reference=draft.reference,
        )

    @asynccontextmanager
    async def _lane(self, asked: Asked) -> AsyncIterator[None]:
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
