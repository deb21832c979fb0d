"""The tools of other assistants: the five look-ups, `ask` and `check_statement`. They only read.

The types of a function's arguments and of its result are the tool's schemas. What `ask` and `check_statement` are for
is their docstring; the other descriptions are those of LOOK_UPS. All functions block, and raise BotError and
StoreError, whose text says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import BeforeValidator, Field

from bot.answering.calls import (
    ChangedDocument,
    EventKind,
    PeriodForm,
    Place,
    PlaceInDocuments,
    Query,
    StatusFilter,
    Topic,
)
from bot.answering.items import Item, nearest_sentence, sentences
from bot.answering.paragraphs import Paragraph
from bot.answering.question import read_question
from bot.answering.tools import Tools, about_assistant
from bot.drafts.verdicts import check_statement as check_one
from bot.errors import QuestionError
from bot.facts.checks import LONGEST_STATEMENT
from bot.languages import question_language
from bot.locales import LANGUAGES
from bot.results import (
    Answered,
    ChangesPage,
    CheckedStatement,
    Citation,
    DocumentsPage,
    Event,
    EventsPage,
    Fetched,
    FetchedMetadata,
    FoundParagraph,
    ListedDocument,
    SearchResults,
)
from bot.telemetry.questions import QuestionRecord, log_question
from store.records import short_hash

if TYPE_CHECKING:
    from bot.wiring import Services

# A page is some ten thousand tokens of a model at the most.
EVENTS_A_PAGE = 25
CHANGES_A_PAGE = 20
DOCUMENTS_A_PAGE = 50

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: what they may see, and in `id` whose budget it is charged to."""

    id: str
    services: Services

    @contextmanager
    def look_ups(self, as_of: date | None = None) -> Iterator[Tools]:
        """Give the look-ups over what the caller may see, as of a day."""
        assistant = self.services.assistant
        with assistant.view() as view:
            yield assistant.tools(view, as_of)


def _read_day(value: object) -> object:
    # pydantic would also take seconds since 1970.
    try:
        return value if value is None else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{str(value)[:40]!r} is not a date; write YYYY-MM-DD, as in 2024-05-01") from None


AsOf = Annotated[
    date | None,
    BeforeValidator(_read_day),
    Field(description="The day that counts as today, YYYY-MM-DD; by default today."),
]
Cursor = Annotated[
    str | None,
    Field(description="`next_cursor` of the page before, with the same arguments.", max_length=100),
]
Question = Annotated[str, Field(description="One question, complete in itself: earlier ones are not known.")]
AnswerLanguage = Annotated[
    str | None,
    Field(
        pattern=f"^({'|'.join(sorted(LANGUAGES))})$",
        description="The code of the answer's language; by default that of the question.",
    ),
]
Statement = Annotated[
    str, Field(description="One sentence, complete in itself.", max_length=LONGEST_STATEMENT)
]


def search(caller: Caller, query: Query) -> SearchResults:
    """Return the paragraphs nearest to some words."""
    with caller.look_ups() as tools:
        return SearchResults(
            results=[
                _found(item, paragraph, item.best or nearest_sentence(query, item.text))
                for item, paragraph in _paragraphs(tools, tools.search(query).items)
            ]
        )


def fetch(caller: Caller, id: PlaceInDocuments) -> Fetched:
    """Return a paragraph, the paragraphs of a chapter, or the headings of a document."""
    with caller.look_ups() as tools:
        found = tools.fetch(id)
        rows = _paragraphs(tools, found.items)

    first, last = rows[0][1], rows[-1][1]
    document, section = first.document, first.section
    # The headings of a document begin with their numbers; the paragraphs of a chapter do not.
    is_one = len(rows) == 1 and found.items[0].kind == "paragraph"
    lines = [
        item.text if is_one or item.kind == "document" else f"§ {p.section.number} {item.text}"
        for item, p in rows
    ]
    return Fetched(
        id=id,
        title=first.title if is_one else document.title,
        text="\n\n".join([*lines, found.note]).strip(),
        url=first.uri,
        metadata=FetchedMetadata(
            document=document.title,
            section=section.number,
            before=first.before,
            after=last.after,
            symbol=document.symbol,
            source=document.source,
            date=document.date,
            language=document.language,
            version=document.version,
            heading=section.heading,
            page=section.page,
        ),
        results=[] if is_one else [_found(item, p, sentences(item.text)[0]) for item, p in rows],
    )


def list_events(
    caller: Caller,
    period: PeriodForm = "",
    kind: EventKind = "",
    place: Place = "",
    topic: Topic = "",
    status: StatusFilter = "",
    as_of: AsOf = None,
    cursor: Cursor = None,
) -> EventsPage:
    """Return a page of the register."""
    with caller.look_ups(as_of) as tools:
        entries = tools.entries(period, kind, place, topic, status)
    day = tools.as_of
    shown, following = _page(entries, EVENTS_A_PAGE, cursor, str(day), *(entry.id for entry in entries))
    return EventsPage(
        as_of=day,
        total=len(entries),
        events=[Event.model_validate(entry) for entry in shown],
        next_cursor=following,
    )


def what_changed(caller: Caller, document: ChangedDocument = "", cursor: Cursor = None) -> ChangesPage:
    """Return a page of a document's changes."""
    with caller.look_ups() as tools:
        changes = tools.changes(document)
    every = changes.paragraphs
    shown, following = _page(
        every, CHANGES_A_PAGE, cursor, changes.after.id, changes.after.content_hash, str(len(every))
    )
    page = ChangesPage.model_validate(replace(changes, paragraphs=tuple(shown)))
    return page.model_copy(update={"next_cursor": following})


def list_documents(caller: Caller, cursor: Cursor = None) -> DocumentsPage:
    """Return what the assistant is, and a page of the documents, the newest first."""
    with caller.look_ups() as tools:
        every = tools.documents
        shown, following = _page(every, DOCUMENTS_A_PAGE, cursor, *(document.id for document in every))
        return DocumentsPage(
            about=about_assistant().text,
            documents=[
                ListedDocument(
                    id=tools.paragraphs.name_of(document),
                    title=document.title,
                    symbol=document.symbol,
                    date=document.date,
                    language=document.language,
                    source=document.source,
                )
                for document in shown
            ],
            next_cursor=following,
        )


def ask(caller: Caller, question: Question, as_of: AsOf = None, language: AnswerLanguage = None) -> Answered:
    """Answers a question from ITU's documents, each sentence with the numbered paragraph that says it.

    Where the documents do not answer, it says so (`answered` is false) and names the nearest paragraphs. Repeat the
    markers [n] and their sources with what you take from it.
    """
    services = caller.services
    answer = services.assistant.answer(read_question(question), as_of=as_of, language=language)
    record = QuestionRecord.of(answer)
    log_question(record)
    services.shared.metrics.question(record)
    return Answered.model_validate(answer)


def check_statement(caller: Caller, statement: Statement, as_of: AsOf = None) -> CheckedStatement:
    """Compares one sentence with the documents, the older ones and older versions too.

    The newest document that speaks of it decides. `supported`: it says this, by its facts and by a judge.
    `contradicted`: it says otherwise. `superseded`: an older one said this, and a newer one says otherwise now.
    `not found`: none says it; they may still do so in other words. Where there is no judge, `same facts` (a paragraph
    has its days, figures and symbols; nobody has compared what it says of them) and `different fact` (the nearest
    paragraph has another day, figure or symbol) take the place of the first two; a difference may then be about another
    event of a similar name, and a sentence in another language than its paragraph is not found. Read the cited
    paragraphs before you rely on a verdict.
    """
    text = read_question(statement)
    day = as_of or caller.services.settings.today()
    check = check_one(caller.services, text, day, question_language(text))
    return CheckedStatement(
        statement=statement,
        verdict=check.verdict,
        note=check.note,
        judged=check.judged,
        as_of=day,
        citations=[Citation.model_validate(cited) for cited in check.citations],
    )


TOOLS = (search, fetch, ask, list_events, what_changed, list_documents, check_statement)


def _paragraphs(tools: Tools, items: Sequence[Item]) -> list[tuple[Item, Paragraph]]:
    """Return the items with the paragraphs behind them."""
    found = (
        (item, tools.paragraphs.of_section(hit.document.id, hit.section.id))
        for item in items
        for hit in item.hits
    )
    return [(item, paragraph) for item, paragraph in found if paragraph]


def _found(item: Item, paragraph: Paragraph, sentence: tuple[int, int]) -> FoundParagraph:
    start, end = sentence
    return FoundParagraph(
        id=paragraph.uri, title=paragraph.title, url=paragraph.uri, text=item.text[start:end]
    )


def _page(rows: Sequence[Row], size: int, cursor: Cursor, *state: str) -> tuple[Sequence[Row], str | None]:
    """Return the page of a list that a cursor names, and the cursor of the next one.

    A cursor is of the list as it was then: `state` are texts that change with the list.
    """
    mark = short_hash(*state)
    known, _dash, start = (cursor or f"{mark}-0").rpartition("-")
    if known != mark or not start.isdecimal():
        raise QuestionError(
            "the cursor is not of this list as it is now; leave it out to begin with the first page"
        )
    end = int(start) + size
    return rows[int(start) : end], f"{mark}-{end}" if end < len(rows) else None
