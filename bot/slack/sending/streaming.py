"""An answer told sentence by sentence while the model still writes, in one message that grows.

Slack's own streaming methods do it where they can: in threads. Where Slack refuses them, and in direct messages
outside threads, which they do not know, a message is posted with the first sentence and updated with the others.
Whatever becomes of it, the whole answer is brought to its end by Poster.complete, or posted at once.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import StreamedSentence
from bot.slack.blocks import markdown
from bot.slack.blocks import messages as blocks
from bot.slack.sending.clients import FAILURES, by_rate, own_trouble, reason, retry_after
from bot.slack.sending.posting import BEGUN, STREAM_TEXT, Begun, Poster, Refused, Undelivered
from store.jobs import Job, LeaseLost, Question, QuestionStore, Runner

_LOG = logging.getLogger(__name__)

# Seconds for a call under way once the answer is there.
_GRACE = 5.0
# Seconds after which a connection is tried again.
_AGAIN = 1.0


class Streams:
    """Opens streams. `client` must not retry: the next sentence says more anyway.

    `pace` is the seconds between updates of one message where Slack does not stream: it allows some 50 a minute.
    """

    def __init__(self, client: AsyncWebClient, poster: Poster, state: QuestionStore, *, pace: float) -> None:
        self.client = client
        self.poster = poster
        self.state = state
        self.pace = pace
        # Channels in which Slack does not stream.
        self.refused: set[str] = set()

    def open(self, job: Job[Question], runner: Runner[Question]) -> Stream:
        """Return the stream of the answer to a question; nothing is sent before a sentence is heard.

        `runner` has the question: where its lease is lost, nothing more is sent.
        """
        return Stream(self, job, runner)


class Stream:
    """Hears the sentences of one answer, and tells them in their order."""

    def __init__(self, streams: Streams, job: Job[Question], runner: Runner[Question]) -> None:
        self._streams = streams
        self._client = streams.client
        self._asked = asked = job.work.asked
        self._lease = job.lease
        self._call = runner.call
        self._check = partial(runner.check, job.lease)
        self._native = bool(asked.thread) and asked.channel not in streams.refused
        self._loop = asyncio.get_running_loop()
        self._heard: list[str] = []
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._pumping: asyncio.Task[None] | None = None
        self._begun: Begun | None = None
        # Whether a message may have been begun without this process knowing which.
        self._doubtful = False

    def hear(self, sentence: StreamedSentence) -> None:
        """Take a sentence, in whatever thread; returns at once."""
        with suppress(RuntimeError):  # The loop has ended, and with it who would read.
            self._loop.call_soon_threadsafe(self._take, sentence.text)

    async def wait(self, place: int) -> None:
        """Tell the place of the question in the queue; the answer takes the place of that message."""
        try:
            await self._call(self._streams.state.mark_sending, self._lease)
            self._native = False
            await self._post(blocks.waiting(place))
        except LeaseLost:
            return  # Whoever has the question now answers it.
        except Exception:
            _LOG.exception("the place of %s in the queue is not told", self._asked.key)

    async def close(self) -> Begun | None:
        """End the telling; return the message that was begun, which is not whole.

        Raises Undelivered where one may have been begun and Slack does not say which.
        """
        self._closing.set()
        self._news.set()
        if self._pumping is not None:
            await asyncio.wait({self._pumping}, timeout=_GRACE)
            self.cancel()
            await asyncio.wait({self._pumping})
        if self._begun is None and self._doubtful:
            try:
                others = await self._call(self._streams.state.replies, self._asked)
                self._begun = await self._streams.poster.find_begun(self._asked, others)
            except FAILURES as error:
                raise Undelivered(self._asked.key) from error
        return self._begun

    def cancel(self) -> None:
        """Let go of a call under way."""
        if self._pumping is not None and not self._pumping.done():
            self._pumping.cancel()
            if self._begun is not None:
                self._begun = replace(self._begun, said=None)

    def _take(self, text: str) -> None:
        self._heard.append(text)
        self._news.set()
        if self._pumping is None and not self._closing.is_set():
            self._pumping = asyncio.create_task(self._pump())

    async def _pump(self) -> None:
        try:
            # From here on only a look into Slack can tell whether there is a reply.
            await self._call(self._streams.state.mark_sending, self._lease)
            while True:
                await self._news.wait()
                if self._closing.is_set():
                    return
                self._news.clear()
                await self._check()
                pause = await self._tell(" ".join(self._heard))
                if pause is None:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), pause)
        except LeaseLost:
            return  # Whoever has the question now answers it.
        except Exception:
            _LOG.exception("the answer to %s is told at once, not in pieces", self._asked.key)

    async def _tell(self, text: str) -> float | None:
        """Tell the answer as far as it is known; return the seconds to wait then, None to tell no more."""
        if len(markdown.escape(text)) > STREAM_TEXT:
            return None
        if self._begun is not None and self._begun.said == text:
            return 0.0
        if self._begun is None:
            return await (self._start(text) if self._native else self._post(blocks.beginning(text)))
        return await (self._append(text, self._begun) if self._native else self._update(text, self._begun))

    async def _start(self, text: str) -> float | None:
        self._doubtful = True
        try:
            response = await self._client.chat_startStream(
                channel=self._asked.channel,
                thread_ts=self._asked.thread,
                recipient_user_id=self._asked.user,
                recipient_team_id=self._asked.team or None,
                markdown_text=_closed(text),
            )
        except SlackApiError as error:
            if own_trouble(error):
                return None
            self._doubtful = False
            self._news.set()
            if by_rate(error):
                return retry_after(error)
            _LOG.info("Slack does not stream to %s: %s", self._asked.channel, reason(error))
            self._streams.refused.add(self._asked.channel)
            self._native = False
            return 0.0
        except aiohttp.ClientConnectorError:
            self._doubtful = False
            self._news.set()
            return _AGAIN
        except FAILURES:
            return None
        await self._note(Begun(str(response["ts"]), said=text))
        return 0.0

    async def _append(self, text: str, begun: Begun) -> float | None:
        try:
            await self._client.chat_appendStream(
                channel=self._asked.channel,
                ts=begun.ts,
                markdown_text=_closed(text[len(begun.said or "") :]),
            )
        except SlackApiError as error:
            self._news.set()
            if by_rate(error):
                return retry_after(error)
            _LOG.info("the stream of %s ended: %s", self._asked.key, reason(error))
            await self._go_over(begun)
        except FAILURES:
            self._news.set()
            await self._go_over(begun)
        else:
            self._begun = replace(begun, said=text)
        return 0.0

    async def _go_over(self, begun: Begun) -> None:
        """Go on by updates: Slack ends a stream by itself after some minutes, and users may."""
        self._native = False
        self._begun = replace(begun, said=None)
        with suppress(*FAILURES):
            await self._client.chat_stopStream(channel=self._asked.channel, ts=begun.ts)

    async def _post(self, message: blocks.Message) -> float | None:
        self._doubtful = True
        try:
            poster = self._streams.poster.guarded(self._check)
            posted = await poster.post(self._asked, message, BEGUN)
        except Refused:
            self._doubtful = False  # The whole answer will be refused too, and that is dealt with.
            return None
        except Undelivered:
            return None
        await self._note(Begun(posted.ts, streaming=False))
        return self._streams.pace

    async def _update(self, text: str, begun: Begun) -> float | None:
        message = blocks.beginning(text)
        try:
            await self._client.chat_update(
                channel=self._asked.channel, ts=begun.ts, text=message.text, blocks=list(message.blocks)
            )
        except SlackApiError as error:
            self._news.set()
            if by_rate(error):
                return max(self._streams.pace, retry_after(error))
            return self._streams.pace if own_trouble(error) else None
        except FAILURES:
            self._news.set()
        return self._streams.pace

    async def _note(self, begun: Begun) -> None:
        self._begun = begun
        await self._call(self._streams.state.save_reply_ts, self._lease, begun.ts)


def _closed(text: str) -> str:
    """Return a piece of a stream: a space behind it, as Slack may drop one in front."""
    return f"{markdown.escape(text)} "
