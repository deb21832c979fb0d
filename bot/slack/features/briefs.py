"""Briefs: one page on a topic for the person who asks, with a Word file in their direct messages.

A brief is a job: one that a killed bot was making is made by the next one. Once it is made it is stored, so that it can
be shared as its asker saw it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any

from bot.answering.question import read_question
from bot.answering.remarks import nearest
from bot.briefs.brief import Brief, BriefLine
from bot.briefs.wording import as_of_line, in_word, nothing_on, remarks
from bot.cancellation import Cancellation, Cancelled
from bot.drafts.wording import cited
from bot.errors import QuestionError
from bot.locales import N_, _, and_more, joined, quoted
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import NotDone, explanation
from bot.slack.core.private_work import PrivateWork, Report
from bot.slack.core.receiving import claim_and_start
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    File,
    Message,
    actions,
    button,
    context,
    fitting,
    one_line,
    pack_lines,
    plain_message,
    section,
)
from bot.slack.core.ui.messages import with_share_button
from bot.slack.core.ui.mrkdwn import escape_short, shorten
from bot.slack.core.words import CommandWord, SlashCommand
from store.audiences import of_channel
from store.errors import StoreUnavailable
from store.jobs import BriefJob, BriefStore, Job, RetryLater, SlackMessage
from store.records import Citation

BRIEF_STOP = "brief_stop"

_LOG = logging.getLogger(__name__)

# A brief costs as much as so many questions, of which the request itself is one.
_QUESTIONS = 5
# The lines of all parts, and the sources, of a message's 13,000.
_LINES_CHARS = 6_500
_SOURCES_CHARS = 3_800
_TITLE_CHARS = 250
_LINE_CHARS = 600
_PLACE_CHARS = 80
# A quote is shortened between these, by the number of sources.
_LEAST_QUOTE_CHARS = 30
_MOST_QUOTE_CHARS = 160
_NOTE_CHARS = 400
_NAME_CHARS = 60


def progress_message(key: str, done: int = 0, count: int = 0) -> Message:
    """Return how far the brief `key` is, with the button that stops it."""
    line = _("Reading the documents …")
    if count:
        line = _("Wrote {done} of {count} parts", done=done, count=count)
    return Message.of([section(line), actions(button(_("Stop"), BRIEF_STOP, key))])


def brief_message(brief: Brief, *notes: str) -> Message:
    """Return a brief with its sources; one without parts is a line, and what is near. `notes` are lines of mrkdwn."""
    if not brief.parts:
        near = [f"• {line}" for line in _quotes(brief.nearest, _MOST_QUOTE_CHARS)]
        below = pack_lines([nearest(), *near]) if near else []
        return Message.of([section(escape_short(nothing_on(brief), _NOTE_CHARS)), *map(section, below)])
    title = f"{shorten(brief.topic, _TITLE_CHARS)} · {as_of_line(brief)}"
    blocks, room = [section(f"*{escape_short(title, _NOTE_CHARS)}*")], _LINES_CHARS
    for part in brief.parts:
        shown = fitting(map(_line, part.lines), room, len)
        room -= sum(map(len, shown))
        left = and_more(len(part.lines) - len(shown))
        blocks += map(section, pack_lines([f"*{part.heading}*", *shown, *left]))
    # Gaps alone have no sources.
    if brief.citations:
        blocks += map(section, pack_lines(_sources(brief.citations)))
    small = [*(escape_short(remark, _NOTE_CHARS) for remark in remarks(brief)), *filter(None, notes)]
    return Message.of([*blocks, *map(context, small)])


def _line(line: BriefLine) -> str:
    markers = "".join(f"[{marker}]" for marker in line.citations)
    return f"• {escape_short(line.text, _LINE_CHARS)} {markers}".rstrip()


def _sources(citations: Sequence[Citation]) -> list[str]:
    """Return the sources below their heading, a line each; the more there are, the shorter are the quotes."""
    count, heading = len(citations), _("Sources")
    chars = min(_MOST_QUOTE_CHARS, max(_LEAST_QUOTE_CHARS, _SOURCES_CHARS // count - _PLACE_CHARS))
    quotes = zip(citations, _quotes(citations, chars), strict=True)
    lines = [f"*[{citation.marker}]* {quote}" for citation, quote in quotes]
    shown = fitting(lines, _SOURCES_CHARS, len)
    return [f"*{heading}*", *shown, *and_more(count - len(shown))]


def _quotes(citations: Sequence[Citation], chars: int) -> Iterator[str]:
    """Yield each paragraph with its quote, and with its document unless the one before has the same."""
    before = None
    for citation in citations:
        # Versions of a document have the same source.
        document = (citation.source, citation.document_id)
        place = f"§ {citation.section}" if document == before else cited(citation)
        before = document
        yield f"{escape_short(place, _PLACE_CHARS)}: {quoted(escape_short(citation.quote, chars))}"


def _how(command: str) -> Message:
    example = f"{command} brief Summit of the Future"
    return one_line(_("Please write the topic too: `{example}`.", example=example))


def _one_at_a_time() -> Message:
    return plain_message(_("I am still making another brief for you. Please wait for it, or stop it."))


def _stopped() -> Message:
    return plain_message(_("Stopped; the brief is not made."))


def _lost() -> Message:
    return plain_message(
        _("I was interrupted twice while I made this brief, and it is lost. Please ask for it again.")
    )


def _kept_here() -> str:
    return _(
        "I do not send this as a Word file in a direct message, as it may quote documents of this conversation. "
        "Ask me there for one from what everybody may see."
    )


class Briefs(PrivateWork[BriefJob]):
    """Makes briefs, and shows each to the person who asked for it."""

    words = (CommandWord("brief", "job", N_("a page on a topic, such as an event or a body"), takes="text"),)

    stop_action = BRIEF_STOP

    def __init__(self, services: WorkspaceServices) -> None:
        self._store = BriefStore.beside(services.question_store)
        super().__init__(services, self._store)

    async def begin(
        self, command: SlashCommand, event_id: str, ack: Callable[..., Awaitable[object]]
    ) -> None:
        """Claim a brief, say that it comes, and start to make it. Raises StoreError."""
        if not command.request.text:
            await ack(_how(command.name).text)
            return
        try:
            asked = replace(command.message, text=read_question(command.request.text))
        except QuestionError as error:
            await ack(explanation(error, "a brief").text)
            return
        progress = progress_message(asked.key)
        # In direct messages, a message that stays says so.
        shown = {} if asked.is_direct else {"text": progress.text, "blocks": list(progress.blocks)}
        claim = self._claim(BriefJob(asked, command.response_url), event_id)
        try:
            await claim_and_start(claim, self.runner.submit, partial(ack, **shown))
        except NotDone as refused:
            await ack()
            self._services.tell(Recipient.of(asked, command.response_url), refused.message)

    async def _claim(self, brief: BriefJob, event_id: str) -> Job[BriefJob] | None:
        """Claim a brief; None if it is claimed already. Raises NotDone, StoreError."""
        job = await self.runner.call(self._store.claim, brief, self.runner.holder, event_id)
        if job is None:
            return None
        if not await self.runner.call(self._store.is_first, job):
            await self.runner.withdraw(job.lease)
            raise NotDone(_one_at_a_time())
        cost = (_QUESTIONS - 1) * QUESTION_COST
        # It counts for what comes after it: what the request itself cost was there.
        self._services.budget.charge(brief.message.user, f"{job.lease.key}/brief", cost)
        return job

    def _progress(self, key: str, done: int = 0, count: int = 0) -> Message:
        return progress_message(key, done, count)

    def _ended(self) -> Message:
        return plain_message(_("This brief has ended already."))

    async def _show(self, job: Job[BriefJob]) -> None:
        """Show the brief to the person alone. Raises RetryLater, StoreUnavailable, LeaseLost."""
        clients, asked = self._services.clients, job.work.message
        to = Recipient.of(asked, job.work.response_url)
        if asked.is_direct and job.lease.term == 1:
            await reply_privately(clients, to, progress_message(job.lease.key))
        message = await self._result(job, lambda _done, _count: None)
        await self.runner.check(job.lease)
        await reply_privately(clients, to, message)

    async def _result(self, job: Job[BriefJob], report: Report) -> Message:
        """Return the brief, which is stored, or why there is none. Raises RetryLater, StoreUnavailable, LeaseLost."""
        asked = job.work.message
        if job.work.reply:
            message = Message(job.work.reply["text"], tuple(job.work.reply["blocks"]))
        elif job.exhausted:
            return _lost()
        else:
            try:
                brief, is_private = await self._make(job, report)
            except (StoreUnavailable, RetryLater):
                raise
            except Cancelled:
                return _stopped()
            except Exception as error:
                return explanation(error, "a brief")
            if not brief.parts:
                return brief_message(brief)
            message = brief_message(brief, await self._send_in_word(asked, brief, is_private=is_private))
            reply = {"text": message.text, "blocks": list(message.blocks)}
            await self.runner.call(self._store.save_reply, job.lease, reply)
        return with_share_button(message, asked.channel, f"answer {job.lease.key}")

    async def _make(self, job: Job[BriefJob], report: Report) -> tuple[Brief, bool]:
        """Return a brief from what its conversation may see, and whether that has documents of its own.

        Raises Cancelled, StoreError.
        """
        asked, loop, cancellation = job.work.message, asyncio.get_running_loop(), Cancellation()
        audience = of_channel(asked.team, asked.channel)

        def on_part(done: int, count: int) -> None:
            if cancellation.is_cancelled:
                raise Cancelled
            loop.call_soon_threadsafe(report, done, count)

        def work() -> tuple[Brief, bool]:
            is_private = self._services.has_own_documents(audience)
            with cancellation.of_this_work():
                brief = self._services.channel_data(audience).brief(asked.text, on_part)
            return brief, is_private or self._services.has_own_documents(audience)

        async with self._stops.of(job.lease.key, job.work.stopped) as stop:
            stopping = asyncio.create_task(stop.wait())
            working = loop.run_in_executor(self._threads, copy_context().run, work)
            either: list[asyncio.Future[Any]] = [working, stopping]
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not working.done():
                    raise Cancelled
                return working.result()
            finally:
                # Also where nobody waits for it any more, as the job is left.
                cancellation.cancel()
                working.cancel()
                stopping.cancel()

    async def _send_in_word(self, asked: SlackMessage, brief: Brief, *, is_private: bool) -> str:
        """Send a brief as a Word file to the person, and return what they are told of it."""
        try:
            channel = await self._services.open_direct(asked.user)
            if is_private and channel != asked.channel:
                return _kept_here()
            name = " ".join(re.findall(r"[\w()-]+", shorten(brief.topic, _NAME_CHARS)))
            topic = escape_short(brief.topic, _TITLE_CHARS)
            comment = _("{topic}, with its sources at the end", topic=topic)
            data = await asyncio.to_thread(in_word, brief)
            file = File(f"{name or 'brief'}.docx", shorten(brief.topic, _TITLE_CHARS), comment, data)
            await self._services.send_file(channel, file)
        except NotDone as error:
            return joined(_("I could not send this as a Word file."), error.message.text)
        return "" if channel == asked.channel else _("This is in our direct messages too, as a Word file.")
