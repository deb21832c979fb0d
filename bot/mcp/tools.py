"""The tools: their arguments, what they cost, and what each returns as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.answers.answer import shown_citation
from bot.budget import PRESS_COST, QUESTION_COST
from bot.checking import Claim, Engine
from bot.errors import QuestionError, UnknownDocument
from bot.grounding import CitedPassage
from bot.grounding.checks import LONGEST_STATEMENT
from bot.grounding.grounder import nearest_sentence
from bot.locales import LANGUAGES
from bot.mcp import schemas
from bot.mcp.paging import next_cursor, start_of_page
from bot.mcp.paragraphs import Paragraphs
from bot.question import read_question
from bot.question.typed_text import question_language
from bot.register import select
from bot.register.export.data import entry_json
from bot.register.following import on_topic
from bot.register.wording import add_days
from bot.telemetry.questions import QuestionRecord, log_question
from store.records import Citation, Kind, short_hash

if TYPE_CHECKING:
    from bot.wiring import Services

# A page is some ten thousand tokens of a model at the most.
EVENTS_A_PAGE = 25
CHANGES_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool returns: a JSON object, and the URIs and titles of the paragraphs that it cites."""

    value: dict[str, Any]
    cited: Sequence[tuple[str, str]] = ()


class _Arguments(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        # Clients may show it.
        model_title_generator=lambda model: model.__name__.lstrip("_"),
    )


def _day(value: object) -> object:
    # pydantic would also take seconds since 1970.
    try:
        return value if value is None else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{str(value)[:40]!r} is not a date; write YYYY-MM-DD, as in 2024-05-01") from None


Day = Annotated[date | None, BeforeValidator(_day)]
AsOf = Annotated[Day, Field(description="The day that counts as today, YYYY-MM-DD; by default today.")]
Cursor = Annotated[
    str | None, Field(description="`next_cursor` of the page before, with the same arguments.")
]


class _Search(_Arguments):
    query: str = Field(description="Words or a question, in any of the documents' languages.")


def _search(services: Services, arguments: _Search) -> Found:
    query = read_question(arguments.query)
    found = services.assistant.find(query)
    # The best sentence of each section comes last.
    nearest = {s.hit.section.id: s.text for s in sorted(found.sentences, key=lambda s: s.cosine)}
    results = []
    with services.search.view() as view:
        paragraphs = Paragraphs(view)
        for hit in found.hits:
            if p := paragraphs.of_section(hit.document.id, hit.section.id):
                text = nearest.get(hit.section.id)
                if text is None:
                    start, end = nearest_sentence(query, CitedPassage(hit.section, hit.document))
                    text = hit.section.text[start:end]
                results.append({"id": p.uri, "title": p.title, "url": p.uri, "text": text})
    return Found({"results": results})


class _Fetch(_Arguments):
    id: str = Field(description="The `id` of a result of `search`, as in itubot://C24-INF-11/2.2.")


def _fetch(services: Services, arguments: _Fetch) -> Found:
    with services.search.view() as view:
        p = Paragraphs(view).find(arguments.id)
    document, section = p.document, p.section
    metadata = {
        "document": document.title,
        "symbol": document.symbol,
        "source": document.source,
        "section": section.number,
        "heading": section.heading,
        "page": section.page,
        "date": document.date.isoformat() if document.date else None,
        "language": document.language,
        "version": document.version,
        "before": p.before,
        "after": p.after,
    }
    return Found({"id": p.uri, "title": p.title, "text": section.text, "url": p.uri, "metadata": metadata})


class _Ask(_Arguments):
    question: str = Field(description="One question, complete in itself: earlier ones are not known.")
    as_of: AsOf = None
    language: str | None = Field(
        None,
        pattern=f"^({'|'.join(sorted(LANGUAGES))})$",
        description=f"The language of the answer: {', '.join(sorted(LANGUAGES))}; by default that of the question.",
    )


def _ask(services: Services, arguments: _Ask) -> Found:
    question = read_question(arguments.question)
    answer = services.assistant.answer(question, as_of=arguments.as_of, language=arguments.language)
    record = QuestionRecord.of(answer)
    log_question(record)
    services.shared.metrics.question(record)
    return Found(answer.to_json(), _cited(services, answer.citations))


def _cited(services: Services, citations: Iterable[Citation]) -> list[tuple[str, str]]:
    with services.search.view() as view:
        paragraphs = Paragraphs(view)
        found = (paragraphs.of_section(c.document_id, c.section_id) for c in citations)
        return list(dict.fromkeys((p.uri, p.title) for p in found if p))


class _ListEvents(_Arguments):
    topic: str = Field("", description="Only events with these words, or of the document of this name.")
    start: Day = Field(None, alias="from", description="Only from this day on.")
    end: Day = Field(None, alias="to", description="Only until this day.")
    within: int | None = Field(None, ge=0, le=36_500, description="Only the next so many days.")
    kind: Kind | None = Field(None, description="Only events of this kind.")
    all: bool = Field(False, description="Past events and former dates too.")
    as_of: AsOf = None
    cursor: Cursor = None


def _list_events(services: Services, arguments: _ListEvents) -> Found:
    start, end = arguments.start, arguments.end
    today = arguments.as_of or services.settings.today()
    if arguments.within is not None:
        if start or end:
            raise QuestionError("give `within`, or `from` and `to`, not both")
        end = add_days(today, arguments.within)
    if start and end and end < start:
        raise QuestionError(f"`to` ({end}) lies before `from` ({start}); exchange them")
    with services.catalog.snapshot() as snapshot:
        register, documents = services.register(today, snapshot), snapshot.documents()
    past = arguments.all or (start is not None and start < today)
    chosen = select(on_topic(register, documents, arguments.topic), today, start, end, arguments.kind, past)
    state = short_hash(today.isoformat(), *(entry.id for entry in chosen))
    first = start_of_page(arguments.cursor, state)
    last = first + EVENTS_A_PAGE
    return Found(
        {
            "as_of": today.isoformat(),
            "total": len(chosen),
            "events": [entry_json(entry) for entry in chosen[first:last]],
            "next_cursor": next_cursor(state, last, len(chosen)),
        }
    )


class _WhatChanged(_Arguments):
    document: str | None = Field(
        None, description="Its symbol or file name; by default the document that changed last."
    )
    cursor: Cursor = None


def _what_changed(services: Services, arguments: _WhatChanged) -> Found:
    try:
        changes = services.changes(arguments.document)
    except UnknownDocument as error:
        name = arguments.document
        what = "there are no documents" if name is None else f"there is no document {name!r}"
        raise QuestionError(f"{what}; `search` and resources/list name those that there are") from error
    value = changes.to_json()
    paragraphs = value["paragraphs"]
    state = short_hash(changes.after.id, changes.after.content_hash, str(len(paragraphs)))
    first = start_of_page(arguments.cursor, state)
    last = first + CHANGES_A_PAGE
    value |= {
        "paragraphs": paragraphs[first:last],
        "next_cursor": next_cursor(state, last, len(paragraphs)),
    }
    return Found(value)


class _CheckStatement(_Arguments):
    statement: str = Field(description="One sentence, complete in itself.")
    as_of: AsOf = None


def _check_statement(services: Services, arguments: _CheckStatement) -> Found:
    day = arguments.as_of or services.settings.today()
    if not arguments.statement.strip():
        raise QuestionError("the statement is empty; give one sentence")
    statement = read_question(arguments.statement)
    if len(statement) > LONGEST_STATEMENT:
        raise QuestionError(
            f"the statement has {len(statement)} characters; check one sentence at a time, "
            f"of at most {LONGEST_STATEMENT}"
        )
    check = Engine(services, day, question_language(statement)).check(Claim(statement))
    value = {
        "statement": arguments.statement,
        "verdict": check.verdict,
        "note": check.note,
        "judged": check.judged,
        "as_of": day.isoformat(),
        "citations": [shown_citation(c) for c in check.citations],
    }
    return Found(value, _cited(services, check.citations))


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. `run` blocks, and raises BotError and StoreError, whose text says what to do."""

    name: str
    title: str
    description: str
    arguments: type[_Arguments]
    result: schemas.Schema
    run: Callable[[Services, Any], Found]
    cost: int = PRESS_COST


TOOLS = (
    Tool(
        "search",
        "Search the documents",
        "Finds the paragraphs of ITU's documents that are nearest to a query, the best first. The text of a result is "
        "one sentence; `fetch` returns the whole paragraph.",
        _Search,
        schemas.SEARCH,
        _search,
    ),
    Tool(
        "fetch",
        "Read a paragraph",
        "Returns one paragraph verbatim, with its document, heading and page, and the URIs of its neighbours.",
        _Fetch,
        schemas.FETCH,
        _fetch,
    ),
    Tool(
        "ask",
        "Ask the documents",
        "Answers a question from ITU's documents, each sentence with the numbered paragraph that says it. Where the "
        "documents do not answer, it says so (`answered` is false) and names the nearest paragraphs. Repeat the "
        "markers [n] and their sources with what you take from it.",
        _Ask,
        schemas.ASK,
        _ask,
        QUESTION_COST,
    ),
    Tool(
        "list_events",
        "List events and deadlines",
        "Lists the meetings, deadlines, publications and milestones of the documents by date, each with its status as "
        "of a day (scheduled, postponed, cancelled, past) and the sentence that dates it; by default those to come.",
        _ListEvents,
        schemas.LIST_EVENTS,
        _list_events,
    ),
    Tool(
        "what_changed",
        "What changed in a document",
        "Compares the last two versions of a document, or a report with its edition before: paragraphs that are new, "
        "gone, reworded or renumbered, and dates that moved.",
        _WhatChanged,
        schemas.WHAT_CHANGED,
        _what_changed,
    ),
    Tool(
        "check_statement",
        "Check a statement",
        "Compares one sentence with the documents, the older ones and older versions too. The newest document that "
        "speaks of it decides. `supported`: it says this, by its facts and by a judge. `contradicted`: it says "
        "otherwise. `superseded`: an older one said this, and a newer one says otherwise now. `not found`: none says "
        "it; they may still do so in other words. Where there is no judge, `same facts` (a paragraph has its days, "
        "numbers and names; nobody has compared what it says of them) and `different fact` (the nearest paragraph has "
        "another day, number or name) take the place of the first two; a difference may then be about another event "
        "of a similar name, and a sentence in another language than its paragraph is not found. Read the cited "
        "paragraphs before you rely on a verdict.",
        _CheckStatement,
        schemas.CHECK_STATEMENT,
        _check_statement,
        QUESTION_COST,
    ),
)
