"""Records of the store: documents, their sections and events, hits and citations. All are frozen and plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, get_args

Kind = Literal["meeting", "deadline", "publication", "milestone"]
Precision = Literal["day", "month", "quarter", "half", "season", "year", "none"]
Bound = Literal["on", "by", "from"]
Cue = Literal["cancelled", "postponed", "done", "planned"]
CorrectedStatus = Literal["scheduled", "postponed", "cancelled", "past"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CORRECTED_STATUSES: tuple[CorrectedStatus, ...] = get_args(CorrectedStatus)
# The audience of documents that everybody may read.
EVERYBODY = "everybody"

_REDACTED = "sha256:"


def short_hash(*parts: str) -> str:
    """Return a hash of `parts`, in their order, as 32 hex digits."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode()
        sha.update(len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()[:32]


def redacted(words: str) -> str:
    """Return the hash that replaces words which are no longer kept; redacted words stay as they are."""
    return words if words.startswith(_REDACTED) else _REDACTED + short_hash(words)


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one source.

    `id` is the document's symbol if it has one, else the path of its file relative to the ingested folder, with
    the folder's name in front where another file has that path; a new version keeps the id. The id of a document
    that is not for everybody begins with its `audience` (`store.audiences`). `source` is the name shown to people.
    `found` maps "title", "symbol", "date" and "language" to where they were found ("sidecar", "text",
    "file name", ...); `notes` are sentences for people about how the file was read.
    """

    id: str
    source: str
    title: str
    symbol: str | None = None
    date: date | None = None
    date_inferred: bool = False
    language: str = "en"
    version: int = 1
    content_hash: str = ""
    ingested_at: datetime | None = None
    found: Mapping[str, str] = field(default_factory=dict, compare=False)
    notes: tuple[str, ...] = ()
    audience: str = EVERYBODY


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered paragraph (list items belong to the paragraph above them).

    `ordinal` counts the sections of the same number and text. `position` is the place in reading order; it is not
    part of the identity, so that a new paragraph leaves the ids of those below as they are, also in a document
    without numbers (where all are "0").

    `text` is what people read, `raw` the same text as in the source. `offsets` maps one to the other: ascending
    pairs (position in text, position in raw), between which both advance together.
    `stretch_of` is the id of the section that this is a part of.
    """

    document_id: str
    number: str
    ordinal: int
    position: int
    heading: str
    text: str
    raw: str
    offsets: tuple[tuple[int, int], ...] = ((0, 0),)
    page: int | None = None
    stretch_of: str | None = None

    @property
    def id(self) -> str:
        """Id of the section; a part of a section has the same id."""
        if self.stretch_of is not None:
            return self.stretch_of
        return short_hash(self.document_id, self.number, str(self.ordinal), self.text)

    def paragraphs(self) -> list[Section]:
        """Return the paragraphs of the text, each as a part of this section."""
        lines = self.text.split("\n")
        if len(lines) == 1:
            return [self]
        found, start = [], 0
        for line in lines:
            end = start + len(line)
            inner = [(at - start, raw) for at, raw in self.offsets if start < at < end]
            offsets = ((0, self._to_raw(start)), *inner)
            found.append(replace(self, text=line, offsets=offsets, stretch_of=self.id))
            start = end + 1
        return found

    def quote(self, start: int, end: int) -> str:
        """Return the part of `raw` that `text[start:end]` comes from."""
        if end <= start:
            return ""
        return self.raw[self._to_raw(start) : self._to_raw(end - 1) + 1]

    def _to_raw(self, position: int) -> int:
        base = self.offsets[0]
        for pair in self.offsets:
            if pair[0] > position:
                break
            base = pair
        return base[1] + position - base[0]


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


@dataclass(frozen=True, slots=True)
class Mention:
    """A date expression of an event in a document.

    `start` and `end` (both inclusive) are None where no date is stated. `text` is the expression;
    `sentence_start` and `sentence_end` are the positions of its sentence in the section's text. `cue` is the state
    of the event that the words name; its status as of a day is computed when asked for. `tentative`: the date is
    only proposed, as in a draft. `offset` is the position of the expression in the section's text, or in its
    heading where that states the date.
    """

    section_id: str
    text: str
    start: date | None
    end: date | None
    precision: Precision
    sentence_start: int
    sentence_end: int
    bound: Bound = "on"
    approximate: bool = False
    year_inferred: bool = False
    recurrence: str | None = None
    time: str | None = None
    timezone: str | None = None
    cue: Cue | None = None
    tentative: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Dating:
    """A date of an event, identified by the words that state it, so that it is found again after every ingest.

    `sentence` has its white space unified; `ordinal` counts the datings of the document with the same sentence and
    `text`, in reading order.
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

    `id` identifies this dating of it. `chain_id` identifies the event in all its datings, and is assigned when it
    is first seen. `correction` is a person's; documents bring none.
    """

    id: str
    document_id: str
    title: str
    kind: Kind
    mentions: tuple[Mention, ...]
    location: str | None = None
    chain_id: str = ""
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A section found for a question; `score` is in 0..1 within one search."""

    section: Section
    document: Document
    score: float
    cosine: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Citation:
    """The paragraph behind the marker `[marker]` of an answer; `quote` is verbatim from the source."""

    marker: int
    source: str
    document: str
    symbol: str | None
    section: str
    heading: str
    page: int | None
    quote: str
    section_id: str = field(default="", compare=False)
