"""What the program says as JSON: `--json` of the commands, and the results of the tools of other assistants.

Each type is read from the attributes of what it shows. It makes the JSON and the schema of it, in which the text below
a field is its description.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, computed_field

from bot.answering.answer import Basis, Confidence, Removed, Tokens
from bot.briefs.brief import BriefLine, PartKind
from bot.changes.comparison import DateChangeKind, Op, ParagraphChangeKind
from bot.drafts.verdicts import Verdict
from bot.register.entries import RegisterEntry, Status
from bot.register.wording import when
from ingest.report import Status as FileStatus
from store.records import Bound, CorrectedStatus, Day, Kind, Precision

if TYPE_CHECKING:
    from store.jobs import AnswerRecord

# Seconds since 1970, or a time with its zone.
Moment = Annotated[datetime, PlainSerializer(lambda at: at.isoformat(timespec="seconds"), return_type=str)]


def source_of(*path: str) -> Any:
    """Return a field that is read at a path of attributes."""
    return Field(validation_alias=AliasPath(*path))


def optional_of(*path: str) -> Any:
    """Return a field that is read at a path of attributes, and null where the path ends before."""
    return Field(None, validation_alias=AliasPath(*path))


class Result(BaseModel):
    """A JSON object."""

    model_config = ConfigDict(use_attribute_docstrings=True, from_attributes=True, populate_by_name=True)


class FoundParagraph(Result):
    """A paragraph, or the first one below a heading."""

    id: str
    """itubot://DOCUMENT/PARAGRAPH; `fetch` takes it."""
    title: str
    url: str
    """The id once more, for clients that look for an address."""
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
    date: Day | None
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
    """The id as it was asked for."""
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
    start: Day | None
    end: Day | None
    quote: str
    language: str


class Corrected(Result):
    """The last correction of an event by a person."""

    by: str
    at: Moment


class Event(Result):
    """One row of `itubot deadlines --json`."""

    id: str
    chain_id: str
    """Shared by all dates that one event has had."""
    title: str
    quoted: bool
    """Whether the title is a quotation of the document's words, where no event is named."""
    kind: Kind
    start: Day | None
    """The first day, YYYY-MM-DD."""
    end: Day | None
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

    as_of: Day
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
    date: Day | None
    ingested_at: Moment | None


class Words(Result):
    """A part of a reworded paragraph."""

    op: Op
    text: str


class ParagraphChange(Result):
    """A changed paragraph."""

    kind: ParagraphChangeKind
    section: str = source_of("section", "number")
    section_before: str | None = optional_of("before", "number")
    heading: str = source_of("section", "heading")
    page: int | None = source_of("section", "page")
    before: str | None = optional_of("before", "text")
    after: str | None = optional_of("after", "text")
    words: list[Words]


class HeadingChange(Result):
    """A changed heading."""

    section: str = source_of("number")
    before: str
    after: str


def _stated(entry: RegisterEntry | None) -> dict[str, Any] | None:
    """Return the values of a Dating."""
    if entry is None:
        return None
    values = {name: getattr(entry, name) for name in Dating.model_fields if name != "when"}
    return {**values, "when": when(entry)}


class Dating(Result):
    """A date of an event in one version."""

    start: Day | None
    end: Day | None
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
    title: str = source_of("entry", "title")
    chain_id: str = source_of("entry", "chain_id")
    before: Annotated[Dating | None, BeforeValidator(_stated)]
    after: Annotated[Dating | None, BeforeValidator(_stated)]


class Changes(Result):
    """What `itubot changes --json` prints."""

    source: str = source_of("after", "source")
    title: str = source_of("after", "title")
    symbol: str | None = source_of("after", "symbol")
    compared: Literal["versions", "editions"]
    before: Version | None
    """Null: there is no earlier version to compare with."""
    after: Version
    unchanged: int
    """The number of paragraphs that are the same."""
    paragraphs: list[ParagraphChange]
    headings: list[HeadingChange]
    dates: list[DateChange]


class ChangesPage(Changes):
    """What `what_changed` returns: `itubot changes --json`, with a page of its paragraphs."""

    next_cursor: str | None = None
    """Give it as `cursor` for the next page; null on the last one."""


class ListedDocument(Result):
    """A document."""

    id: str
    """The name of the document; `fetch` takes it, and returns the headings."""
    title: str
    symbol: str | None
    date: Day | None
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
    """The words of the paragraph, verbatim."""


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
    answer: str = source_of("text")
    """If answered, sentences that each end in the [n] of a citation; else why there is none."""
    answered: bool
    confidence: Confidence
    """Whether these passages answer the question: low where nobody has decided that."""
    reason: str | None
    """Why it is not answered."""
    as_of: Day
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
    """The tokens of the model."""
    timings_ms: dict[str, float]


class CheckedStatement(Result):
    """What `check_statement` returns."""

    statement: str
    verdict: Verdict
    note: str | None
    """Why, in a clause."""
    judged: bool
    """Whether a judge has compared the meaning."""
    as_of: Day
    citations: list[Citation]


class CheckedSentence(Result):
    """A sentence of a draft."""

    n: int
    text: str = source_of("sentence", "text")
    verdict: Verdict = source_of("check", "verdict")
    note: str | None = source_of("check", "note")
    citations: list[Citation] = source_of("check", "citations")


class CheckedDraft(Result):
    """What `itubot check --json` prints."""

    as_of: Day
    judged: bool
    complete: bool = source_of("is_complete")
    counts: dict[Verdict, int]
    sentences: list[CheckedSentence] = source_of("checked")
    tokens: Tokens | None


class BriefPart(Result):
    """A part of a brief."""

    heading: str
    kind: PartKind
    lines: list[BriefLine]


class Brief(Result):
    """What `itubot brief --json` prints."""

    topic: str
    as_of: Day
    language: str
    paragraphs: int
    parts: list[BriefPart]
    citations: list[Citation]
    nearest: list[Citation]
    model: str
    judged: bool
    note: str | None
    tokens: Tokens | None


class MovedDate(Result):
    """A date that moved since the last digest, in words."""

    before: str
    after: str
    entry: Event


class TakenIn(Result):
    """A document that is new or changed since the last digest."""

    source: str = source_of("document", "source")
    title: str = source_of("document", "title")
    version: int = source_of("document", "version")
    status: str


class GoneDocument(Result):
    """A document that is gone at its source, and the day until which it answers."""

    source: str = source_of("document", "source")
    title: str = source_of("document", "title")
    until: Day


class Corpus(Result):
    """The newest document."""

    document: str | None = optional_of("title")
    date: Day | None = optional_of("date")


class Digest(Result):
    """What `itubot digest --json` prints."""

    as_of: Day
    days: int
    headline: str
    today: list[Event]
    now: list[Event]
    this_week: list[Event]
    later: list[Event]
    months: list[Event]
    newly_past: list[Event]
    postponed: list[Event]
    undated: list[Event]
    moved: list[MovedDate]
    documents: list[TakenIn] = source_of("ingested")
    gone: list[GoneDocument]
    following: Event | None
    corpus: Annotated[Corpus, BeforeValidator(lambda newest: newest or {})] = source_of("newest")


class Place(Result):
    """A paragraph that a search found."""

    source: str
    section: str


class EvaluatedSentence(Result):
    """A delivered sentence of an answer; `own`: a model wrote it."""

    text: str
    markers: list[int]
    own: bool = source_of("by_model")


class EvaluatedQuestion(Result):
    """A marked question with its answer."""

    question: str = source_of("gold", "question")
    ranked: list[Place]
    answered: bool = source_of("answer", "answered")
    answer: str = source_of("answer", "text")
    verdict: str
    confidence: Confidence = source_of("answer", "confidence")
    reason: str | None = source_of("answer", "reason")
    citations: list[Citation] = source_of("answer", "citations")
    model: str = source_of("answer", "model")
    sentences: list[EvaluatedSentence]
    removed: list[Removed] = source_of("answer", "removed")
    tokens: Tokens | None = source_of("answer", "tokens")
    timings_ms: dict[str, float] = source_of("answer", "timings_ms")


class Evaluation(Result):
    """What `itubot eval --json` prints; its rows suffice to compute every figure."""

    metrics: dict[str, float]
    counts: dict[str, int]
    timings_ms: dict[str, dict[str, float]]
    tokens: dict[str, int]
    removed: dict[str, int]
    questions: str
    model: str
    as_of: Day
    documents: list[str]
    rows: list[EvaluatedQuestion]


class ReadFile(Result):
    """What became of a file."""

    source: str
    status: FileStatus
    sections: int
    events: int
    error: str | None
    notes: list[str]


class ModelReading(Result):
    """How many sections a model read the dates of, and its tokens."""

    model: str
    asked: int
    kept: int
    rules: int = source_of("to_rules")
    why: list[str]
    read: int = Field(exclude=True)
    wrote: int = Field(exclude=True)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def tokens(self) -> dict[str, int]:
        """The tokens that the model read and wrote."""
        return {"input": self.read, "output": self.wrote}


class Ingested(Result):
    """What `itubot ingest --json` prints."""

    documents: list[ReadFile]
    embedded: int
    seconds: float
    notes: list[str]
    labels: ModelReading | None = source_of("labelling")
    remade: int = source_of("rebuilt")


class StoredDocument(Result):
    """A row of `itubot documents --json`."""

    source: str
    title: str
    symbol: str | None
    date: Day | None
    date_inferred: bool
    language: str
    notes: list[str]
    version: int
    audience: str
    """"everybody", or the ids of a workspace and a channel in Slack: "T0123/C0456"."""
    ingested_at: Moment | None
    found: FactSources
    sections: int
    events: int


class FactSources(Result):
    """Where each fact was found; null if it was not.

    "sidecar" (a file beside the document), "text", "margin" (a running head or foot), "symbol", "properties" (of the
    file), "file name".
    """

    title: str | None = None
    symbol: str | None = None
    date: str | None = None
    language: str | None = None


class Correction(Result):
    """The values that a person corrected; null for the others."""

    title: str | None
    kind: Kind | None
    start: Day | None
    end: Day | None
    status: CorrectedStatus | None
    no_event: bool


class ListedCorrection(Result):
    """A row of `itubot correct --json`."""

    id: str
    title: str
    source: str
    correction: Correction
    by: str = source_of("correction", "by")
    at: Moment = source_of("correction", "at")


class Token(Result):
    """A row of `itubot token list --json`."""

    id: str
    name: str
    audience: str
    made_at: Moment


class Calendar(Result):
    """A row of `itubot calendar list --json`; `user` is a person's id in Slack, "" for one of a terminal."""

    id: str
    topic: str = source_of("name")
    audience: str
    language: str
    team: str
    user: str
    refused: bool
    """Whether the person may not use the bot now."""
    made_at: Moment


class CitedVersion(Result):
    """A paragraph that was cited, in the version that the answer was made from."""

    source: str
    version: int
    section: str
    quote: str


def _answered_citations(record: AnswerRecord | None) -> Sequence[object]:
    return record.citations if record and record.answered else ()


class Vote(Result):
    """A row of `itubot feedback --json`."""

    at: Moment
    user: str
    vote: str
    reason: str | None
    comment: str | None
    question: str
    answer: str = source_of("reply")
    answered: bool | None = optional_of("record", "answered")
    model: str | None = optional_of("record", "model")
    sources: Annotated[list[CitedVersion], BeforeValidator(_answered_citations)] = source_of("record")


class UnansweredQuestion(Result):
    """A question in Slack that the documents did not answer."""

    at: Moment = source_of("asked_at")
    user: str = source_of("message", "user")
    channel: str = source_of("message", "channel")
    question: str = source_of("message", "text")


class Gaps(Result):
    """What `itubot gaps --json` prints."""

    unanswered: list[UnansweredQuestion]
    bad: list[Vote]
