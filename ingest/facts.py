"""What a document is: symbol, title, date and language, each with where it was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, takewhile
from pathlib import PurePosixPath
from typing import Any, Generic, Literal, TypeVar

from ingest.dates import find_dates
from ingest.languages import language_of
from ingest.readers.base import Extract

Found = Literal["sidecar", "text", "margin", "properties", "file name", "symbol", "nowhere"]
T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One fact and where it was found; the surer places are asked first."""

    value: T
    found: Found


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a document. `date_inferred` is true where no text states the day."""

    title: Fact[str]
    symbol: Fact[str | None]
    date: Fact[date | None]
    date_inferred: bool
    language: Fact[str]

    @property
    def found(self) -> dict[str, str]:
        """Where each fact was found; what is nowhere is left out."""
        facts: dict[str, Fact[Any]] = {
            "title": self.title,
            "symbol": self.symbol,
            "date": self.date,
            "language": self.language,
        }
        return {name: fact.found for name, fact in facts.items() if fact.found != "nowhere"}


# The cover of a document; further down, symbols and dates are those of others.
_COVER_BLOCKS = 40
_LANGUAGE_SAMPLE = 4000
_SYMBOL = re.compile(
    r"(?:(?:Document|Doc\.?|Symbol|Reference|Ref\.?|United Nations|Document symbol)\s*:?\s+)?"
    r"(?P<symbol>[A-Z][A-Z0-9&.\-]{0,20}(?:/[A-Z0-9&.\-]{1,20}){1,5}"
    r"(?:\s?\((?:Rev|Add|Corr)\.\s?\d{1,2}\)|\(\d{4}\))?(?:-[EFSRAC])?)"
    r"(?:\s*[–-]?\s*\d{0,3}\s*[–-]?)"
)
# ITU's names for the files of its documents: S25-CL-C-0901!R1!MSW-E, S25-CL-INF-0008!!PDF-E.
_ITU_FILE = re.compile(
    r"S(?P<year>\d\d)-CL-(?P<series>C|INF|DT|DL)-0*(?P<number>\d+)!(?:R(?P<revision>\d+))?!\w+-(?P<language>[EFSRAC])",
    re.IGNORECASE,
)
# The United Nations' names for theirs, with the slashes of the symbol as underscores: A_RES_79_1-EN.
_UN_FILE = re.compile(r"(?P<symbol>(?:A|S|E|ST|TD|CEB|HRC)(?:_[A-Z0-9.]+){1,5})(?:-[A-Z]{2})?")
_LANGUAGES = {"E": "en", "F": "fr", "S": "es", "R": "ru", "A": "ar", "C": "zh"}
_DATE_LABEL = re.compile(
    r"(?:date|dated|issued|published|date of issue|publication date|distr\.?[\w: ]*)\s*:?\s*", re.I
)
_PLACE = re.compile(r"[A-ZÀ-Þ][\w'’.-]+(?: [A-ZÀ-Þ][\w'’.-]+){0,3},?\s+")
_ORIGINAL = re.compile(r"Original\s*:", re.IGNORECASE)
# How many lines lie between a document's symbol and its date.
_NEAR = 3
# What programs put where a title should be.
_NO_TITLE = re.compile(
    r"(?:microsoft word|microsoft powerpoint|untitled|document\d*$|title$|powerpoint presentation|template|"
    r"normal\.dot|slide \d|.*\.(?:docx?|pdf|rtf|pptx?|indd|html?)$)",
    re.IGNORECASE,
)


def find_facts(extract: Extract, *, name: str, sidecar: Mapping[str, Any]) -> Facts:
    """Return the facts of a document; `name` is its source's, and what `sidecar` states stands above all."""
    cover = _cover(extract)
    stem = PurePosixPath(name).stem
    symbol = _first(
        (sidecar.get("symbol"), "sidecar"),
        (extract.symbol, "text"),
        (_symbol_in(cover), "text"),
        (_symbol_in(extract.margins), "margin"),
        (_symbol_of_file(stem), "file name"),
    )
    day, exact = _date(extract, cover, stem, sidecar)
    return Facts(
        title=_title(extract, stem, sidecar),
        symbol=symbol,
        date=day,
        date_inferred=bool(sidecar.get("date_inferred", False))
        if day.found == "sidecar"
        else day.value is not None and not exact,
        language=_language(extract, symbol.value, sidecar),
    )


def identity(symbol: str) -> str:
    """Return what stays the same in a symbol through its revisions."""
    return re.sub(r"\s?\(Rev\.\s?\d+\)|/Rev\.\s?\d+$", "", symbol)


def _first(*candidates: tuple[str | None, Found]) -> Fact[str | None]:
    return next((Fact(value, found) for value, found in candidates if value), Fact(None, "nowhere"))


def _cover(extract: Extract) -> list[str]:
    """Return the lines of the cover: what stands before the first number, without tables of other things."""
    lines: list[str] = []
    blocks = takewhile(lambda block: block.number is None, extract.blocks[:_COVER_BLOCKS])
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        parts = [part for block in group for part in re.split(r"[\n\t]|; ", block.raw)]
        told = [" ".join(part.split()) for part in parts if part.strip()]
        if kind not in ("row", "item", "note") or any(
            _is_symbol(line) or _ORIGINAL.match(line) for line in told
        ):
            lines += told
    return lines


def _is_symbol(line: str) -> bool:
    return (match := _SYMBOL.fullmatch(line)) is not None and any(sign.isdigit() for sign in match["symbol"])


def _symbol_in(lines: Iterable[str]) -> str | None:
    revision = None
    for line in lines:
        if (revised := re.match(r"Revision (\d{1,2}) to\b\s*(.*)", line)) is not None:
            revision, line = revised[1], revised[2] or line
        match = _SYMBOL.fullmatch(line)
        if match is None or not _is_symbol(line):
            continue
        symbol = match["symbol"].rstrip("-.")
        if revision is not None and "Rev" not in symbol:
            return re.sub(r"(-[EFSRAC])?$", rf"(Rev.{revision})\g<0>", symbol, count=1)
        return symbol
    return None


def _symbol_of_file(stem: str) -> str | None:
    if (itu := _ITU_FILE.fullmatch(stem)) is not None:
        series = "" if itu["series"].upper() == "C" else itu["series"].upper() + "/"
        revision = f"(Rev.{itu['revision']})" if itu["revision"] else ""
        return f"C{itu['year']}/{series}{itu['number']}{revision}-{itu['language'].upper()}"
    un = _UN_FILE.fullmatch(stem)
    return un["symbol"].upper().replace("_", "/") if un and any(c.isdigit() for c in un["symbol"]) else None


def _title(extract: Extract, stem: str, sidecar: Mapping[str, Any]) -> Fact[str]:
    kept = extract.properties.title
    if sidecar.get("title"):
        return Fact(str(sidecar["title"]), "sidecar")
    if extract.title:
        return Fact(extract.title, "text")
    if kept and not _NO_TITLE.match(kept) and kept.casefold() != stem.casefold():
        return Fact(kept, "properties")
    for block in extract.blocks[:_COVER_BLOCKS]:
        if block.kind == "heading" and block.level is not None and block.number is None:
            return Fact(" ".join(block.raw.split()), "text")
    return Fact(stem.replace("_", " "), "file name")


def _date(
    extract: Extract, cover: Sequence[str], stem: str, sidecar: Mapping[str, Any]
) -> tuple[Fact[date | None], bool]:
    """Return the date, and whether the document states the day itself."""
    if sidecar.get("date") is not None:
        return Fact(sidecar["date"], "sidecar"), True
    if extract.date is not None:
        return Fact(extract.date, "text"), True
    stated = [
        (place, *reading) for place, line in enumerate(cover) if (reading := _stated_date(line)) is not None
    ]
    if (day := _own_day(stated, cover)) is not None:
        return Fact(day, "text"), True
    margins = {
        reading[0] for line in extract.margins if (reading := _stated_date(line)) and reading[1] != _MONTH
    }
    if len(margins) == 1:
        return Fact(margins.pop(), "margin"), True
    if (named := _date_in_name(stem)) is not None:
        return Fact(named, "file name"), False
    months = {day for _, day, rank in stated if rank == _MONTH}
    if len(months) == 1:
        return Fact(months.pop(), "text"), False
    if extract.properties.date is not None:
        return Fact(extract.properties.date, "properties"), False
    return Fact(None, "nowhere"), False


_LABELLED, _ALONE, _MONTH = 0, 1, 2


def _own_day(stated: Sequence[tuple[int, date, int]], cover: Sequence[str]) -> date | None:
    """Return the day that a cover gives to its document: named as such, beside the symbol, or the only one."""
    for _, day, rank in stated:
        if rank == _LABELLED:
            return day
    marks = [place for place, line in enumerate(cover) if _is_symbol(line) or _ORIGINAL.match(line)]
    alone = [(place, day) for place, day, rank in stated if rank == _ALONE]
    beside = [day for place, day in alone if any(abs(place - mark) <= _NEAR for mark in marks)]
    if beside:
        return beside[0]
    # Several days are a programme's.
    return alone[0][1] if len({day for _, day in alone}) == 1 else None


def _stated_date(line: str) -> tuple[date, int] | None:
    """Return the date that a line consists of, and how it is stated.

    "Geneva, 20 May 2025" dates a document; "Geneva, 17-27 June 2025" is when the meeting is that it is for.
    """
    if len(line) > 80:
        return None
    found = [d for d in find_dates(line, reference=None) if d.kind == "date"]
    if len(found) != 1:
        return None
    one = found[0]
    start = one.start
    if start is None or one.year_inferred or one.approximate or one.named:
        return None
    before, after = line[: one.span[0]], line[one.span[1] :]
    labelled = _DATE_LABEL.fullmatch(before) is not None
    if after.strip(" .;") or not (not before.strip() or labelled or _PLACE.fullmatch(before)):
        return None
    if one.precision == "day" and start == one.end:
        return start, _LABELLED if labelled else _ALONE
    return (start, _MONTH) if one.precision == "month" and not labelled else None


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


def _language(extract: Extract, symbol: str | None, sidecar: Mapping[str, Any]) -> Fact[str]:
    if sidecar.get("language"):
        return Fact(str(sidecar["language"]), "sidecar")
    if symbol is not None and (suffix := re.search(r"\d[^/]*-([EFSRAC])$", symbol)) is not None:
        return Fact(_LANGUAGES[suffix[1]], "symbol")
    sample = ""
    for block in extract.blocks:
        sample += block.raw + "\n"
        if len(sample) > _LANGUAGE_SAMPLE:
            break
    if (spoken := language_of(sample[:_LANGUAGE_SAMPLE])) is not None:
        return Fact(spoken, "text")
    kept = re.match(r"[A-Za-z]{2}(?![A-Za-z])", extract.properties.language or "")
    return Fact(kept[0].casefold(), "properties") if kept else Fact("en", "nowhere")
