"""Pages and feeds whose documents come by themselves: people name them, every bot looks at them by the clock.

A fetch is a job, so that of several bots one does it. Those who keep the library are told once of what is gone at its
source, and of a source that fails.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.locales import N_, _, and_more, commas, in_language, joined, ngettext, semicolons
from bot.register.wording import day
from bot.slack.core.errors import NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press, id_of, installed_team, now_in_slack
from bot.slack.core.people import is_public
from bot.slack.core.receiving import Routes, acknowledged
from bot.slack.core.sending.private_replies import Recipient
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    Message,
    button,
    context,
    header,
    one_line,
    plain_message,
    section,
)
from bot.slack.core.ui.messages import without_operator_steps
from bot.slack.core.ui.mrkdwn import escape, escape_short
from bot.slack.core.words import CommandWord, ParsedCommand
from bot.slack.manifest import WATCH_PAGE
from bot.telemetry import request_id
from ingest.errors import IngestError
from ingest.report import FetchReport
from store.audiences import Audience, channel_id, of_channel
from store.errors import NoStore
from store.jobs import (
    Fetch,
    FetchStore,
    Job,
    Notice,
    NoticeStore,
    SlackMessage,
    Source,
    SourceFile,
    SourceStore,
)
from store.records import EVERYBODY

SOURCE_END = "watch_end"

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
_LINK = re.compile(r"https?://[^\s<>|]+")
_FOR_EVERYBODY = re.compile(r"\s*\bfor (?:everybody|everyone)\s*$", re.IGNORECASE)


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
        why = escape_short(without_operator_steps(report.error or ""), _WHY_CHARS)
        return one_line(
            _("I could not fetch {name}: {reason}. I will try again later.", name=name, reason=why)
        )
    taken = [document.source for document in report.documents if document.status in ("new", "changed")]
    left = [document.source for document in report.documents if document.status == "failed"]
    if not taken and not left:
        return one_line(_("I found no document at {name} that I did not have.", name=name))
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
    return Message.of([section(line) for line in lines])


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


def failing_message(source: Source) -> Message:
    """Return that a source fails."""
    why = escape_short(without_operator_steps(source.problem), _WHY_CHARS)
    return one_line(
        _(
            "I cannot fetch {name}: {reason}. I keep its documents, and try again less and less often.",
            name=_link(source),
            reason=why,
        )
    )


def sources_message(sources: Sequence[tuple[Source, int]], command: str) -> Message:
    """Return the list of sources, each with its number of documents and a button that ends it.

    `command` is the slash command's name.
    """
    example = escape(f"{command} watch https://www.itu.int/…")
    how_to = _("Type `{example}` to have the documents of a page come by themselves.", example=example)
    if not sources:
        return one_line(how_to)
    lines: list[Block] = [
        {**section(_listed(source, count)), "accessory": button(_("Stop watching"), SOURCE_END, source.id)}
        for source, count in sources[:_MOST_LISTED]
    ]
    title = ngettext("I watch {count} page", "I watch {count} pages", len(sources))
    left = map(context, and_more(len(sources) - _MOST_LISTED))
    return Message.of([header(title), *lines, *left, context(how_to)])


def ended_message(source: Source) -> Message:
    """Return the confirmation that a page is watched no more."""
    return one_line(_("I no longer watch {name}. Its documents stay in my library.", name=_link(source)))


def not_watched() -> Message:
    """Return the message that a page is not watched any more."""
    return plain_message(_("I do not watch this page any more."))


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

    words = (
        CommandWord(
            "watch",
            "change",
            N_("pages whose documents come by themselves; `watch https://www.itu.int/…`"),
            "text",
        ),
    )

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
        """Route the shortcut, and the button that ends a watch."""
        routes.shortcut(WATCH_PAGE, self.watch_page)
        routes.press_stored(SOURCE_END, self.end)

    async def carry_out(self, message: SlackMessage, request: ParsedCommand) -> Message:
        """Begin to watch a page, or list the pages that are watched."""
        audience = of_channel(message.team, message.channel)
        if request.text:
            return await self._watch(request.text, audience, Recipient.of(message))
        return await asyncio.to_thread(self._list, audience)

    async def end(self, press: Press) -> Message:
        """End the watch of the page whose id is the value. Raises StoreError."""
        if refusal := await self._refusal(press.user):
            return refusal
        source = await asyncio.to_thread(self._sources.find, press.value)
        if source is None or source.audience not in (EVERYBODY, press.audience):
            return not_watched()
        await asyncio.to_thread(self._sources.remove, source)
        return ended_message(source)

    async def watch_page(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Watch the page that the message with the shortcut links."""
        message = body.get("message") or {}
        channel, ts = id_of(body, "channel"), str(message.get("ts") or "")
        origin = SlackMessage(
            installed_team(body),
            channel,
            now_in_slack(),
            str(message.get("thread_ts") or ts),
            id_of(body, "user"),
            "",
        )
        to = Recipient.of(origin, str(body.get("response_url") or ""))
        audience = of_channel(origin.team, channel)
        try:
            reply = await acknowledged(self._watch(str(message.get("text") or ""), audience, to), ack)
        except NotDone as refused:
            await ack()
            reply = refused.message
        self._services.tell(to, reply)

    async def _watch(self, text: str, here: Audience, to: Recipient) -> Message:
        """Add the source that a text names by its address, and a pattern behind it. Raises NotDone, StoreError."""
        if refusal := await self._refusal(to.user):
            return refusal
        found = _LINK.search(text)
        if found is None:
            return plain_message(_("There is no web address. Name the page that lists the documents."))
        rest = text[found.end() :] if text.startswith(found[0]) else ""
        is_for_everybody = _FOR_EVERYBODY.search(rest) is not None
        pattern = _FOR_EVERYBODY.sub("", rest).strip()[:_NAME_CHARS]
        try:
            url = self._services.options.source_address(found[0].rstrip(".,;)"))
        except IngestError as error:
            why = without_operator_steps(str(error))
            return plain_message(_("I cannot watch this page: {reason}.", reason=why))
        if is_for_everybody or await is_public(self._services.clients.retrying, channel_id(here)):
            here = EVERYBODY
        added = await asyncio.to_thread(self._add, url, pattern, here)
        if isinstance(added, Message):
            return added
        self._waiting[added.id] = to
        self._services.tasks.start(self._begin(added))
        return watching_message(added)

    def _add(self, url: str, pattern: str, audience: Audience) -> Source | Message:
        """Return the source that was added, or why it was not."""
        present = self._sources.all(frozenset({audience}))
        same = next((known for known in present if (known.url, known.pattern) == (url, pattern)), None)
        if same is not None:
            return one_line(_("I watch {name} already.", name=_link(same)))
        if len(present) >= _MOST_SOURCES:
            return plain_message(_("I watch too many pages here already. Please end one of them first."))
        return self._sources.add_unnamed(url, audience, pattern=pattern)

    async def _refusal(self, user: str) -> Message | None:
        line = await self._services.library_users.refusal(user, _("add documents to my library"))
        return one_line(line) if line else None

    def _list(self, here: Audience) -> Message:
        found = self._sources.all(frozenset({EVERYBODY, here}))
        counts = [sum(bool(file.given) for file in self._sources.files(source)) for source in found]
        return sources_message(list(zip(found, counts, strict=True)), self._services.options.settings.command)

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
        job = await self.runner.call(self._fetches.claim, source, self.runner.holder)
        if job is not None:
            self.runner.submit(job)

    async def _fetch(self, job: Job[Fetch]) -> None:
        """Fetch a source whose job this process has, and say what came to the person who waits for it."""
        request_id.bind_key(job.lease.key)
        source = await self.runner.call(self._sources.find, job.work.source)
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
                    message = (
                        gone_message(source, names, self._last_day(gone)) if gone else failing_message(source)
                    )
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
