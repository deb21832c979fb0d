"""Records of the store: documents, their sections and events, hits and citations. All are frozen and plain data."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any, Literal, get_args

Kind = Literal["meeting", "deadline", "publication", "milestone"]
Precision = Literal["day", "month", "quarter", "half", "season", "year", "none"]
Bound = Literal["on", "by", "from"]
Cue = Literal["cancelled", "postponed", "done", "planned", "unclear"]
CorrectedStatus = Literal["scheduled", "postponed", "cancelled", "past"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CORRECTED_STATUSES: tuple[CorrectedStatus, ...] = get_args(CorrectedStatus)
# Another name for `date`, for classes that have a field `date`.
Day = date
# The audience of documents that everybody may read.
EVERYBODY = "everybody"

_REDACTED = "sha256:"
_REVISION = re.compile(r"\s?\(Rev\.\s?\d+\)|[/\s-]Rev\.\s?\d+(?=-[EFSRAC]$|$)")
_CORRIGENDUM = re.compile(r"(.*\d\)?)(?:\s?\(Corr\.\s?\d+\)|[/\s-]Corr\.\s?\d+)")
_SYMBOL_OF_LANGUAGE = re.compile(r"(.*\d[^/]*)-([EFSRAC])")


def short_hash(*parts: str) -> str:
    """Return a hash of `parts`, in their order, as 32 hex digits."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode()
        sha.update(len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()[:32]


def redacted(words: str) -> str:
    """Return the hash that replaces deleted words; words that are such a hash stay as they are."""
    return words if words.startswith(_REDACTED) else _REDACTED + short_hash(words)


def split_language(symbol: str) -> tuple[str, str] | None:
    """Return "C25/31" and "F" for "C25/31-F"; None for a symbol without the letter of a language."""
    divided = _SYMBOL_OF_LANGUAGE.fullmatch(symbol)
    return (divided[1], divided[2]) if divided is not None else None


def without_revision(symbol: str) -> str:
    """Return "C25/31-E" for "C25/31(Rev.1)-E"."""
    return _REVISION.sub("", symbol)


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a document."""

    id: str
    """Its symbol, else the path of its file below the ingested folder; new versions keep it. See `store.audiences`."""
    source: str
    """The name shown to people: the path of its file below the ingested folder."""
    title: str
    symbol: str | None = None
    date: Day | None = None
    date_inferred: bool = False
    language: str = "en"
    version: int = 1
    content_hash: str = ""
    ingested_at: datetime | None = None
    found: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where "title", "symbol", "date" and "language" were found: "sidecar", "text", "file name", ..."""
    notes: tuple[str, ...] = ()
    """Sentences for people about how the file was read."""
    audience: str = EVERYBODY
    original: str | None = None
    """The digest of its file in the file storage; None for a file in a folder."""
    sent_at: float | None = None
    """When that file was sent, in seconds since 1970."""

    @property
    def neutral_symbol(self) -> str | None:
        """Its symbol without the letter of its language, which its versions in other languages share, if it has one."""
        divided = split_language(self.symbol or "")
        return divided[0] if divided is not None else None

    @property
    def unrevised_symbol(self) -> str | None:
        """Its symbol without the letter of its language and its revision, if it has a symbol."""
        return without_revision(self.neutral_symbol or self.symbol or "") or None

    @property
    def corrected_symbol(self) -> str | None:
        """The `unrevised_symbol` of the document that this one, a corrigendum, corrects; None for any other."""
        found = _CORRIGENDUM.fullmatch(self.neutral_symbol or self.symbol or "")
        return without_revision(found[1]) if found is not None else None

    def distance_of_language(self, language: str) -> int:
        """Return 0 for one in a language, 1 for one in English, 2 for any other: versions are shown in this order."""
        return 0 if self.language == language else 1 if self.language == "en" else 2


# Without slots, which have no room for the cached id.
@dataclass(frozen=True)
class Section:
    """A numbered paragraph, with its list items."""

    document_id: str
    number: str
    """The paragraph's number; "0" for all sections of a document without numbers."""
    ordinal: int
    """Counts the sections of the same number and text."""
    position: int
    """Place in reading order; not a part of the id, so that a new paragraph does not change the ids of those below."""
    heading: str
    text: str
    """The text that people read."""
    raw: str
    """The same text as in the source."""
    offsets: tuple[tuple[int, int], ...] = ((0, 0),)
    """Ascending pairs (position in `text`, position in `raw`), between which both advance together."""
    page: int | None = None
    part_of: str | None = None
    """The id of the section that this is a part of."""

    @cached_property
    def id(self) -> str:
        """Id of the section; a part of a section has the same id."""
        if self.part_of is not None:
            return self.part_of
        return short_hash(self.document_id, self.number, str(self.ordinal), self.text)

    def paragraphs(self) -> list[Section]:
        """Return the paragraphs of the text, each as a part of this section."""
        lines = self.text.split("\n")
        if len(lines) == 1:
            return [self]
        parts, start = [], 0
        for line in lines:
            end = start + len(line)
            first = self._pair_at(start) + 1
            inner = [(at - start, raw) for at, raw in self.offsets[first : self._pair_at(end - 1) + 1]]
            offsets = ((0, self._to_raw(start)), *inner)
            parts.append(replace(self, text=line, offsets=offsets, part_of=self.id))
            start = end + 1
        return parts

    def quote(self, start: int, end: int) -> str:
        """Return the part of `raw` for `text[start:end]`."""
        if end <= start:
            return ""
        return self.raw[self._to_raw(start) : self._to_raw(end - 1) + 1]

    def _to_raw(self, position: int) -> int:
        at, raw = self.offsets[self._pair_at(position)]
        return raw + position - at

    def _pair_at(self, position: int) -> int:
        """Return the index of the last pair that is not behind a position in `text`."""
        return max(bisect_right(self.offsets, position, key=itemgetter(0)) - 1, 0)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a section that has a vector: `section.text[start:end]`. Windows are searched, sentences are compared.

    `embedded` is the text that the vector is made of: with the heading in front, a sentence also with the one
    before. `key` names the vector.
    """

    section_id: str
    kind: Literal["window", "sentence"]
    start: int
    end: int
    embedded: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDate:
    """A date as a document states it: what the grammar reads, an event's mention keeps and the register shows."""

    start: date | None = None
    """First day; None, as `end`, if no date is stated or its year is unknown."""
    end: date | None = None
    """Last day, inclusive."""
    precision: Precision = "none"
    bound: Bound = "on"
    """Whether the event is on the days, due "by" the last one, or open "from" the first one."""
    approximate: bool = False
    year_inferred: bool = False
    recurrence: str | None = None
    """An ISO 8601 duration, or two: "P3Y or P4Y" for "every three to four years", "P2Y or P6M (ambiguous)"."""
    time: str | None = None
    """As HH:MM; the start of a range of hours."""
    timezone: str | None = None
    """As stated: "Geneva time"."""

    def stated(self, **changes: Any) -> dict[str, Any]:
        """Return the fields of the date alone, for another record of it, with changes."""
        return {field.name: getattr(self, field.name) for field in fields(StatedDate)} | changes


@dataclass(frozen=True, slots=True)
class Mention(StatedDate):
    """A date expression of an event in a document."""

    section_id: str
    text: str
    sentence_start: int
    """Position of the sentence in the section's text."""
    sentence_end: int
    cue: Cue | None = None
    """The state of the event according to the words, "unclear" where they speak of a change that is not known to be its
    own; its status as of a day is computed later."""
    tentative: bool = False
    """The date is only proposed, as in a draft."""
    offset: int = 0
    """Position of the expression in the section's text, or in its heading if that states the date."""


@dataclass(frozen=True, slots=True)
class Dating:
    """A date of an event, identified by the words that state it, which stay the same after every ingest.

    `sentence` has single spaces for all white space. `ordinal` counts the datings of the document with the same
    sentence and `text`, in reading order.
    """

    document_id: str
    sentence: str
    text: str
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's correction of a dating; fields that are None stay as they were read.

    `by` is a login name, or "@" and a person's id in Slack. `revision` is the catalog's generation after it: a
    later correction has a greater one.
    """

    dating: Dating
    by: str
    at: datetime
    title: str | None = None
    kind: Kind | None = None
    start: date | None = None
    end: date | None = None
    status: CorrectedStatus | None = None
    no_event: bool = False
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting, deadline, publication or milestone in a document.

    `id` identifies this dating of it. `chain_id` identifies the event in all its datings, and is assigned when it is
    first seen. `correction` is a person's; documents bring none.
    """

    id: str
    document_id: str
    title: str
    kind: Kind
    mentions: tuple[Mention, ...]
    location: str | None = None
    chain_id: str = ""
    correction: Correction | None = None
    quoted: bool = False
    """Its title is a quotation of the document."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A section found for a question; `score` is in 0..1 within one search."""

    section: Section
    document: Document
    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Citation:
    """The paragraph that `[marker]` in an answer cites; `quote` is verbatim from the source."""

    marker: int
    source: str
    document: str
    symbol: str | None
    section: str
    heading: str
    page: int | None
    quote: str
    section_id: str = field(default="", compare=False)
    document_id: str = field(default="", compare=False)
    version: int = field(default=0, compare=False)
    """The version of the document, and in `digest` the hash of its content: a document that was removed and added again
    begins with version 1."""
    digest: str = field(default="", compare=False)
