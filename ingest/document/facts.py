"""Finds symbol, title, date and language of a document, each with the place where it was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, Generic, Literal, TypeVar

from ftfy.badness import badness

from ingest.dates import find_dates
from ingest.document.dates import is_dated, own_day, signed_day, updated_day
from ingest.document.head import HeadLine, head, lines_of, running, tail
from ingest.document.symbols import (
    first_symbol,
    is_mark,
    states_symbol,
    symbol_in,
    symbol_of_file,
    symbol_of_name,
    without_mark,
)
from ingest.document.titles import name_in, of_properties, tidy, title_in
from ingest.languages import detect_language, in_words_of_rules, languages
from ingest.readers.base import Extract
from store.records import split_language, without_revision

Found = Literal["sidecar", "text", "margin", "properties", "file name", "symbol", "nowhere"]
T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One fact and where it was found; more reliable places are searched first."""

    value: T
    found: Found


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The facts of a document. `date_inferred`: no text states the day."""

    title: Fact[str]
    symbol: Fact[str | None]
    date: Fact[date | None]
    date_inferred: bool
    language: Fact[str]
    notes: tuple[str, ...] = ()
    """Sentences for people about what was found."""

    @property
    def found(self) -> dict[str, str]:
        """Name of each fact -> where it was found; facts that were not found are left out."""
        facts: dict[str, Fact[Any]] = {
            "title": self.title,
            "symbol": self.symbol,
            "date": self.date,
            "language": self.language,
        }
        return {name: fact.found for name, fact in facts.items() if fact.found != "nowhere"}


_LANGUAGE_SAMPLE_CHARS = 4000
# Places of a text with letters that no language has side by side.
_LEAST_BADNESS = 3
# A symbol that is alone in one of the last lines is the document's; further up it is one of a list.
_LAST_LINES = 3
# An earlier date is a program's default value.
_FIRST_YEAR = 1900
# The lines of the text that are searched for the days of a programme.
_BODY_LINES = 200
# The last letter of ITU's symbols.
_LANGUAGES = {"E": "en", "F": "fr", "S": "es", "R": "ru", "A": "ar", "C": "zh"}


def find_facts(
    extract: Extract, *, name: str, sidecar: Mapping[str, Any], today: date | None = None
) -> DocumentFacts:
    """Return the facts of a document; `name` is its file name; facts of the `sidecar` have precedence."""
    stem = PurePosixPath(name).stem
    lines, margins = head(extract), running(extract)
    end = [line for line in tail(extract) if line not in lines]  # a short document is all head
    stated = _stated_language(extract, sidecar)
    written = stated.value if stated else "en"
    of_file = symbol_of_file(stem)
    symbol = _first(
        (sidecar.get("symbol"), "sidecar"),
        (symbol_in(list(_glossed(lines, written))), "text"),
        (first_symbol(_glossed(margins, written)), "margin"),
        (first_symbol(_glossed(end[-_LAST_LINES:], written)), "text"),
        (of_file, "file name"),
        (symbol_of_name(extract.properties.title), "properties"),
    )
    if of_file and symbol.found == "text" and symbol.value == without_mark(of_file):
        # An addendum names the document that it is to, in words that are not known in each language.
        symbol = Fact(of_file, "file name")
    language = stated or _language_without_text(extract, symbol.value)
    read = list(_glossed(lines, language.value))
    day, exact = _date(
        extract,
        (read, list(_glossed(margins, language.value)), list(_glossed(end, language.value))),
        language.value,
        stem,
        sidecar,
        today or datetime.now().astimezone().date(),
    )
    return DocumentFacts(
        title=_title(extract, _own_lines(lines, read), stem, sidecar),
        symbol=symbol,
        date=day,
        date_inferred=bool(sidecar.get("date_inferred", False))
        if day.found == "sidecar"
        else day.value is not None and not exact,
        language=language,
        notes=tuple(_notes(extract, symbol.value, language.value)),
    )


def _glossed(lines: Iterable[HeadLine], language: str) -> Iterator[HeadLine]:
    """Yield the lines in the words of the rules."""
    for line in lines:
        if language in languages():
            text, label = in_words_of_rules(line.text, language), in_words_of_rules(line.label, language)
            line = replace(line, text=text, label=label)
        yield line


def _own_lines(lines: Sequence[HeadLine], read: Sequence[HeadLine]) -> list[HeadLine]:
    """Return the lines without dates and symbols in another language: the rules of titles leave out those in English.

    `read` are the lines in the words of the rules, in English the lines themselves.
    """
    return [
        line
        for line, own in zip(lines, read, strict=True)
        if own is line or not (is_dated(own) or states_symbol(own))
    ]


def identity(symbol: str) -> str:
    """Return a symbol without its revision."""
    return without_revision(symbol)


def revision(symbol: str) -> int:
    """Return the number of a symbol's revision, 0 for none: 1 for "C25/31(Rev.1)-E"."""
    found = re.search(r"\bRev\.\s?(\d+)", symbol)
    return int(found[1]) if found is not None else 0


def _first(*candidates: tuple[str | None, Found]) -> Fact[str | None]:
    return next((Fact(value, found) for value, found in candidates if value), Fact(None, "nowhere"))


def _title(extract: Extract, lines: Sequence[HeadLine], stem: str, sidecar: Mapping[str, Any]) -> Fact[str]:
    found = _first(
        (sidecar.get("title"), "sidecar"),
        (title_in(lines, extract.title), "text"),
        (of_properties(extract.properties.title, stem), "properties"),
        (name_in(lines), "text"),
        (tidy(extract.title or ""), "text"),
        (next((tidy(line.whole) for line in lines if line.level is not None), None), "text"),
    )
    return Fact(found.value, found.found) if found.value else Fact(stem.replace("_", " "), "file name")


def _date(
    extract: Extract,
    parts: tuple[Sequence[HeadLine], Sequence[HeadLine], Sequence[HeadLine]],
    language: str,
    stem: str,
    sidecar: Mapping[str, Any],
    today: date,
) -> tuple[Fact[date | None], bool]:
    """Return the date, and whether the document states the day itself.

    `parts` are the lines of head, margins and end, in the words of the rules; `language` is that of the text.

    A month alone is no day. A file property with today's date says only that the file was saved today. A wrong date
    would give everything that the text says about "this year" a wrong year.
    """
    if sidecar.get("date") is not None:
        return Fact(sidecar["date"], "sidecar"), True
    if (marked := _possible(extract.date)) is not None:
        return Fact(marked, "text"), True
    lines, margins, end = parts
    all_lines = (line for block in extract.blocks if block.kind != "row" for line in lines_of(block))
    body = _glossed(islice(all_lines, _BODY_LINES), language)
    stated: tuple[tuple[date | None, Found], ...] = (
        (own_day(lines, is_mark, body), "text"),
        (own_day(margins, is_mark, ()), "margin"),
        (signed_day(end), "text"),
        (updated_day(lines), "text"),
        (updated_day(margins), "margin"),
        (updated_day(end), "text"),
    )
    for day, found in stated:
        if day is not None:
            return Fact(day, found), True
    if (named := _date_in_name(stem)) is not None:
        return Fact(named, "file name"), False
    saved = _possible(extract.properties.date)
    return (
        Fact(saved, "properties") if saved is not None and saved < today else Fact(None, "nowhere")
    ), False


def _possible(day: date | None) -> date | None:
    """Return the day, None for a program's default value (1 January of the year 1)."""
    return day if day is not None and day.year >= _FIRST_YEAR else None


def _date_in_name(stem: str) -> date | None:
    match = re.search(r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)", stem)
    if match is not None:
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None
    found = [
        d
        for d in find_dates(stem.replace("_", " "), reference=None)
        if d.precision == "day" and not d.year_inferred
    ]
    return found[0].start if len(found) == 1 and found[0].start == found[0].end else None


def _language_of_symbol(symbol: str | None) -> str | None:
    divided = split_language(symbol or "")
    return None if divided is None else _LANGUAGES[divided[1]]


def _notes(extract: Extract, symbol: str | None, language: str) -> Iterator[str]:
    """Yield what people should know about the language and the letters of the text."""
    # A text may quote such letters.
    if badness("\n".join(block.raw for block in extract.blocks)) >= _LEAST_BADNESS:
        yield (
            "letters look as if the text had been saved in a wrong encoding (“Ã©” for “é”): save it as UTF-8, and add "
            "it again"
        )
    lettered = _language_of_symbol(symbol)
    if lettered not in (None, language):
        yield f"the symbol {symbol} names another language than that of the text ({language}), which counts"
    if language == "und":
        yield "the text is in a script that is not known: no dates are read"


def _stated_language(extract: Extract, sidecar: Mapping[str, Any]) -> Fact[str] | None:
    """Return the language that the sidecar states, or that the text surely is in."""
    if sidecar.get("language"):
        return Fact(re.split(r"[-_]", str(sidecar["language"]))[0].casefold(), "sidecar")
    sample = ""
    for block in extract.blocks:
        sample += block.raw + "\n"
        if len(sample) > _LANGUAGE_SAMPLE_CHARS:
            break
    if (detected := detect_language(sample[:_LANGUAGE_SAMPLE_CHARS])) is not None:
        return Fact(detected, "text")
    return None


def _language_without_text(extract: Extract, symbol: str | None) -> Fact[str]:
    if (lettered := _language_of_symbol(symbol)) is not None:
        return Fact(lettered, "symbol")
    code = re.match(r"[A-Za-z]{2}(?![A-Za-z])", extract.properties.language or "")
    return Fact(code[0].casefold(), "properties") if code else Fact("en", "nowhere")
