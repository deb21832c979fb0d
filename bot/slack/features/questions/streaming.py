"""Streaming an answer into one message, sentence by sentence, while the model still writes.

Before the first sentence, task cards show what was searched and checked, where Slack takes them; the finished message
has no cards, but a line that says the same. A stream that begins with cards takes chunks only, any other one plain
text only (Slack refuses the other with streaming_mode_mismatch).

Slack's streaming methods do it, in threads only. Where Slack refuses them, a message is posted with the first sentence
and updated with the others. In the end Poster.complete makes the message whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from slack_sdk.models.messages.chunk import TaskUpdateChunk
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.answer import Progress, StreamedSentence
from bot.locales import _, listed, ngettext, quoted
from bot.slack.core.sending.clients import (
    FAILURES,
    Refusals,
    error_code,
    is_rate_limited,
    is_transient,
    is_undone,
    retry_after,
)
from bot.slack.core.sending.posting import (
    PARTIAL,
    STREAM_CHARS,
    PartialReply,
    Poster,
    Refused,
    Undelivered,
    update_message,
)
from bot.slack.core.ui.elements import Block, Message, plain_message
from bot.slack.core.ui.mrkdwn import escape_markdown, shorten
from bot.slack.features.questions.messages import queue_place_message
from store.jobs import Job, LeaseLost, MessageRef, QuestionJob, QuestionStore, Runner

_LOG = logging.getLogger(__name__)

# Seconds that a running call may take once the answer is complete.
_RUNNING_CALL_SECONDS = 5.0
# Seconds between tries to connect.
_RETRY_SECONDS = 1.0
# Error codes of a channel or a workspace in which Slack does not stream.
_NOT_OFFERED = {"unknown_method", "channel_type_not_supported"}
# Documents that a card names; with these characters each, they stay below the 256 of a card.
_MOST_DOCUMENTS = 3
_DOCUMENT_CHARS = 70


@dataclass(slots=True)
class Streams:
    """What all streams share. `client` must not retry, as the next update replaces a lost one.

    `update_every`: seconds between updates where Slack does not stream. `refused`: the channels in which it does not,
    and a pair of a channel and "cards" where it takes no cards.
    """

    client: AsyncWebClient
    poster: Poster
    question_store: QuestionStore
    update_every: float
    refused: Refusals = field(default_factory=Refusals)


class Stream:
    """The stream of the answer to a question; it sends nothing before the first sentence or card.

    `runner` works on the question: once its lease is lost, nothing more is sent.
    """

    def __init__(self, streams: Streams, job: Job[QuestionJob], runner: Runner) -> None:
        self._streams = streams
        self._client = streams.client
        self._question = question = job.work.message
        self._lease = job.lease
        self._call = runner.call
        self._check = partial(runner.check, job.lease)
        # False: the message is updated instead.
        self._uses_streaming = bool(question.thread) and question.channel not in streams.refused
        self._loop = asyncio.get_running_loop()
        self.sentences: list[StreamedSentence] = []
        """What the answer says so far."""
        self.progress: Progress | None = None
        self._takes_cards = (question.channel, "cards") not in streams.refused
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None
        self._partial: PartialReply | None = None
        # True while a message may have been posted whose `ts` is unknown.
        self._may_be_posted = False

    def on_sentence(self, sentence: StreamedSentence) -> None:
        """Add a sentence, from any thread; returns at once."""
        with suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(self._add, sentence)

    def on_progress(self, progress: Progress) -> None:
        """Show how far the answer is, from any thread; returns at once."""
        with suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(self._advance, progress)

    async def on_queued(self, place: int) -> None:
        """Post the question's place in the queue; the answer replaces that message."""
        try:
            await self._call(self._streams.question_store.mark_sending, self._lease)
            self._uses_streaming = False
            await self._post(queue_place_message(place))
        except LeaseLost:
            return  # Another process answers the question now.
        except Exception:
            _LOG.exception("the place in the queue was not posted")

    async def close(self) -> PartialReply | None:
        """Stop sending; return the partial reply, None where nothing was sent.

        Raises Undelivered where something may have been sent and Slack does not return it.
        """
        self._closing.set()
        self._changed.set()
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=_RUNNING_CALL_SECONDS)
            self.cancel()
            await asyncio.wait({self._sending})
        if self._partial is None and self._may_be_posted:
            try:
                others = await self._call(self._streams.question_store.replies, self._question)
                self._partial = await self._streams.poster.find_partial(self._question, others)
            except FAILURES as error:
                raise Undelivered from error
        if self._partial is not None and self._partial.cards is not None and self.progress is not None:
            self._partial = replace(self._partial, cards=task_cards(self.progress, ended=True))
        return self._partial

    def cancel(self) -> None:
        """Cancel a running call."""
        if self._sending is not None and not self._sending.done():
            self._sending.cancel()
            if self._partial is not None:
                self._partial = replace(self._partial, received=None)

    def _add(self, sentence: StreamedSentence) -> None:
        self.sentences.append(sentence)
        self._begin()

    def _advance(self, progress: Progress) -> None:
        self.progress = progress
        if self._uses_streaming and self._takes_cards:
            self._begin()

    def _begin(self) -> None:
        self._changed.set()
        if self._sending is None and not self._closing.is_set():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        """Send the sentences so far whenever there are new ones, until the stream is closed."""
        try:
            # From here on only Slack knows whether there is a reply.
            await self._call(self._streams.question_store.mark_sending, self._lease)
            while True:
                await self._changed.wait()
                if self._closing.is_set():
                    return
                self._changed.clear()
                await self._check()
                pause = await self._show("".join(sentence.text for sentence in self.sentences))
                if pause is None:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), pause)
        except LeaseLost:
            return  # Another process answers the question now.
        except Exception:
            _LOG.exception("the answer is not streamed")

    async def _show(self, text: str) -> float | None:
        """Send the text so far; return the seconds to wait after it, None to send no more."""
        if len(escape_markdown(text)) > STREAM_CHARS:
            return None
        cards = task_cards(self.progress) if self.progress is not None and self._takes_cards else ()
        if self._partial is None:
            if self._uses_streaming and (text or cards):
                return await self._start(text, cards)
            return await self._post(plain_message(text)) if text else 0.0
        if not self._uses_streaming:
            return await self._update(text, self._partial) if text else 0.0
        return await self._append(text, cards, self._partial)

    async def _start(self, text: str, cards: tuple[Block, ...]) -> float | None:
        """Start a stream; where Slack refuses that, switch to updates for this answer."""
        self._may_be_posted = True
        try:
            response = await self._client.chat_startStream(
                channel=self._question.channel,
                thread_ts=self._question.thread,
                recipient_user_id=self._question.user,
                recipient_team_id=self._question.author_team or self._question.team or None,
                **_content(text, cards or None),
            )
        except FAILURES as error:
            if not is_undone(error):
                return None
            self._may_be_posted = False
            self._changed.set()
            if is_transient(error):
                return retry_after(error) if is_rate_limited(error) else _RETRY_SECONDS
            _LOG.info("Slack does not stream the answer: %s", error_code(error))
            if error_code(error) in _NOT_OFFERED:
                self._streams.refused.add(self._question.channel)
            elif cards:
                # Slack may object to the cards alone.
                self._streams.refused.add((self._question.channel, "cards"))
                self._takes_cards = False
                return 0.0
            self._uses_streaming = False
            return 0.0
        await self._record(PartialReply(str(response["ts"]), received=text, cards=cards or None))
        return 0.0

    async def _append(self, text: str, cards: tuple[Block, ...], partial_reply: PartialReply) -> float | None:
        """Append the new text and cards to the stream; where that has ended, switch to updates."""
        former = partial_reply.cards
        longer = replace(partial_reply, received=text, cards=None if former is None else cards)
        if longer == partial_reply:
            return 0.0
        new = text[len(partial_reply.received or "") :]
        changed = None if former is None else [card for card in cards if card not in former]
        try:
            await self._client.chat_appendStream(
                channel=self._question.channel, ts=partial_reply.ts, **_content(new, changed)
            )
        except FAILURES as error:
            self._changed.set()
            if is_rate_limited(error):
                return retry_after(error)
            _LOG.info("the stream of the answer ended: %s", error_code(error))
            await self._switch_to_updates(partial_reply)
        else:
            self._partial = longer
        return 0.0

    async def _switch_to_updates(self, partial_reply: PartialReply) -> None:
        """Go on with updates: Slack ends a stream after some minutes, and users may."""
        self._uses_streaming = False
        self._partial = replace(partial_reply, received=None)
        with suppress(*FAILURES):
            await self._client.chat_stopStream(channel=self._question.channel, ts=partial_reply.ts)

    async def _post(self, message: Message) -> float | None:
        self._may_be_posted = True
        try:
            poster = self._streams.poster.guarded(self._check)
            posted = await poster.post(self._question, message, PARTIAL)
        except Refused:
            self._may_be_posted = False  # The whole answer will be refused too, which is handled there.
            return None
        except Undelivered:
            return None
        await self._record(PartialReply(posted.ts, streaming=False))
        return self._streams.update_every

    async def _update(self, text: str, partial_reply: PartialReply) -> float | None:
        budget = self._streams.poster.updates
        if seconds := budget.wait():
            self._changed.set()
            return seconds
        try:
            where = MessageRef(self._question.channel, partial_reply.ts)
            await update_message(self._client, where, plain_message(text))
        except FAILURES as error:
            self._changed.set()
            budget.refuse(retry_after(error))
            return self._streams.update_every if is_transient(error) else None
        return self._streams.update_every

    async def _record(self, partial_reply: PartialReply) -> None:
        self._partial = partial_reply
        await self._call(self._streams.question_store.save_reply_ts, self._lease, partial_reply.ts)


def _content(text: str, cards: Sequence[Block] | None) -> dict[str, Any]:
    """Return the arguments of a piece of a stream, as chunks unless `cards` is None.

    Text gets a space after it, as Slack may drop one before it.
    """
    # A piece may have several lines, and begin with a line break.
    piece = "\n".join(map(escape_markdown, text.split("\n"))) + " "
    if cards is None:
        return {"markdown_text": piece}
    return {"chunks": [*cards, *([{"type": "markdown_text", "text": piece}] if text else [])]}


def task_cards(progress: Progress, *, ended: bool = False) -> tuple[Block, ...]:
    """Return the cards of an answer in progress; `ended`: no more sentences come."""
    searched = ngettext("Searched {count} document", "Searched {count} documents", progress.documents)
    cards = [_card("search", searched)]
    if progress.read:
        names = listed([quoted(shorten(title, _DOCUMENT_CHARS)) for title in progress.read[:_MOST_DOCUMENTS]])
        is_read = ended or progress.checked > 0
        cards.append(
            _card("read", _("Reading {documents}", documents=names), "complete" if is_read else "in_progress")
        )
    cards += [
        _card(f"look up {n}", shorten(words, _DOCUMENT_CHARS))
        for n, words in enumerate(progress.looked_up, 1)
    ]
    if progress.checked:
        checked = ngettext("{count} sentence checked", "{count} sentences checked", progress.checked)
    else:
        checked = _("Checking each sentence")
    cards.append(_card("check", checked, "complete" if ended else "in_progress"))
    if progress.left_out:
        left_out = ngettext("{count} left out", "{count} left out", progress.left_out)
        cards.append(_card("leave out", left_out))
    return tuple(cards)


def _card(task: str, title: str, status: str = "complete") -> Block:
    return dict(TaskUpdateChunk(id=task, title=title, status=status).to_dict())
