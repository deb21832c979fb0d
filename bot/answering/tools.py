"""The five look-ups: numbered, citable items over one view of the store, for one audience, as of one day. Read-only.

Our own model calls them, the plain answerer, the commands, and other assistants over MCP (`bot/mcp/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from bot.answering.citations import citation, entry_citations
from bot.answering.items import Item, overlap, paragraph
from bot.answering.paragraphs import Paragraph, Paragraphs
from bot.errors import QuestionError, UnknownDocument
from bot.languages import question_language
from bot.locales import _, commas, language, ngettext, noted
from bot.register import RegisterEntry
from bot.register.agenda import in_order, is_in_period, was_in_period
from bot.register.period import Period, read_period
from bot.register.topics import on_topic
from bot.register.wording import document_date, entry_sentence
from bot.telemetry.spans import span
from store.records import Document, Hit, Kind
from store.search import SearchResult, SearchView
from store.terms import words

if TYPE_CHECKING:
    from bot.changes import Changes

# Paragraphs of a search; its first ones are those of which the register's lines are shown beside them.
HITS = 10
# Of a topic that no entry names, the entries of so many paragraphs that the search finds are listed.
_HITS_OF_TOPIC = 5
_LEAST_COSINE_OF_TOPIC = 0.4
# Lines of one list, and words of a heading's first paragraph.
MOST_LINES = 40
# Changes of one look-up: each may have two paragraphs.
_MOST_CHANGES = 12
_FIRST_WORDS = 40
# Two paragraphs say nearly the same if one has this share of the other's words.
_SAME = 0.6

EventStatus = Literal["", "past", "moved", "all"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up gives: its items in order, and how many more there are."""

    items: tuple[Item, ...] = ()
    left_out: int = 0
    reason: str = ""
    """Why there are no items, if a look-up says it."""
    search: SearchResult | None = None
    """What a search found, with its scores; None for other look-ups."""

    @property
    def note(self) -> str:
        """A line on what is not among the items, "" if nothing is missing."""
        left = self.left_out
        more = ngettext("{count} more is not shown.", "{count} more are not shown.", left)
        return self.reason or (more if left else "")


class Tools:
    """Look-ups for one question, in one thread. All raise StoreError, and QuestionError for arguments that say nothing.

    The words of computed items are in the language in use. `release` ends the view's transaction, as `SearchView` does.
    """

    def __init__(
        self,
        view: SearchView,
        register_of: Callable[[SearchView], Sequence[RegisterEntry]],
        changes_of: Callable[[str | None], Changes],
        as_of: date,
    ) -> None:
        self.view = view
        self.as_of = as_of
        self._register_of = register_of
        self._changes_of = changes_of

    @property
    def register(self) -> Sequence[RegisterEntry]:
        """Every entry of the register, with its status as of the day."""
        return self._register_of(self.view)

    @property
    def documents(self) -> Sequence[Document]:
        """The documents, the newest first."""
        return sorted(self.view.documents, key=lambda d: d.date or date.min, reverse=True)

    @cached_property
    def paragraphs(self) -> Paragraphs:
        """The paragraphs of the live documents, by their URIs."""
        return Paragraphs(self.view)

    def release(self) -> None:
        """End the transaction; called before a model is asked, which takes seconds."""
        self.view.release()
        self.__dict__.pop("paragraphs", None)

    def search(self, text: str, spoken: str | None = None) -> Found:
        """Return the paragraphs nearest to some words, the best first.

        They are in the language `spoken`, by default the one that they seem to be in. Where two documents speak of the
        same, with nearly the same score, the newer one comes first.
        """
        if not words(text):
            raise QuestionError(_("there is nothing to search for; give some words"))
        with span("retrieval"):
            found = self.view.search(text, language=spoken or question_language(text), count=HITS)
        best = {s.hit.section.id: s for s in sorted(found.sentences, key=lambda s: s.cosine)}
        items = tuple(
            paragraph(hit, (near.start, near.end) if (near := best.get(hit.section.id)) else None)
            for hit in found.hits
        )
        return Found(_newest_first(items) if len(found.documents) > 1 else items, search=found)

    def dated_in(self, hits: Sequence[Hit]) -> list[RegisterEntry]:
        """Return the register's entries that some paragraphs date, in the order of the paragraphs."""
        places = {hit.section.id: place for place, hit in enumerate(hits)}
        found = [
            (min(own), entry)
            for entry in self.register
            if (own := [places[m.section_id] for m in entry.mentions if m.section_id in places])
        ]
        found.sort(key=lambda row: row[0])
        return [entry for _place, entry in found]

    def fetch(self, name: str) -> Found:
        """Return a paragraph ("C24-INF-11/2.2"), a chapter ("C24-INF-11/2") or a document's headings ("C24-INF-11").

        A document is named as `list_documents` does, or by its symbol, file name or title.
        """
        bare = unquote(name.strip().removeprefix("itubot://").strip("/"))
        document = self.document(bare)
        if document is not None:
            return Found(tuple(self._headings(document)))
        of, _slash, number = bare.rpartition("/")
        document = self.document(of)
        if document is None:
            raise QuestionError(
                _("there is no document or paragraph {name}; list_documents names them", name=bare[:80])
            )
        # "2" is the chapter with 2.1 and 2.2.
        own = [
            each
            for each in self.paragraphs.of_document(document)
            if each.section.number == number or each.section.number.startswith(f"{number}.")
        ]
        if not own:
            own = [self.paragraphs.find(document, number)]
        return Found(tuple(map(_of_paragraph, own[:MOST_LINES])), _beyond(len(own)))

    def list_events(
        self,
        period: str = "",
        kind: Kind | Literal[""] = "",
        place: str = "",
        topic: str = "",
        status: EventStatus = "",
    ) -> Found:
        """Return lines of the register: those ahead by date, then those past, the latest first.

        `period` is in one of `bot.register.period.FORMS`, "" for what is ahead. `status`: "" for dates that hold,
        "past" for what is over, "moved" for what was moved, postponed or cancelled, "all" for former dates too.
        """
        entries = self.entries(period, kind, place, topic, status)
        return self.lines(entries[:MOST_LINES], _beyond(len(entries)))

    def entries(
        self, period: str, kind: str, place: str, topic: str, status: EventStatus
    ) -> list[RegisterEntry]:
        """Return the entries that `list_events` lists, all of them."""
        days = self._period(period) if period.strip() else None
        chosen = [
            entry
            for entry in self._on_topic(topic)
            if (not kind or entry.kind == kind)
            and (not place or _is_at(entry, place))
            and self._has_status(entry, status, any_time=days is not None or bool(topic))
            and (days is None or _is_in(entry, days, self.as_of))
        ]
        return in_order(chosen, self.as_of)

    def what_changed(self, document: str = "") -> Found:
        """Return what is new, gone, reworded or moved in a document; by default in the one that changed last."""
        # Imported late: most questions compare no versions.
        from bot.changes.statements import change_statements
        from bot.changes.wording import nothing_words

        changes = self.changes(document)
        statements = change_statements(changes)
        if not statements:
            return Found(reason=nothing_words(changes))
        shown = statements[:_MOST_CHANGES]
        of_version = {d.id: d for d in (changes.before, changes.after) if d}
        sections = self.view.snapshot.sections(cited.section_id for _text, cited in shown)
        return Found(
            tuple(
                Item(
                    "change",
                    text,
                    (cited,),
                    (Hit(sections[cited.section_id], of_version[cited.document_id], score=0.0, cosine=0.0),)
                    if cited.section_id in sections and cited.document_id in of_version
                    else (),
                )
                for text, cited in shown
            ),
            len(statements) - len(shown),
        )

    def changes(self, document: str = "") -> Changes:
        """Return the changes that `what_changed` puts into words."""
        named = self.document(document)
        if document.strip() and named is None:
            raise QuestionError(
                _("there is no document {name}; list_documents names them", name=document[:80])
            )
        try:
            return self._changes_of(named.id if named else None)
        except UnknownDocument as error:
            raise QuestionError(_("there are no documents yet")) from error

    def document(self, name: str) -> Document | None:
        """Return the document of a name, symbol or file name, or else the newest one with it in its title."""
        return self.paragraphs.named(name.strip()) or self._titled(name)

    def list_documents(self) -> Found:
        """Return what the assistant is, and the documents that it has, the newest first."""
        documents = self.documents
        items = [about_assistant()]
        for document in documents[:MOST_LINES]:
            first = next(iter(self.paragraphs.of_document(document)), None)
            if first is not None:
                facts = commas([document.title, document.symbol or "", document_date(document)])
                text = noted(facts, self.paragraphs.name_of(document))
                items.append(_citing_first(text, document, first))
        return Found(tuple(items), _beyond(len(documents)))

    def _on_topic(self, topic: str) -> Sequence[RegisterEntry]:
        """Return the entries on a topic: by their words, else those of the paragraphs that the search finds."""
        register = self.register
        if not topic.strip():
            return register
        found = on_topic(register, self.view.documents, topic, self.view.names)
        if found:
            return found
        hits = self.search(topic).search
        near = {
            hit.section.id
            for hit in (hits.hits[:_HITS_OF_TOPIC] if hits else ())
            if hit.cosine >= _LEAST_COSINE_OF_TOPIC
        }
        return [entry for entry in register if any(m.section_id in near for m in entry.mentions)]

    def _period(self, form: str) -> Period:
        def days_of(name: str) -> Period | None:
            named = [entry for entry in self._on_topic(name) if entry.rescheduled_to is None and entry.start]
            best = next(iter(in_order(named, self.as_of)), None)
            return Period(best.start, best.last_day) if best else None

        try:
            return read_period(form, self.as_of, days_of)
        except ValueError as error:
            raise QuestionError(str(error)) from None

    def _has_status(self, entry: RegisterEntry, status: EventStatus, *, any_time: bool) -> bool:
        if status == "all":
            return True
        if status == "moved":
            return entry.is_off
        if entry.rescheduled_to is not None:
            return False
        over = entry.is_over(self.as_of)
        return over if status == "past" else any_time or not over

    def lines(self, entries: Sequence[RegisterEntry], left_out: int = 0) -> Found:
        """Return the lines of some entries of the register, each with the paragraph that dates it."""
        by_id = {entry.id: entry for entry in self.register}
        documents = {document.source: document for document in self.view.documents}
        citations = [tuple(entry_citations(entry, documents, language()))[:1] for entry in entries]
        sections = self.view.snapshot.sections({each.section_id for cited in citations for each in cited})
        items = []
        for entry, cited in zip(entries, citations, strict=True):
            hits = tuple(
                Hit(sections[each.section_id], documents[each.source], score=0.0, cosine=0.0)
                for each in cited
                if each.section_id in sections and each.source in documents
            )
            items.append(Item("date", entry_sentence(entry, self.as_of, by_id), cited, hits, entry=entry))
        return Found(tuple(items), left_out)

    def _headings(self, document: Document) -> Iterable[Item]:
        """Yield a document's headings, each with the first words of its first paragraph."""
        own = self.paragraphs.of_document(document)
        for heading, under in groupby(own, key=lambda each: each.section.heading):
            first = next(under)
            said = first.section.text.split()
            begins = " ".join(said[:_FIRST_WORDS]) + (" …" if len(said) > _FIRST_WORDS else "")
            text = f"§ {first.section.number} {heading}: {begins}" if heading else begins
            yield _citing_first(text, document, first)

    def _titled(self, name: str) -> Document | None:
        wanted = " ".join(words(name))
        titled = [d for d in self.view.documents if wanted and wanted in " ".join(words(d.title))]
        return max(titled, key=lambda d: d.date or date.min, default=None)


def about_assistant() -> Item:
    """Return what the assistant says of itself: what it does, how it can be checked, and its languages."""
    return Item(
        "about",
        _(
            "I answer questions from ITU's reports on its engagement in United Nations processes, and from their dates "
            "and deadlines. Every sentence of an answer shows the numbered paragraph that says it; where the documents "
            "do not say it, I tell you so. You can ask in Arabic, Chinese, English, French, Russian or Spanish; what I "
            "quote is in the language of the documents. I also send a daily digest, remind you of dates, check drafts "
            "and write briefs."
        ),
    )


def _newest_first(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return paragraphs, the newer one first where two say nearly the same."""
    ordered = list(items)
    for place in range(len(ordered)):
        for other in range(place + 1, len(ordered)):
            if _is_newer(ordered[other], ordered[place]):
                ordered[place], ordered[other] = ordered[other], ordered[place]
    return tuple(ordered)


def _is_newer(item: Item, other: Item) -> bool:
    own, others = item.hits[0].document, other.hits[0].document
    later = own.id != others.id and (own.date or date.min) > (others.date or date.min)
    return later and overlap(other.text, item.text) >= _SAME


def _of_paragraph(found: Paragraph) -> Item:
    return paragraph(Hit(found.section, found.document, score=0.0, cosine=0.0))


def _citing_first(text: str, document: Document, first: Paragraph) -> Item:
    """Return the item of a document, or of a heading of one, which cites the first paragraph there."""
    section = first.section
    cited = citation(0, document, section, 0, len(section.text))
    return Item("document", text, (cited,), (Hit(section, document, score=0.0, cosine=0.0),))


def _is_at(entry: RegisterEntry, place: str) -> bool:
    wanted = " ".join(words(place))
    said = f"{entry.location or ''} {' '.join(mention.quote for mention in entry.mentions)}"
    return wanted in " ".join(words(said))


def _is_in(entry: RegisterEntry, days: Period, as_of: date) -> bool:
    return was_in_period(entry, days) if entry.is_over(as_of) else is_in_period(entry, days)


def _beyond(count: int) -> int:
    return max(0, count - MOST_LINES)
