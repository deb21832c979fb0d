"""The type of an answer: its text, citations, basis and how it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from bot.locales import joined
from bot.register.versions import newest_document
from store.records import Citation, Document

Confidence = Literal["high", "low"]
Reason = Literal["no evidence", "small talk", "language", "no change"]


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that a model wrote and that was not delivered.

    `why` is a clause for the user, `check` the name of the check that failed. `replaced_by` is always None: what fails
    is left out.
    """

    sentence: str
    why: str
    check: str = ""
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """The documents that were searched; `full_text_only`: without the index, which did not answer."""

    documents: int
    newest_document: str | None
    newest_date: date | None
    full_text_only: bool = False

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Basis:
        """Return the basis of an answer from these documents."""
        newest = newest_document(documents)
        return cls(len(documents), newest.title if newest else None, newest.date if newest else None)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens that a model read and wrote, as its provider counts them, or `estimated`."""

    input: int
    output: int
    estimated: bool = False

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.input + other.input, self.output + other.output, self.estimated or other.estimated)

    @staticmethod
    def total(counts: Iterable[Tokens | None]) -> Tokens | None:
        """Return the sum of the counts; None if there is none."""
        known = [count for count in counts if count is not None]
        return sum(known[1:], known[0]) if known else None


@dataclass(frozen=True, slots=True)
class StreamedSentence:
    """A sentence to show before the answer is complete: `text` is judged and has its markers.

    `citations` are those of the markers, numbered as in the answer; there, their quotes may be longer.
    """

    text: str
    citations: tuple[Citation, ...]


SentenceCallback = Callable[[StreamedSentence], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a model's answer is.

    `documents` were searched, and the model reads passages of those `read`, by their titles, the best first.
    `looked_up` are what it asked for beyond them, in words. Of its sentences so far, `checked` were decided on, and of
    these `left_out` left out.
    """

    documents: int
    checked: int = 0
    left_out: int = 0
    read: tuple[str, ...] = ()
    looked_up: tuple[str, ...] = ()


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answerer found: a text with markers, or why there is none."""

    text: str = ""
    """If `answered`, sentences that each end in `[n]` markers of `citations`; else the bot's own sentences."""
    citations: tuple[Citation, ...] = ()
    answered: bool = False
    confidence: Confidence = "high"
    reason: Reason | None = None
    """Why it is not answered."""
    standalone_question: str = ""
    """What was searched for, of a follow-up with the question before it; "" for the question itself."""
    model: str = "extractive"
    nearest: tuple[Citation, ...] = ()
    """Sections to look at, of a refusal or of the `unanswered` parts; each quotes its sentence nearest to the question.
    """
    removed: tuple[Removed, ...] = ()
    judged: bool | None = None
    """None without a model; True if a judge confirmed each of its sentences, False if one passed hard checks alone."""
    note: str | None = None
    """A line to show below the answer: why it is not the model's, or is incomplete."""
    tokens: Tokens | None = None
    """The tokens of the model, if it was asked."""
    unanswered: tuple[str, ...] = ()
    """The parts of the question that the documents do not answer."""
    computed: bool = False
    """Whether the text is computed: lines of the register, changes, the list of documents."""
    best: tuple[int, int] | None = None
    """Where the sentence nearest to the question stands in `text`, of quoted paragraphs; None for any other answer."""
    full_text_only: bool = False
    """Whether the index, which did not answer, was not searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Reply):
    """The reply to one question."""

    question: str
    as_of: date
    """The day that counts as today."""
    basis: Basis
    language: str = "en"
    """The language in which it is said: that of the question, unless another one was asked for."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    """Milliseconds by stage, and in "total"."""

    @property
    def searched(self) -> bool:
        """Whether the documents were searched; not for small talk, nor for a language that is not read."""
        return self.reason not in ("small talk", "language")

    def noted(self, *notes: str) -> Answer:
        """Return the answer with further notes."""
        return replace(self, note=joined(self.note or "", *notes) or None)
