"""The sources of an answer, or the passages nearest to a question: a window with each, and the file of its document.

Slack takes a modal within three seconds of the press, so nothing here waits for long.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from bot.locales import _, joined
from bot.official_pages import with_pages
from bot.register.wording import document_date
from bot.safe_text import visible
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.people import is_public
from bot.slack.core.receiving import Routes
from bot.slack.core.sending.clients import FAILURES, error_code
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    File,
    actions,
    button,
    context,
    menu,
    option,
    section,
)
from bot.slack.core.ui.forms import known, modal
from bot.slack.core.ui.messages import store_error_text
from bot.slack.core.ui.mrkdwn import escape, escape_short, linked, shorten
from bot.slack.core.ui.source_lines import SOURCE_OPEN
from bot.sources import SourcePage, find_quote, is_cited
from store.audiences import of_channel
from store.errors import StoreError
from store.jobs import AnswerRecord
from store.records import EVERYBODY, Citation, Document, Section

SOURCE_CHOOSE, SOURCE_FILE = "source_choose", "source_file"
SOURCE_TURN = re.compile(r"source_(?:previous|next|cited)")

# Options of a list are 100 in Slack.
_MOST_OPTIONS = 100
# The text of an option.
_OPTION_CHARS = 60
_FACTS_CHARS = 300
_LINE_CHARS = 1_000
# One block of the cited paragraph, and all of them.
_PART_CHARS = 2_800
_PARAGRAPH_CHARS = 28_000
# What is shown of a longer paragraph before its quote.
_LEAD_CHARS = 1_000

_LOG = logging.getLogger(__name__)
# Members of a channel that one call returns: the most that Slack takes.
_MEMBERS_PAGE = 999


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """A source of an answer, as buttons and the modal name it: the question's key, and the source's number.

    `channel` is where the button was pressed.
    """

    key: str
    marker: int
    channel: str = ""


def source_view(
    place: SourcePlace,
    record: AnswerRecord,
    page: SourcePage | None,
    *,
    note: str = "",
) -> Block:
    """Return the modal with one paragraph, and at its end what is said of the whole answer.

    `note` is a line on what was done last.
    """
    citations = record.citations
    citation = next(citation for citation in citations if citation.marker == place.marker)
    blocks = [_head(citation, page)]
    if len(citations) > 1:
        blocks[0] |= {"accessory": _choice(citations, citation)}
    if page is None:
        blocks.append(section(_("This document is not in the library any more, or not for this channel.")))
    elif page.section is None or page.shown is None:
        blocks += _gone(citation, page.live)
    else:
        blocks += _paragraph(citation, page, page.section, page.shown)
    document = page and page.shown
    if document and document.original:
        blocks.append(actions(button(_("Send me the original file"), SOURCE_FILE, SOURCE_FILE)))
    blocks += [context(escape_short(line, _LINE_CHARS)) for line in (note, record.details) if line]
    title = _("Source [{number}]", number=place.marker) if record.answered else _("Nearest passages")
    return modal("source", title, blocks, known=asdict(place))


def _choice(citations: Sequence[Citation], chosen: Citation) -> Block:
    options = {
        citation.marker: option(
            str(citation.marker),
            shorten(visible(f"[{citation.marker}] § {citation.section} {citation.heading}"), _OPTION_CHARS),
        )
        for citation in citations[:_MOST_OPTIONS]
    }
    initial = {"initial_option": options[chosen.marker]} if chosen.marker in options else {}
    return {**menu(_("Another source"), SOURCE_CHOOSE, list(options.values())), **initial}


def _head(citation: Citation, page: SourcePage | None) -> Block:
    document = page and (page.shown or page.live)
    title = (document.title or document.source) if document else citation.document or citation.source
    name = linked(citation.symbol or citation.source, _FACTS_CHARS)
    facts = name
    if document:
        facts = _(
            "{document}, {date}, version {version}",
            document=name,
            date=document_date(document),
            version=document.version,
        )
    return section(f"*{escape_short(title, _FACTS_CHARS)}*\n{facts}")


def _gone(citation: Citation, live: Document) -> Iterator[Block]:
    number, version = escape_short(citation.section, _FACTS_CHARS), citation.version
    cited = (
        _(
            "The answer cites § {number} of version {version}, which is no longer stored.",
            number=number,
            version=version,
        )
        if version
        else _("The answer cites § {number}, which is no longer stored.", number=number)
    )
    present = _("I have version {version}.", version=live.version)
    yield section(joined(cited, present))
    if citation.quote:
        yield from _rich_text(visible(citation.quote), 0, len(visible(citation.quote)))


def _paragraph(citation: Citation, page: SourcePage, own: Section, shown: Document) -> Iterator[Block]:
    if line := _version_line(citation, page, shown):
        yield context(escape(line))
    body, start, end = find_quote(own, citation.quote) if own.id == citation.section_id else (own.text, 0, 0)
    place = f"§ {own.number} {own.heading}".strip()
    if own.page is not None:
        place = _("{paragraph}, p. {page}", paragraph=place, page=own.page)
    yield section(f"*{escape_short(place, _FACTS_CHARS)}*")
    yield from _rich_text(body, start, end)
    turns = [
        (_("Previous paragraph"), "source_previous", page.before),
        (_("Next paragraph"), "source_next", page.after),
    ]
    buttons = [button(text, action, near.id) for text, action, near in turns if near is not None]
    if own.id != citation.section_id:
        buttons.append(button(_("Back to the cited one"), "source_cited", citation.section_id))
    if buttons:
        yield actions(*buttons)


def _version_line(citation: Citation, page: SourcePage, shown: Document) -> str:
    """Return what has become of the cited version, "" if it is the present one."""
    lines = []
    if not is_cited(shown, citation) and citation.version:
        lines.append(
            _("The answer cites version {version}, which is no longer stored.", version=citation.version)
        )
    if shown.version != page.live.version:
        lines.append(_("This is version {version}.", version=shown.version))
        lines.append(_newer(page.live, unchanged=page.still_there))
    return joined(*lines)


def _newer(live: Document, *, unchanged: bool) -> str:
    """Return what has become of a paragraph in the present version."""
    if unchanged:
        return _("The newer version {version} has this paragraph unchanged.", version=live.version)
    return _("The newer version {version} has changed this paragraph or left it out.", version=live.version)


def _rich_text(body: str, start: int, end: int) -> Iterator[Block]:
    """Yield `body` with the part from `start` to `end` in bold, in as many blocks as it needs."""
    first = max(0, start - _LEAD_CHARS) if len(body) > _PARAGRAPH_CHARS else 0
    last = min(len(body), first + _PARAGRAPH_CHARS)
    for part in range(first, last, _PART_CHARS):
        until = min(part + _PART_CHARS, last)
        cuts = sorted({part, until, *(at for at in (start, end) if part < at < until)})
        pieces = [(body[a:b], start <= a and b <= end) for a, b in pairwise(cuts)]
        if part == first > 0:
            pieces.insert(0, ("… ", False))
        if until == last < len(body):
            pieces.append((" …", False))
        texts = [
            _text(shown, page, bold=bold)
            for text, bold in pieces
            for shown, page in with_pages(visible(text))
        ]
        if texts:
            yield {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": texts}]}


def _text(text: str, page: str | None, *, bold: bool) -> Block:
    kind = {"type": "link", "url": page} if page else {"type": "text"}
    return {**kind, "text": text, **({"style": {"bold": True}} if bold else {})}


class Sources(Feature):
    """Shows the sources of answers, and sends the files of documents to those who ask for them."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._options = services.options

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons below answers and in the modal."""
        routes.press(SOURCE_OPEN, self.open)
        routes.press(SOURCE_CHOOSE, self.choose)
        routes.press(SOURCE_TURN, self.turn)
        routes.press(SOURCE_FILE, self.send_file, cost=QUESTION_COST)

    async def open(self, press: Press) -> None:
        """Open the modal of a source."""
        marker, _, key = press.value.partition(" ")
        making = self._view(SourcePlace(key, int(marker), press.channel))
        await self._services.open_window(press, making)

    async def choose(self, press: Press) -> None:
        """Show another source of the answer in the modal."""
        await self._update(press, replace(await self._place(press), marker=int(press.value)))

    async def turn(self, press: Press) -> None:
        """Show another paragraph of the document in the modal."""
        await self._update(press, await self._place(press), press.value)

    async def send_file(self, press: Press) -> None:
        """Send the original file of the shown source to the user alone."""
        place = await self._place(press)
        page = (await asyncio.to_thread(self._read, place))[1]
        document = page.shown if page else None
        if document is None or document.original is None:
            return await self._update(press, place, note=_("I have no file of this document."))
        try:
            note = await self._send(press.user, document, document.original)
        except NotDone as error:
            note = error.message.text
        except StoreError as error:
            _LOG.warning("the file of %s was not sent: %s", document.source, error)
            note = _("The file was not sent: {reason}.", reason=store_error_text(error))
        await self._update(press, place, note=note)

    async def _send(self, user: str, document: Document, digest: str) -> str:
        """Send a document's file to a user; return what they are told. Raises NotDone, StoreError."""
        name = document.source.partition("/")[0]
        title = document.title or name
        channel = await self._services.open_direct(user)
        async with self._options.sending:
            with await asyncio.to_thread(self._options.storage.open, digest) as content:
                await self._services.send_file(channel, File(name, title, escape(title), content))
        return _("The file is in your direct messages with me.")

    async def _place(self, press: Press) -> SourcePlace:
        """Return the source that the modal shows, without its channel if that is private and the person has left it."""
        place = SourcePlace(**known(press.view))
        client = self._services.clients.retrying
        if place.channel.startswith("D") or await is_public(client, place.channel):
            return place
        try:
            async for page in await client.conversations_members(channel=place.channel, limit=_MEMBERS_PAGE):
                if press.user in (page.get("members") or []):
                    return place
        except FAILURES as error:
            _LOG.info("the members of %s are not known: %s", place.channel, error_code(error))
        return replace(place, channel="")

    async def _update(self, press: Press, place: SourcePlace, section_id: str = "", note: str = "") -> None:
        await self._services.update_window(press.view, await self._view(place, section_id, note))

    async def _view(self, place: SourcePlace, section_id: str = "", note: str = "") -> dict[str, Any]:
        record, page = await asyncio.to_thread(self._read, place, section_id)
        if record is None or not record.citations:
            why = (
                _(
                    "This answer is too old: I keep what an answer cites for 30 days. Please ask the question again."
                )
                if record is None
                else _("Nothing is stored on the sources of this answer. Please ask the question again.")
            )
            return modal("source", _("Source"), [section(why)])
        return source_view(place, record, page, note=note)

    def _read(
        self, place: SourcePlace, section_id: str = ""
    ) -> tuple[AnswerRecord | None, SourcePage | None]:
        """Return the record of an answer, None if it is forgotten, and the paragraph that is to be shown.

        What is shown is for the channel of the answer; a button that is pressed elsewhere shows what is for everybody.
        """
        question = self._services.question_store.answered(place.key)
        if question is None:
            return None, None
        record = question.record or AnswerRecord(answered=False)
        citation = next((one for one in record.citations if one.marker == place.marker), None)
        if citation is None:
            return replace(record, citations=()), None
        asked = question.message
        audience = of_channel(asked.team, asked.channel) if place.channel == asked.channel else EVERYBODY
        return record, self._services.channel_data(audience).source(citation, section_id)
