"""The hard facts of texts: numbers, days, times, symbols, links and names, parsed once for all comparisons."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.grounding.names import Forms, KnownNames
from bot.grounding.numbers import Number, numbers
from ingest.dates import DateExpression, find_dates
from store.records import Document, Section
from store.terms import words

# A/RES/76/307, C24/67, C24/INF/9, ITU-T L.1470, resolution 75/1.
_SYMBOL = re.compile(
    r"\b(?:(?=[A-Z0-9./]*\d)[A-Z][A-Z0-9]*(?:/[A-Z0-9.]*[A-Z0-9])+(?:\([^)]*\))?|\d{1,3}/\d{1,4}\b|[A-Z]\.\d+(?:[./]\d+)*\b)"
)
_NUMBERED_NAME = re.compile(r"\b[A-Za-z]+-?(\d+)\b")
# 18:00, 6 p.m., 0930 hours.
_CLOCK = re.compile(
    r"(?<![\d:./])(?:(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?!\d)(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"|(?P<hour12>\d{1,2})(?:\.(?P<minute12>[0-5]\d))?\s?(?P<half12>[ap])\.?m\b\.?"
    r"|(?P<hours>[0-2]\d)\.?(?P<minutes>[0-5]\d)(?=\shours?\b))",
    re.I,
)
# Web addresses, e-mail addresses and Slack's mentions.
_LINK = re.compile(
    r"(?:(?:https?|ftp)://|www\.)[^\s<>\"“”|]+|(?<![\w@.])(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?:/[^\s<>\"“”|]*)?|[\w.+-]+@[\w-]+\.\w[\w.]*|<[!@#][^>\s]*>?|(?<!\w)@(?:here|channel|everyone)\b",
    re.I,
)
_TRAILING = ".,;:!?)]}'’"


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A retrieved section, with its document, whose title, symbol and date are facts too."""

    section: Section
    document: Document


@dataclass(frozen=True, slots=True)
class PassageFacts:
    """The facts of cited passages, their headings and their documents."""

    words: str
    """All words, folded, between single spaces."""
    links: frozenset[str]
    numbers: frozenset[Number]
    days: tuple[DateExpression, ...]
    reference_days: frozenset[date]
    """Days of the documents and of the request ("as of 1 May 2024"); they support no month and no year."""
    times: frozenset[str]
    symbols: frozenset[str]
    names: KnownNames
    forms: Forms
    reference: date | None
    """The first document's date, from which a statement's dates without a year are resolved."""


def read_facts(
    passages: Sequence[CitedPassage], forms: Forms, request_days: Collection[date] = ()
) -> PassageFacts:
    """Return the facts of passages taken together; any statement may name the `request_days`."""
    reference = passages[0].document.date if passages else None
    body = "\n".join(f"{p.section.heading}\n{p.section.text}" for p in passages)
    head = "\n".join(f"{p.document.title} {p.document.symbol or ''}" for p in passages)
    text = f"{body}\n{head}"
    days = [d for part in (body, head) for d in find_dates(part, reference=reference)]
    counted = without_dates_and_symbols(body, reference)
    found = [n for part in (counted, head) for n in numbers(part, least_in_words=0)]
    named = [Number(float(n), "") for n in _NUMBERED_NAME.findall(text)]
    years = [Number(float(end.year), "") for d in days for end in (d.start, d.end) if end]
    return PassageFacts(
        words=f" {' '.join(words(text))} ",
        links=frozenset(text[start:end].casefold() for start, end in links(text)),
        numbers=frozenset([*found, *years]),
        days=tuple(days),
        reference_days=frozenset([*(p.document.date for p in passages if p.document.date), *request_days]),
        times=frozenset([*(time for _, time in clocks(text)), *(d.time for d in days if d.time)]),
        symbols=frozenset(symbols(text)),
        names=KnownNames(text, frozenset(n.value for n in (*found, *named))),
        forms=forms,
        reference=reference,
    )


def symbols(text: str) -> list[str]:
    """Return the document symbols of a text, in order."""
    return [match.group().rstrip(".").upper() for match in _SYMBOL.finditer(text)]


@lru_cache(maxsize=128)
def without_dates_and_symbols(text: str, reference: date | None) -> str:
    """Return a text with blanks for days, years, symbols, times of day and links: their numbers are no counts."""
    dates = [d.span for d in find_dates(text, reference=reference) if d.start is not None]
    text = blank(text, dates)
    symbols = [match.span() for match in _SYMBOL.finditer(text)]
    return blank(text, [*symbols, *(span for span, _ in clocks(text)), *links(text)])


def blank(text: str, spans: Collection[tuple[int, int]]) -> str:
    """Return a text of the same length with spaces in place of some spans."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def clocks(text: str) -> list[tuple[tuple[int, int], str]]:
    """Return ((start, end), "HH:MM") of each time of day in a text, in order."""
    return [(match.span(), _time(match)) for match in _CLOCK.finditer(text)]


def _time(match: re.Match[str]) -> str:
    hour = int(match["hour"] or match["hour12"] or match["hours"])
    minute = int(match["minute"] or match["minute12"] or match["minutes"] or 0)
    half = (match["half"] or match["half12"] or "").casefold()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{minute:02}"


def links(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each link and mention in a text."""
    return [(m.start(), m.start() + len(m.group().rstrip(_TRAILING))) for m in _LINK.finditer(text)]
