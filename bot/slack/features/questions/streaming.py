"""Streaming an answer into one message, sentence by sentence, while the model still writes.

Before the first sentence, task cards show what was searched and checked. Slack streams in threads only, and takes text
and cards as chunks. A stream that does not become the whole answer is deleted, and the answer is posted.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from slack_sdk.models.messages.chunk import TaskUpdateChunk
from slack_sdk.web.async_chat_stream import AsyncChatStream

from bot.answering.answer import Progress, StreamedSentence
from bot.locales import _, listed, ngettext, quoted
from bot.slack.core.sending.clients import FAILURES, SlackClients, error_code, is_undone
from bot.slack.core.sending.posting import Poster, Undelivered, metadata_of
from bot.slack.core.ui.elements import Block, Message
from bot.slack.core.ui.mrkdwn import escape_markdown, shorten
from bot.slack.features.questions.messages import ANSWER_CHARS
from store.jobs import Job, LeaseLost, MessageRef, QuestionJob, QuestionStore, Runner

_LOG = logging.getLogger(__name__)

# Seconds that a running call may take once the answer is complete.
_RUNNING_CALL_SECONDS = 5.0
# Documents that a card names; with these characters each, they stay below the 256 of a card.
_MOST_DOCUMENTS = 3
_DOCUMENT_CHARS = 70


@dataclass(slots=True)
class Streams:
    """What all streams share.

    `pause`: seconds between two pieces of all streams together, as Slack counts the calls of a workspace.
    `is_agent`: the end of a stream would end the status of its thread.
    """

    clients: SlackClients
    poster: Poster
    question_store: QuestionStore
    runner: Runner
    pause: float
    is_agent: bool
    sending: int = 0
    """How many streams are sent at present."""


class Stream:
    """The stream of the answer to a question; it sends nothing before the first sentence or card."""

    def __init__(self, streams: Streams, job: Job[QuestionJob]) -> None:
        self._streams = streams
        self._question = question = job.work.message
        self._lease = job.lease
        self._poster = streams.poster.for_job(job, streams.runner)
        self._chat = AsyncChatStream(
            streams.clients.posting,
            logger=_LOG,
            channel=question.channel,
            thread_ts=question.thread,
            recipient_user_id=question.user,
            recipient_team_id=question.author_team or question.team or None,
            buffer_size=1,
        )
        self._loop = asyncio.get_running_loop()
        self.sentences: list[StreamedSentence] = []
        """What the answer says so far."""
        self.progress: Progress | None = None
        self._shown = ""
        self._cards: tuple[Block, ...] = ()
        # While a call runs, and after one whose response was lost.
        self._in_doubt = False
        self._failed = False
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def on_sentence(self, sentence: StreamedSentence) -> None:
        """Add a sentence, from any thread; returns at once."""

        def add() -> None:
            self.sentences.append(sentence)
            self._begin()

        with suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(add)

    def on_progress(self, progress: Progress) -> None:
        """Show how far the answer is, from any thread; returns at once."""

        def advance() -> None:
            self.progress = progress
            self._begin()

        with suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(advance)

    async def close(self) -> None:
        """Send nothing more."""
        self._closing.set()
        self._changed.set()
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=_RUNNING_CALL_SECONDS)
            self.cancel()
            await asyncio.wait({self._sending})

    def cancel(self) -> None:
        """Cancel a running call."""
        if self._sending is not None:
            self._sending.cancel()

    async def complete(self, message: Message, text: str) -> MessageRef:
        """Make the closed stream the whole reply, whose answer has this `text`, or post that in its place.

        Raises Refused, Undelivered, LeaseLost.
        """
        question, poster = self._question, self._poster
        if self._continues(message, text) and (whole := await self._stop(message, text)):
            return whole

        # Only Slack knows of a stream whose beginning was not confirmed.
        ts = self._chat.ts
        if ts is None and self._in_doubt:
            others = await self._streams.runner.call(self._streams.question_store.replies, question)
            try:
                ts = await poster.find_stream(question, others)
            except FAILURES as error:
                raise Undelivered from error
        if ts is not None:
            await poster.discard(question, ts)
        return await poster.post(question, message)

    def _continues(self, message: Message, text: str) -> bool:
        """Whether the stream has the beginning of this answer for certain, and can take the rest of it."""
        is_certain = self._chat.ts is not None and not self._failed and not self._in_doubt
        if not _has_text(message):
            return is_certain and not self._shown
        return is_certain and text.startswith(self._shown) and len(escape_markdown(text)) <= ANSWER_CHARS

    async def _stop(self, message: Message, text: str) -> MessageRef | None:
        """End the stream with the rest of the answer; None where it is not whole. Raises Undelivered, LeaseLost."""
        question = self._question
        await self._poster.check()
        rest, below = "", message.blocks
        if _has_text(message):
            rest, below = escape_markdown(text[len(self._shown) :]), message.blocks[1:]
        cards = task_cards(self.progress, ended=True) if self.progress is not None else ()
        try:
            await self._chat.stop(
                markdown_text=rest,
                chunks=cards,
                blocks=list(below),
                metadata=metadata_of(question),
                # The status ends with the last question of the thread.
                session_status="processing" if self._streams.is_agent else None,
            )
        except FAILURES as error:
            _LOG.info("the stream of the answer is not whole: %s", error_code(error))
            if is_undone(error):
                return None
            try:
                return await self._poster.find(question)
            except FAILURES as unknown:
                raise Undelivered from unknown
        return MessageRef(question.channel, str(self._chat.ts))

    def _begin(self) -> None:
        self._changed.set()
        if self._sending is None and not self._closing.is_set():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        """Send what is new whenever there is something, until the stream is closed."""
        streams = self._streams
        runner, store = streams.runner, streams.question_store
        streams.sending += 1
        try:
            # From here on only Slack knows whether there is a reply.
            await runner.call(store.change, self._lease, sending=True)
            while True:
                await self._changed.wait()
                if self._closing.is_set():
                    return
                self._changed.clear()
                await self._poster.check()
                begins = self._chat.ts is None
                await self._show("".join(sentence.text for sentence in self.sentences))
                if begins and self._chat.ts is not None:
                    await runner.call(store.change, self._lease, reply_ts=self._chat.ts)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), streams.pause * streams.sending)
        except LeaseLost:
            return  # Another process answers the question now.
        except FAILURES as error:
            self._failed, self._in_doubt = True, not is_undone(error)
            _LOG.info("the answer is not streamed further: %s", error_code(error))
        except Exception:
            self._failed = True
            _LOG.exception("the answer is not streamed")
        finally:
            streams.sending -= 1

    async def _show(self, text: str) -> None:
        """Send the new part of the text so far, and the cards that changed. Raises one of FAILURES."""
        cards = task_cards(self.progress) if self.progress is not None else ()
        changed = [card for card in cards if card not in self._cards]
        new = text[len(self._shown) :]
        if not (new or changed) or len(escape_markdown(text)) > ANSWER_CHARS:
            return
        self._in_doubt = True
        # A space after each piece, as Slack may drop one before it.
        await self._chat.append(markdown_text=f"{escape_markdown(new)} " if new else None, chunks=changed)
        self._in_doubt = False
        self._shown, self._cards = text, cards


def _has_text(message: Message) -> bool:
    """Whether a message begins with the text of an answer, as a stream does; a refusal has other blocks."""
    return bool(message.blocks[0]["type"] == "markdown")


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
