"""Pages and feeds whose documents come by themselves: people name them, every bot looks at them by the clock.

A fetch is a job, so that of several bots one does it. Those who keep the library are told once of what is gone at its
source, and of a source that fails.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.locales import _, and_more, commas, in_language, joined, ngettext, semicolons
from bot.register.wording import day
from bot.slack.core.errors import InvalidForm, NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.people import is_public
from bot.slack.core.receiving import Routes
from bot.slack.core.sending.private_replies import Recipient
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    Message,
    button,
    context,
    one_line,
    option,
    section,
)
from bot.slack.core.ui.forms import entered, input_field, modal, typed
from bot.slack.core.ui.messages import without_operator_steps
from bot.slack.core.ui.mrkdwn import escape_short
from bot.telemetry import request_id
from ingest.errors import IngestError
from ingest.report import FetchReport
from store.audiences import Audience, channel_id
from store.errors import NoStore
from store.jobs import (
    Fetch,
    FetchStore,
    Job,
    Notice,
    NoticeStore,
    Source,
    SourceFile,
    SourceStore,
)
from store.records import EVERYBODY

WATCH_OPEN, WATCH_FORM, SOURCE_END = "watch_open", "watch_form", "watch_end"

_LOG = logging.getLogger(__name__)

# Failures of a source in a row before those who keep the library hear of it.
_TELLING_FAILURES = 3
# The most sources of one conversation, and of everybody: each costs requests every few hours.
_MOST_SOURCES = 50
_MOST_NAMED = 8
_MOST_TOLD = 20
_NAME_CHARS = 120
_URL_CHARS = 300
_WHY_CHARS = 300
# A line may have 800 characters, of a message's 13,000.
_MOST_LISTED = 15


def watching_message(source: Source) -> Message:
    """Return the confirmation that a page is watched."""
    text = _("I watch {name}: I look at it now, and then every six hours.", name=_link(source))
    if source.audience != EVERYBODY:
        text = joined(text, _("What I find is used only in this conversation."))
    return Message.of([section(text)])


def found_message(source: Source, report: FetchReport) -> Message:
    """Return what the first fetch of a page gave."""
    name = _link(source)
    if report.status in ("failed", "gone"):
        return failing_message(source, report.error or "")
    taken = [document.source for document in report.documents if document.status in ("new", "changed")]
    left = [document.source for document in report.documents if document.status == "failed"]
    lines = []
    if taken:
        lines.append(
            ngettext(
                "{count} document from {name} is in my library now: {documents}",
                "{count} documents from {name} are in my library now: {documents}",
                len(taken),
                name=name,
                documents=_named(taken),
            )
        )
    if left:
        lines.append(
            ngettext(
                "{count} file could not be read: {documents}",
                "{count} files could not be read: {documents}",
                len(left),
                documents=_named(left),
            )
        )
    found_none = _("I found no document at {name} that I did not have.", name=name)
    return Message.of([section(line) for line in lines or [found_none]])


def gone_message(source: Source, names: Sequence[str], until: date) -> Message:
    """Return that documents are gone at their source, and until when answers come from them."""
    text = ngettext(
        "{count} document is gone at its source {name}: {documents}. I answer from it until {day}.",
        "{count} documents are gone at their source {name}: {documents}. I answer from them until {day}.",
        len(names),
        name=_link(source),
        documents=_named(names),
        day=day(until),
    )
    return one_line(text)


def failing_message(source: Source, problem: str) -> Message:
    """Return that a source fails, and why."""
    why = escape_short(without_operator_steps(problem), _WHY_CHARS)
    text = _(
        "I cannot fetch {name}: {reason}. I keep its documents, and try again less and less often.",
        name=_link(source),
        reason=why,
    )
    return one_line(text)


def sources_view(sources: Sequence[tuple[Source, int]], channel: str, *notes: str) -> Block:
    """Return the window with the sources, each with its number of documents, and the form for another one.

    `channel` is the conversation that sees what they give, "" for everybody.
    """
    lines: list[Block] = [
        {**section(_listed(source, count)), "accessory": button(_("Stop watching"), SOURCE_END, source.id)}
        for source, count in sources[:_MOST_LISTED]
    ]
    address, pattern = {"type": "plain_text_input"}, {"type": "plain_text_input", "max_length": _NAME_CHARS}
    only = _("A part of the names of the files, such as *.docx; without one, all of them.")
    everybody = {"type": "checkboxes", "options": [option("yes", _("Everybody may see what it gives"))]}
    fields = [
        input_field("address", _("Address of a page"), address, hint=_("Its documents come by themselves.")),
        input_field("pattern", _("Only files named"), pattern, optional=True, hint=only),
        *([input_field("everybody", _("Who can see it"), everybody, optional=True)] if channel else []),
    ]
    blocks = [*map(section, notes), *lines, *map(context, and_more(len(sources) - _MOST_LISTED)), *fields]
    return modal(
        WATCH_FORM,
        _("Watched pages"),
        blocks,
        submit=_("Watch"),
        close=_("Close"),
        known={"channel": channel},
    )


def _listed(source: Source, documents: int) -> str:
    facts = [ngettext("{count} document", "{count} documents", documents)]
    if source.pattern:
        facts.append(_("only {pattern}", pattern=escape_short(source.pattern, _NAME_CHARS)))
    if source.audience != EVERYBODY:
        facts.append(_("used only in this conversation"))
    if source.problem:
        facts.append(escape_short(without_operator_steps(source.problem), _WHY_CHARS))
    return f"*{escape_short(source.name, _NAME_CHARS)}* {_link(source)}: {semicolons(facts)}"


def _link(source: Source) -> str:
    """Return the address of a source for anybody: a query may give access, and a folder is the operator's."""
    address, _mark, query = source.url.partition("?")
    return escape_short(f"{address}{'?…' if query else ''}" if source.is_web else source.name, _URL_CHARS)


def _named(names: Sequence[str]) -> str:
    shown = [escape_short(name, _NAME_CHARS) for name in names[:_MOST_NAMED]]
    return commas([*shown, *and_more(len(names) - _MOST_NAMED)])


class Watching(Feature):
    """Begins, lists and ends the watch of pages, fetches what is due, and tells what is gone or fails."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._sources = SourceStore.beside(services.question_store)
        self._fetches = FetchStore.beside(services.question_store)
        self._notices = NoticeStore.beside(services.question_store)
        # An ingest takes much memory: one at a time in this process.
        self._turn = asyncio.Lock()
        # Who is told what the first fetch of a source gave, by its id.
        self._waiting: dict[str, Recipient] = {}
        self.runner = services.runner
        # The next process goes on with the fetches.
        self.runner.do(self._fetches, self._fetch, is_patient=lambda: False)

    def add_routes(self, routes: Routes) -> None:
        """Route the button that opens the window, and what is in it."""
        routes.press(WATCH_OPEN, self.open)
        routes.form(WATCH_FORM, self.submit)
        routes.press_stored(SOURCE_END, self.end)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that opens the window."""
        return [button(_("Watched pages"), WATCH_OPEN, WATCH_OPEN)] if keeps_library else []

    async def open(self, press: Press) -> None:
        """Open the window with the pages that are watched. Raises NotDone, StoreError."""
        await self._services.open_window(press, self._view(press))

    async def submit(self, press: Press) -> Message:
        """Begin to watch the page of the form. Raises InvalidForm, NotDone, StoreError."""
        await self._must_keep_library(press.user)
        values = entered(press.view)
        everybody = not press.channel or bool(values["everybody"].get("selected_options"))
        everybody = everybody or await is_public(self._services.clients.retrying, press.channel)
        audience = EVERYBODY if everybody else press.audience
        try:
            url = self._services.options.source_address(typed(values["address"]))
        except IngestError as error:
            why = without_operator_steps(str(error))
            refusal = _("This page cannot be watched: {reason}.", reason=why)
            raise InvalidForm({"address": refusal}) from error
        added = await asyncio.to_thread(self._add, url, typed(values["pattern"]), audience)
        self._waiting[added.id] = replace(press.recipient, response_url="")
        self._services.tasks.start(self._begin(added))
        return watching_message(added)

    async def end(self, press: Press) -> None:
        """End the watch of the page whose id is the value. Raises NotDone, StoreError."""
        await self._must_keep_library(press.user)
        source = await asyncio.to_thread(self._sources.find, id=press.value)
        note = _("This page is not watched any more.")
        if source is not None and source.audience in (EVERYBODY, press.audience):
            await asyncio.to_thread(self._sources.remove, source)
            note = _("{name} is no longer watched. Its documents stay in the library.", name=_link(source))
        await self._services.update_window(press.view, await self._view(press, note))

    def _add(self, url: str, pattern: str, audience: Audience) -> Source:
        """Return the source that was added. Raises InvalidForm."""
        present = self._sources.all(audience=audience)
        if any((known.url, known.pattern) == (url, pattern) for known in present):
            raise InvalidForm({"address": _("This page is watched already.")})
        if len(present) >= _MOST_SOURCES:
            raise InvalidForm({"address": _("Too many pages are watched here. Please end one first.")})
        return self._sources.add_unnamed(url, audience, pattern=pattern)

    async def _must_keep_library(self, user: str) -> None:
        line = await self._services.library_users.refusal(user, _("add documents to my library"))
        if line:
            raise NotDone(one_line(line))

    async def _view(self, press: Press, *notes: str) -> Block:
        # Checked again: the person may have lost the right since the button was shown.
        await self._must_keep_library(press.user)

        def read() -> Block:
            found = [
                source for source in self._sources.all() if source.audience in (EVERYBODY, press.audience)
            ]
            counts = [sum(bool(file.given) for file in self._sources.files(source)) for source in found]
            return sources_view(list(zip(found, counts, strict=True)), press.channel, *notes)

        return await asyncio.to_thread(read)

    async def review(self, now: datetime) -> None:
        """Begin the fetches that are due, and tell those who keep the library what they do not know yet."""
        for source in await asyncio.to_thread(self._sources.all):
            if source.due_at <= now.timestamp():
                await self._begin(source)
        for source, gone in await asyncio.to_thread(self._sources.unsaid, _TELLING_FAILURES):
            if self._is_told_here(source):
                await self._tell(source, gone)

    async def _begin(self, source: Source) -> None:
        """Claim the next fetch of a source and start it, unless another process has it. Raises StoreError."""
        job = await self.runner.call(self._fetches.take, source, self.runner.holder)
        if job is not None:
            self.runner.submit(job)

    async def _fetch(self, job: Job[Fetch]) -> None:
        """Fetch a source whose job this process has, and say what came to the person who waits for it."""
        request_id.bind_key(job.lease.key)
        source = await self.runner.call(self._sources.find, id=job.work.source)
        if source is None:
            return await self.runner.call(self._fetches.mark_done, job.lease)
        if job.exhausted:
            ended = source.failed("it failed twice inside me", self._services.options.clock().timestamp())
            return await self.runner.call(self._fetches.finish, job.lease, ended)
        async with self._turn:
            report = await self._services.options.fetch(source, job.lease)
        _LOG.info("the source %s: %s, %d documents", source.id, report.status, len(report.documents))
        if (to := self._waiting.pop(source.id, None)) is not None:
            with in_language(await self._services.people.language(to.user)):
                self._services.tell(to, found_message(source, report))

    def _is_told_here(self, source: Source) -> bool:
        """Whether this workspace is the one of the source; of one for everybody, the first one is."""
        return source.team == self._services.team or (not source.team and self._services.is_first)

    async def _tell(self, source: Source, gone: Sequence[SourceFile]) -> None:
        """Store a notice for each who keeps the library, or for the conversation of the source. Raises StoreError."""
        names = await asyncio.to_thread(self._answered_from, source, gone)
        if names or not gone:
            marks = " ".join([str(source.fetches), *(file.url for file in gone)])
            key = f"source/{source.id}/{hashlib.sha256(marks.encode()).hexdigest()[:16]}"
            for user, channel in await self._recipients(source):
                with in_language(await self._services.language_of(channel, user)):
                    message = failing_message(source, source.problem)
                    if gone:
                        message = gone_message(source, names, self._last_day(gone))
                notice = Notice(self._services.team, channel, message.text, message.blocks, user)
                await asyncio.to_thread(self._notices.put, f"{key}/{channel}", notice)
        await asyncio.to_thread(self._sources.mark_told, source, gone)

    def _answered_from(self, source: Source, gone: Sequence[SourceFile]) -> list[str]:
        """Return the documents that come from the files that are gone."""
        given = {(file.given, file.given_at) for file in gone}
        with suppress(NoStore):
            documents = self._services.channel_data(source.audience).documents()
            own = [document for document in documents if document.audience == source.audience]
            return [d.source for d in own if (d.original, d.sent_at) in given]
        return []

    def _last_day(self, gone: Sequence[SourceFile]) -> date:
        kept = timedelta(days=self._services.options.settings.sources_kept_days)
        return min(file.missing_on for file in gone if file.missing_on is not None) + kept

    async def _recipients(self, source: Source) -> list[tuple[str, str]]:
        """Return who is told about a source: user and channel."""
        if source.audience != EVERYBODY:
            return [("", channel_id(source.audience))]
        found = []
        for user in (await self._services.library_users.people())[:_MOST_TOLD]:
            with suppress(NotDone):
                found.append((user, await self._services.open_direct(user)))
        return found
