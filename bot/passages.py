"""A paragraph read for verification: its sentences, claims, dates, figures and names, once for all comparisons."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.clauses import Claim, claims
from bot.figures import Figure, figures
from bot.planted import is_planted, told
from bot.pointing import points_back
from bot.proper_names import Names
from ingest.dates import DateExpression, find_dates
from ingest.sentences import split
from store.records import Document, Section
from store.terms import stem, terms, words


@dataclass(frozen=True, slots=True)
class Passage:
    """What may be cited: a section, and the document whose facts (title, symbol, date) stand with it."""

    section: Section
    document: Document


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage, or several that are cited together, as they are compared with a sentence.

    `spans` are the sentences of `text`; its dates and figures are apart from those of heading, title and the document's
    date. `stems` are the stemmed terms of all of them.
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    claims: tuple[Claim, ...]
    dates: tuple[DateExpression, ...]
    fact_dates: tuple[DateExpression, ...]
    figures: tuple[Figure, ...]
    title_figures: tuple[Figure, ...]
    names: Names
    stems: frozenset[str]
    document: Document


# "The reports were launched …" goes on from the sentence that introduced them.
_GOES_ON = re.compile(r"(?:The|These|This|Those|Such)\s+[a-z]")


def read(passages: Sequence[Passage], forms: Mapping[str, Collection[str]]) -> Reading:
    """Return the reading of the passages taken together; the date of the first one's document is the reference."""
    reading = _read(tuple(passages))
    return replace(reading, names=reading.names.with_forms(forms))


# The same paragraphs are cited again and again; a reading has some ten times the size of its text.
@lru_cache(maxsize=256)
def _read(passages: tuple[Passage, ...]) -> Reading:
    document = passages[0].document
    text = "\n".join(told(p.section.text) for p in passages)
    spans = tuple(split(text))
    facts = " ".join(
        part
        for p in passages
        for part in (p.section.heading, p.document.title, p.document.symbol or "", str(p.document.date or ""))
        if not is_planted(part)
    )
    dates = tuple(dates_of(text, document))
    return Reading(
        text=text,
        spans=spans,
        claims=tuple(_claims(text, spans)),
        dates=dates,
        fact_dates=tuple(dates_of(facts, document)),
        figures=tuple(figures(text, calendar_spans(dates))),
        title_figures=tuple(figures(facts)),
        names=Names(f"{text}\n{facts}"),
        stems=frozenset(terms(f"{text} {facts}")),
        document=document,
    )


def _claims(text: str, spans: Sequence[tuple[int, int]]) -> Iterable[Claim]:
    """Yield the claims of a text; what points back is also among the words of the sentence before."""
    before: frozenset[str] = frozenset()
    for start, end in spans:
        own = frozenset(stem(word) for word in words(text[start:end]))
        around = own | before if points_back(text[start:end]) or _GOES_ON.match(text, start) else own
        for claim in claims(text[start:end]):
            yield replace(claim, around=around, own=own)
        before = around


def calendar_spans(dates: Iterable[DateExpression]) -> list[tuple[int, int]]:
    """Return where days and years stand: the numbers there are no figures. "Within 12 months" holds one."""
    return [d.span for d in dates if d.start is not None]


def dates_of(text: str, document: Document) -> list[DateExpression]:
    """Return the dates of a text as its document's reader understands them."""
    return find_dates(text, reference=document.date)
