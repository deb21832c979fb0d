"""The hard facts of texts: numbers, days, times, symbols, links and names, parsed once for all comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from text_to_num import alpha2digit

from bot.facts.names import Forms, KnownNames
from ingest.text.dates import DateExpression, find_dates
from ingest.text.languages import language_of_part
from ingest.text.lexicon import FIGURES, listed, tables
from store.records import Document, Section
from store.terms import words

# Counts in words up to ten ("two", "several", "third") are often idiom: they are left to the judge.
_LEAST_IN_WORDS = 11
_UNITS = {"€": "EUR", "euro": "EUR", "$": "USD", "us$": "USD", "dollar": "USD", "us dollar": "USD"}
_UNITS |= {"franc": "CHF", "swiss franc": "CHF", "£": "GBP", "pound": "GBP", "per cent": "%", "percent": "%"}

_PLAIN = r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_RANGE = re.compile(r"(?<=\d)-(?=\d)")
_HYPHEN = re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])")
_NUMBER = re.compile(
    rf"(?P<before>€|US\$|\$|£|\b(?:EUR|USD|CHF|GBP)\b)?\s?(?<![A-Za-z0-9_/.])(?<!\d:)(?P<value>{_PLAIN})(?P<ordinal>st|nd|rd|th)?(?![A-Za-z0-9_/]|:\d)"
    r"(?:[\s\u00a0]?(?P<after>%|per\s?cent\b|(?:Swiss\s)?francs?\b|euros?\b|(?:US\s)?dollars?\b|pounds?\b|€|EUR\b|USD\b|CHF\b"
    r"|GBP\b))?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Number:
    """`value` in units of one; `unit` is a currency's code, "%" or "" for a plain count or an ordinal."""

    value: float
    unit: str
    ordinal: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return (
            f"{_plainly(self.value, ',')}{'%' if self.unit == '%' else f' {self.unit}' if self.unit else ''}"
        )


def numbers(text: str, language: str = "en", *, least_in_words: int = _LEAST_IN_WORDS) -> list[Number]:
    """Return the numbers of a text in English notation, in order; in English those in words too.

    Words count from `least_in_words` on.
    """
    written = _scaled(language)(_RANGE.sub(" – ", text))
    in_digits = _parsed(written)
    if language != "en":
        return in_digits
    # "Ten-year": the library reads words alone.
    whole = _parsed(alpha2digit(_HYPHEN.sub(" ", written), "en", threshold=0.0))
    return [number for number in whole if number.value >= least_in_words or number in in_digits]


@lru_cache
def _scaled(language: str) -> Callable[[str], str]:
    """Return the function that writes out the numbers of a text that a word of the language multiplies."""
    table = tables().get(language, tables()["en"])["scales"]
    scales = {word: float(scale) for scale, written in table.items() for word in listed(written)}
    # Chinese writes on without a space.
    end = r"(?![A-Za-z\u00c0-\u04ff\u0621-\u064a])"
    either = "|".join(map(re.escape, sorted(scales, key=len, reverse=True)))
    scaled = re.compile(rf"({_PLAIN})[\s\u00a0]?({either}){end}", re.I)

    def written_out(match: re.Match[str]) -> str:
        # Rounded, as 2.027 times a million is a little more than 2,027,000.
        return _plainly(round(_value(match[1]) * scales[match[2].casefold()], 6))

    return lambda text: scaled.sub(written_out, text)


def _parsed(text: str) -> list[Number]:
    return [
        Number(_value(match["value"]), _unit(match["before"] or match["after"] or ""), bool(match["ordinal"]))
        for match in _NUMBER.finditer(text)
    ]


def stated(number: Number, among: frozenset[Number], *, rounded: bool = False) -> bool:
    """Whether a number is among others; one without a unit matches any unit.

    `rounded`: or whether it is one of them, rounded.
    """
    same = [n for n in among if not number.unit or n.unit == number.unit]
    return any(n.value == number.value or (rounded and _rounds(number.value, n.value)) for n in same)


def _rounds(value: float, exact: float) -> bool:
    """Whether a number of at least 100 is rounder than another one, and near it."""
    zeros, others = (len(f"{n:.0f}") - len(f"{n:.0f}".rstrip("0")) for n in (value, exact))
    return value >= _LEAST_ROUNDED and zeros > others and abs(value - exact) <= _ROUNDED_SHARE * exact


def _plainly(value: float, separator: str = "") -> str:
    """Return a number in digits, never as 1e+11."""
    return f"{value:{separator}.0f}" if value == int(value) else f"{value:{separator}}"


def _value(digits: str) -> float:
    return float(re.sub(r"[,\u00a0\u202f ]", "", digits))


def _unit(word: str) -> str:
    name = " ".join(word.casefold().split())
    return _UNITS.get(name.removesuffix("s"), _UNITS.get(name, word.strip().upper()))


# A/RES/76/307, C24/67, C24/INF/9, ITU-T L.1470, resolution 75/1.
_SYMBOL = re.compile(
    r"(?<![A-Za-z0-9_])(?:(?=[A-Z0-9./]*\d)[A-Z][A-Z0-9]*(?:/[A-Z0-9.]*[A-Z0-9])+(?:\([^)]*\))?|\d{1,3}/\d{1,4}\b|[A-Z]\.\d+(?:[./]\d+)*\b)"
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


# The least number that is taken for a rounded one, and the share by which it may differ.
_LEAST_ROUNDED = 100
_ROUNDED_SHARE = 0.05


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
    """The day from which a statement's dates without a year are resolved: by default the first document's."""
    language: str
    """The language of statements."""
    of_draft: bool = False
    """Whether the statements are of a draft: it rounds numbers, may quote other languages, and names things in words of
    its own, so that names, months and years are not compared."""


def read_facts(
    passages: Sequence[CitedPassage],
    forms: Forms,
    request_days: Collection[date] = (),
    language: str = "en",
    *,
    draft_of: date | None = None,
) -> PassageFacts:
    """Return the facts of passages taken together, for statements in a language; any may name the `request_days`.

    `draft_of`: the statements are of a draft, written on this day, from which they name dates ("this year"); else they
    do from the day of the first document.
    """
    reference = passages[0].document.date if passages else None
    bodies = [
        (f"{p.section.heading}\n{p.section.text}", language_of_part(p.section.text, p.document.language))
        for p in passages
    ]
    heads = [(f"{p.document.title} {p.document.symbol or ''}", p.document.language) for p in passages]
    text = "\n".join(part for part, _language in (*bodies, *heads))
    days = [d for part, own in (*bodies, *heads) for d in find_dates(part, reference=reference, language=own)]
    counted = [(without_dates_and_symbols(part, reference, own), own) for part, own in bodies]
    counted += [(in_english_notation(part, own), own) for part, own in heads]
    found = [n for part, own in counted for n in numbers(part, own, least_in_words=0)]
    named = [Number(float(n), "") for n in _NUMBERED_NAME.findall(text)]
    years = [Number(float(end.year), "") for d in days for end in (d.start, d.end) if end]
    return PassageFacts(
        words=f" {' '.join(words(text))} ",
        links=frozenset(text[start:end].casefold() for start, end in links(text)),
        numbers=frozenset([*found, *years]),
        days=tuple(days),
        reference_days=frozenset([*(p.document.date for p in passages if p.document.date), *request_days]),
        times=frozenset([*(time for _span, time in clocks(text)), *(d.time for d in days if d.time)]),
        symbols=frozenset(symbols(text)),
        names=KnownNames(text, frozenset(n.value for n in (*found, *named))),
        forms=forms,
        reference=draft_of or reference,
        language=language,
        of_draft=draft_of is not None,
    )


def symbols(text: str) -> list[str]:
    """Return the document symbols of a text, in order."""
    return [match.group().rstrip(".").upper() for match in _SYMBOL.finditer(text)]


@lru_cache(maxsize=128)
def without_dates_and_symbols(text: str, reference: date | None, language: str = "en") -> str:
    """Return a text with blanks for days, years, symbols, times of day and links: their numbers are no counts.

    The others are in English notation.
    """
    dates = [d.span for d in find_dates(text, reference=reference, language=language) if d.start is not None]
    text = blank(text, dates)
    symbols = [match.span() for match in _SYMBOL.finditer(text)]
    blanked = blank(text, [*symbols, *(span for span, _time in clocks(text)), *links(text)])
    return in_english_notation(blanked, language)


def in_english_notation(text: str, language: str) -> str:
    """Return a text of the same length, with the signs in its numbers as English writes them."""
    if language == "en" or language not in tables():
        return text
    # Imported late: most texts are in English.
    from babel.numbers import get_decimal_symbol, get_group_symbol

    signs = {get_group_symbol(language): ",", get_decimal_symbol(language): ".", "\u066b": ".", "\u066c": ","}
    written = _BETWEEN_DIGITS.sub(lambda match: signs.get(match.group(), match.group()), text)
    return written.translate(FIGURES)


# A sign in a number, where it is no end of a sentence.
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[.,\u066b\u066c](?=\d)")


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
