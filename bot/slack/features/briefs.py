"""Briefs: one page on a topic for the person who asks, with a Word file.

A brief is a job: one that a killed bot was making is made by the next one. Once it is made it is stored, so that it can
be shown again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answering.question import read_question
from bot.answering.remarks import nearest
from bot.briefs.brief import Brief, BriefLine
from bot.briefs.wording import as_of_line, in_word, nothing_on, remarks
from bot.cancellation import Cancelled
from bot.drafts.wording import cited
from bot.errors import QuestionError
from bot.locales import _, and_more, joined, quoted
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import InvalidForm, NotDone, explanation
from bot.slack.core.payloads import Press
from bot.slack.core.private_work import PrivateWork, Report
from bot.slack.core.receiving import Routes
from bot.slack.core.services import Arrival, WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    File,
    Message,
    button,
    context,
    fitting,
    pack_lines,
    plain_message,
    section,
)
from bot.slack.core.ui.forms import entered, input_field, modal, typed
from bot.slack.core.ui.mrkdwn import escape_short, shorten
from store.errors import StoreUnavailable
from store.jobs import BriefJob, BriefStore, Job, RetryLater
from store.records import Citation

BRIEF_OPEN, BRIEF_FORM, BRIEF_STOP = "brief_open", "brief_form", "brief_stop"

_FIELD = "topic"
# What is typed as a topic.
_TOPIC_CHARS = 300

# A brief costs as much as so many questions.
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


def brief_form(press: Press) -> Block:
    """Return the form for the topic of a brief."""
    topic = {"type": "plain_text_input", "max_length": _TOPIC_CHARS}
    hint = _("An event, a body or a subject, such as “Summit of the Future”.")
    return modal(
        BRIEF_FORM,
        _("Write a brief"),
        [input_field(_FIELD, _("Topic"), topic, hint=hint)],
        submit=_("Write"),
        close=_("Cancel"),
        known={"channel": press.channel, "response_url": press.response_url},
    )


class Briefs(PrivateWork[BriefJob]):
    """Makes briefs, each for the person who asked for it."""

    stop_action = BRIEF_STOP
    is_stored = True

    def __init__(self, services: WorkspaceServices) -> None:
        self._store = BriefStore.beside(services.question_store)
        super().__init__(services, self._store)

    def add_routes(self, routes: Routes) -> None:
        """Route the button that opens the form, the form, and the button that stops a brief."""
        super().add_routes(routes)
        routes.press(BRIEF_OPEN, self.open_form)
        routes.form(BRIEF_FORM, self.submit)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that opens the form."""
        return [button(_("Write a brief"), BRIEF_OPEN, BRIEF_OPEN)]

    async def open_form(self, press: Press) -> None:
        """Open the form for a topic. Raises NotDone."""

        async def form() -> Block:
            return brief_form(press)

        await self._services.open_window(press, form())

    async def submit(self, press: Press) -> Message:
        """Claim the brief of a form, and start to make it. Raises InvalidForm, StoreError."""
        try:
            topic = read_question(typed(entered(press.view)[_FIELD]))
        except QuestionError as error:
            raise InvalidForm({_FIELD: f"{error}."}) from error
        brief = BriefJob(replace(press.asked, text=topic), press.response_url)
        job = await self.runner.call(self._store.claim, brief, self.runner.holder, press.view["id"])
        if job is None:
            return plain_message(_("This brief is being written."))
        if not await self.runner.call(self._store.is_first, job):
            await self.runner.withdraw(job.lease)
            raise InvalidForm(
                {_FIELD: _("Another brief of yours is being written. Wait for it, or stop it.")}
            )
        self._services.budget.charge(press.user, job.lease.key, _QUESTIONS * QUESTION_COST)
        self.runner.submit(job)
        return plain_message(_("I am writing the brief. You will find it in our messages."))

    def _progress_line(self, done: int, count: int) -> str:
        if count:
            return _("Parts written: {done} of {count}", done=done, count=count)
        return _("Reading the documents …")

    def _title(self, job: Job[BriefJob]) -> str:
        return _("Brief: {topic}", topic=job.work.message.text)

    def _arrived(self) -> str:
        return _("Your brief is in our messages")

    async def _result(self, job: Job[BriefJob], arrival: Arrival, report: Report) -> Message:
        """Return the brief, which is stored, or why there is none. Raises RetryLater, StoreUnavailable, LeaseLost."""
        if job.work.content:
            return Message(job.work.content["text"], tuple(job.work.content["blocks"]))
        if job.exhausted:
            return plain_message(_("This brief was interrupted twice, and is lost. Please ask for it again."))

        def work(on_part: Report) -> Brief:
            return self._services.channel_data(arrival.audience).brief(job.work.message.text, on_part)

        try:
            brief = await self._until_stopped(job, work, report)
        except (StoreUnavailable, RetryLater):
            raise
        except Cancelled:
            return plain_message(_("Stopped; the brief is not made."))
        except Exception as error:
            return explanation(error, "a brief")
        if not brief.parts:
            return brief_message(brief)
        message = brief_message(brief, await self._send_in_word(arrival, brief))
        content = {"text": message.text, "blocks": list(message.blocks)}
        await self.runner.call(self._store.change, job.lease, content=content)
        return message

    async def _send_in_word(self, arrival: Arrival, brief: Brief) -> str:
        """Send a brief as a Word file in direct messages, and return what the person is told of it."""
        if arrival.alone:
            return _("There is no Word file of it, as it may quote documents of this conversation.")
        name = " ".join(re.findall(r"[\w()-]+", shorten(brief.topic, _NAME_CHARS)))
        topic = escape_short(brief.topic, _TITLE_CHARS)
        comment = _("{topic}, with its sources at the end", topic=topic)
        data = await asyncio.to_thread(in_word, brief)
        file = File(f"{name or 'brief'}.docx", shorten(brief.topic, _TITLE_CHARS), comment, data)
        try:
            await self._services.send_file(arrival.message.channel, file)
        except NotDone as error:
            return joined(_("I could not send this as a Word file."), error.message.text)
        return ""
