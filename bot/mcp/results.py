"""What the tools return: the types of which the protocol's schemas are made, and by which each result is checked."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.answering.answer import Basis, Confidence, Removed, Tokens
from bot.changes.comparison import DateChangeKind, Op, ParagraphChangeKind
from bot.drafts.verdicts import Verdict
from bot.register.entries import Status
from store.records import Bound, Kind, Precision


class Result(BaseModel):
    """A JSON object; the text below a field is its description in the schema."""

    model_config = ConfigDict(use_attribute_docstrings=True, from_attributes=True)


class FoundParagraph(Result):
    """A paragraph, or the first one below a heading."""

    id: str
    """itubot://DOCUMENT/PARAGRAPH; `fetch` takes it."""
    title: str
    url: str
    """The same as `id`."""
    text: str
    """A sentence of it, verbatim, of a search the one nearest to the query; of a heading its first words."""


class SearchResults(Result):
    """What `search` returns."""

    results: list[FoundParagraph]


class FetchedMetadata(Result):
    """Where a text comes from."""

    document: str
    """The title of the document."""
    symbol: str | None
    source: str
    """The file name of the document."""
    section: str
    """The number of the paragraph, of several the first."""
    heading: str
    page: int | None
    date: str | None
    """The date of the document, YYYY-MM-DD."""
    language: str
    version: int
    before: str | None
    """The id of the paragraph before it."""
    after: str | None
    """The id of the paragraph after it, of several the last."""


class Fetched(Result):
    """What `fetch` returns."""

    id: str
    """As it was asked for."""
    title: str
    text: str
    """The paragraph, verbatim; of a chapter all its paragraphs, of a document its headings."""
    url: str
    """The id of the paragraph, of several the first."""
    metadata: FetchedMetadata
    results: list[FoundParagraph]
    """The paragraphs of a chapter, or those below the headings of a document; else empty."""


class Mention(Result):
    """A place where a document dates an event."""

    source: str
    section: str
    text: str
    """The words of the date."""
    start: str | None
    end: str | None
    quote: str
    language: str


class Corrected(Result):
    """The last correction of an event by a person."""

    by: str
    at: str


class Event(Result):
    """One row of `itubot deadlines --json`."""

    id: str
    chain_id: str
    """Shared by all dates that one event has had."""
    title: str
    kind: Kind
    start: str | None
    """The first day, YYYY-MM-DD."""
    end: str | None
    """The last day, inclusive."""
    time: str | None
    timezone: str | None
    bound: Bound
    """On the days, due by the last one, or open from the first one."""
    precision: Precision
    approximate: bool
    year_inferred: bool
    recurrence: str | None
    status: Status
    tentative: bool
    corrected: Corrected | None
    likely_past: bool
    rescheduled_to: str | None
    """The id of the event that has the new date."""
    location: str | None
    source: str
    document: str
    section: str
    quote: str
    """The sentence that dates it, verbatim."""
    mentions: list[Mention]


class EventsPage(Result):
    """What `list_events` returns."""

    as_of: str
    """The day that counted as today."""
    total: int
    events: list[Event]
    next_cursor: str | None
    """Give it as `cursor` for the next page; null on the last one."""


class Version(Result):
    """A version of a document."""

    source: str
    symbol: str | None
    version: int
    date: str | None
    ingested_at: str


class Words(Result):
    """A part of a reworded paragraph."""

    op: Op
    text: str


class ParagraphChange(Result):
    """A changed paragraph."""

    kind: ParagraphChangeKind
    section: str
    section_before: str | None
    heading: str
    page: int | None
    before: str | None
    after: str | None
    words: list[Words]


class HeadingChange(Result):
    """A changed heading."""

    section: str
    before: str
    after: str


class Dating(Result):
    """A date of an event in one version."""

    start: str | None
    end: str | None
    time: str | None
    precision: Precision
    status: Status
    section: str
    quote: str
    when: str
    """The date in words."""


class DateChange(Result):
    """A date that changed."""

    kind: DateChangeKind
    title: str
    chain_id: str
    before: Dating | None
    after: Dating | None


class ChangesPage(Result):
    """What `what_changed` returns: `itubot changes --json`, with a page of its paragraphs."""

    source: str
    title: str
    symbol: str | None
    compared: Literal["versions", "editions"]
    before: Version | None
    """Null: there is no earlier version to compare with."""
    after: Version
    unchanged: int
    """How many paragraphs are the same."""
    paragraphs: list[ParagraphChange]
    headings: list[HeadingChange]
    dates: list[DateChange]
    next_cursor: str | None
    """Give it as `cursor` for the next page; null on the last one."""


class ListedDocument(Result):
    """A document."""

    id: str
    """Its name; `fetch` takes it, and returns the headings."""
    title: str
    symbol: str | None
    date: str | None
    language: str
    source: str


class DocumentsPage(Result):
    """What `list_documents` returns."""

    about: str
    """What this assistant is."""
    documents: list[ListedDocument]
    """The newest first."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null on the last one."""


class CitedParagraph(Result):
    """A paragraph to look at."""

    source: str
    section: str
    heading: str
    quote: str
    """Verbatim from the paragraph."""


class Citation(CitedParagraph):
    """A paragraph that an answer cites."""

    marker: int
    """The number n of [n]."""
    document: str
    symbol: str | None
    page: int | None


class Answered(Result):
    """What `ask` returns: `itubot ask --json`."""

    question: str
    standalone_question: str
    answer: str
    """If answered, sentences that each end in the [n] of a citation; else why there is none."""
    answered: bool
    confidence: Confidence
    """Low: nobody has decided whether these passages answer the question."""
    reason: str | None
    """Why it is not answered."""
    as_of: str
    model: str
    """"extractive" for sentences of the documents, else the name of the model."""
    basis: Basis
    """The documents that were searched."""
    citations: list[Citation]
    nearest: list[CitedParagraph]
    """Where to look, if it is not answered."""
    removed: list[Removed]
    """Sentences of the model that the documents do not support."""
    judged: bool | None
    """Whether a judge confirmed all sentences of a model; null without a model."""
    note: str | None
    unanswered: list[str]
    """The parts of the question that are not answered."""
    language: str
    best: list[int] | None
    """Start and end of the sentence in `answer` that is nearest to the question."""
    tokens: Tokens | None
    """Those of the model."""
    timings_ms: dict[str, float]


class CheckedStatement(Result):
    """What `check_statement` returns."""

    statement: str
    verdict: Verdict
    note: str | None
    """Why, in a clause."""
    judged: bool
    """Whether a judge has compared the meaning."""
    as_of: str
    citations: list[Citation]
