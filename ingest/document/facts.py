"""Finds symbol, title, date and language of a document, each with the place where it was found.

The head of a document is read as lines. Their labels are those of the tables of all languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, Generic, Literal, TypeVar

from ingest.document.head import HeadLine, head, labels, running, tail
from ingest.document.symbols import first_code, symbol_alone, symbol_in, symbol_of_file, without_mark
from ingest.readers.base import Extract
from ingest.text.dates import DateExpression, find_dates
from ingest.text.languages import LANGUAGES, detect_language
from store.records import split_language, without_revision

Found = Literal["sidecar", "text", "margin", "properties", "file name", "symbol", "nowhere"]
Form = Literal["labelled", "near", "bare", "dateline", "done", "updated"]
T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One fact and where it was found; more reliable places are searched first."""

    value: T
    found: Found


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The facts of a document. `date_inferred`: no text states the day. `notes` are sentences for people."""

    title: Fact[str]
    symbol: Fact[str | None]
    date: Fact[date | None]
    date_inferred: bool
    language: Fact[str]
    notes: tuple[str, ...] = ()

    @property
    def found(self) -> dict[str, str]:
        """Name of each fact -> where it was found; facts that were not found are left out."""
        facts: Mapping[str, Fact[object]] = {
            name: getattr(self, name) for name in ("title", "symbol", "date", "language")
        }
        return {name: fact.found for name, fact in facts.items() if fact.found != "nowhere"}


_LANGUAGE_SAMPLE_CHARS = 4000
# Places of a text with letters that no language has side by side.
_LEAST_BADNESS = 3
# A symbol that is alone in one of the last lines is the document's; further up it is one of a list.
_LAST_LINES = 3
# An earlier date is a program's default value.
_FIRST_YEAR = 1900
# The document's date is looked for in so many characters of a line.
_LINE_CHARS = 160
# What is shorter after a date belongs to it: "17 июня 2026 года", "2026年6月17日印发".
_LEAST_WORD = 5
# Most lines between a document's symbol and its date.
_NEAR_LINES = 3
_TITLE_CHARS = 200
_MOST_TITLE_WORDS = 40
# Words beside a date that is a line's only content: a place, "Original", a number of a page.
_MOST_BESIDE = 4
# A last line with its place in front: "Geneva, 17 September 2018".
_SIGNED = re.compile(r"[^\W\d_][^\d,]{1,30},\s")
_LETTERHEAD = re.compile(
    r"united nations(?: \w+){0,4}|(?:press|media|news) release.*|.*\benglish only|.*: ?(?:english|general|limited)|"
    r"(?:the )?(?:[\w-]+ ){0,5}(?:union|nations|organi[sz]ation|bureau|sector|secretariat)(?: \([A-Z]+\))?|"
    r"(?:table of )?contents|summary|abstract|annex.*|(?:agenda )?item\b.*|page .*|source.*|study period.*|\(.*\)|"
    r"note by .*|for immediate .*|newsletter.*|issn .*",
    re.IGNORECASE,
)
_NOISE = re.compile(r"@|https?:|www\.|©|\s[>»›|]\s|^\W*$|(?:^|\s)\+\d\d\b|[,;:。]$")
_NO_LETTER = re.compile(r"[\W_]+")
_NO_TITLE = re.compile(
    r"(?:microsoft word|microsoft powerpoint|untitled|\(\w+\)$|document\d*$|title$|powerpoint presentation|template|"
    r"normal\.dot|slide \d|.*\.(?:docx?|pdf|rtf|pptx?|indd|html?)$)",
    re.IGNORECASE,
)
# "Report by the Secretary-General" says who wrote it, not what it is on.
_BY_AUTHOR = re.compile(
    r"(?:report|note|contribution|proposal) (?:by|of|from) (?:the )?[\w-]+(?: [\w-]+){0,3}", re.I
)
# "Minutes of the third session" needs the name of the body above it.
_GENERIC = re.compile(
    r"(?:(?:draft|provisional|revised|final|annotated|summary|minutes|record|agenda|programme|report|notes?|list|"
    r"time ?plan|calendar|work|of|the|on|at|a|and|for|session|meeting|first|second|third|fourth|fifth|sixth|"
    r"\d+(?:st|nd|rd|th)?)\b\W*)+",
    re.IGNORECASE,
)


def find_facts(
    extract: Extract, *, name: str, sidecar: Mapping[str, Any], today: date | None = None
) -> DocumentFacts:
    """Return the facts of a document; `name` is its file name; facts of the `sidecar` have precedence."""
    stem = PurePosixPath(name).stem
    lines, margins = head(extract), running(extract)
    end = [line for line in tail(extract) if line not in lines]  # a short document is all head
    symbol = _symbol(extract, lines, margins, end, stem, sidecar)
    language = _language(extract, symbol.value, sidecar)
    day, exact = _date(extract, lines, margins, end, language.value, stem, sidecar, today)
    return DocumentFacts(
        title=_title(extract, lines, language.value, stem, sidecar),
        symbol=symbol,
        date=day,
        date_inferred=bool(sidecar.get("date_inferred", False))
        if day.found == "sidecar"
        else day.value is not None and not exact,
        language=language,
        notes=tuple(_notes(extract, symbol.value, language.value)),
    )


def identity(symbol: str) -> str:
    """Return a symbol without its revision."""
    return without_revision(symbol)


def revision(symbol: str) -> int:
    """Return the number of a symbol's revision, 0 for none: 1 for "C25/31(Rev.1)-E"."""
    found = re.search(r"\bRev\.\s?(\d+)", symbol)
    return int(found[1]) if found is not None else 0


def _first(*candidates: tuple[str | None, Found]) -> Fact[str | None]:
    return next((Fact(value, found) for value, found in candidates if value), Fact(None, "nowhere"))


def _symbol(
    extract: Extract,
    lines: Sequence[HeadLine],
    margins: Sequence[HeadLine],
    end: Sequence[HeadLine],
    stem: str,
    sidecar: Mapping[str, Any],
) -> Fact[str | None]:
    of_file = symbol_of_file(stem)
    # "CL-26/23 - Elections"
    titled = re.split(r"\s[|–—-]\s|: ", extract.properties.title or "")[0].strip()
    symbol = _first(
        (sidecar.get("symbol"), "sidecar"),
        (symbol_in(lines), "text"),
        (first_code(margins), "margin"),
        (first_code(end[-_LAST_LINES:]), "text"),
        (of_file, "file name"),
        (symbol_alone(titled), "properties"),
    )
    if of_file and symbol.found == "text" and symbol.value == without_mark(of_file):
        # An addendum names the document that it is to, in words that are not known in each language.
        return Fact(of_file, "file name")
    return symbol


def _title(
    extract: Extract, lines: Sequence[HeadLine], language: str, stem: str, sidecar: Mapping[str, Any]
) -> Fact[str]:
    """Return the title: labelled, marked by the file, or the line of the head that looks most like one."""
    fit = [line.whole for line in lines if _fits_title(line, language)]
    scores = {line.whole: _title_score(line) for line in reversed(lines)}
    marked = extract.title if extract.title and _fits_title(HeadLine(extract.title), language) else None
    labelled = (line.text for line in lines if line.label.casefold().rstrip(".") in labels("title"))
    chosen = next((text for text in labelled if len(text.split()) > 1), None)
    best = max(fit, key=scores.__getitem__, default="")  # of equal lines, the first one
    # The title that a file marks may be the name of the organisation.
    if chosen is None and best and scores[best] > 0:
        chosen = best if marked is None or _title_score(HeadLine(marked, level=1)) <= 0 else marked
    chosen = tidy(chosen or marked or "")
    if _GENERIC.fullmatch(chosen):
        above = next((text for text in fit if tidy(text) != chosen and len(text.split()) > 2), None)
        chosen = f"{tidy(above)}: {chosen}" if above else chosen
    found = _first(
        (sidecar.get("title"), "sidecar"),
        (chosen, "text"),
        (_title_of_properties(extract.properties.title, stem), "properties"),
        (tidy(extract.title or next(iter(fit), "")), "text"),
    )
    return Fact(found.value, found.found) if found.value else Fact(stem.replace("_", " "), "file name")


def _title_score(line: HeadLine) -> int:
    """Score a line as title: it names a kind of document, is a heading or in capitals; a letterhead names a body."""
    text = line.whole
    kind = _names(text, "kind")
    styled = line.level is not None or text.isupper()
    return (
        3 * (kind and not _BY_AUTHOR.fullmatch(text))
        + 2 * styled
        + (len(text.split()) >= 4)
        - 3 * (_names(text, "body") and not kind)
        - 2 * text.endswith(".")
    )


def _names(text: str, kind: str) -> bool:
    """Whether a text has a word of this kind; in Chinese, there is no space around words."""
    fold = text.casefold()
    spaced = f" {' '.join(re.split(_NO_LETTER, fold))} "
    return any(f" {word} " in spaced or (word in fold and word[0] >= "\u4e00") for word in labels(kind))


def _fits_title(line: HeadLine, language: str) -> bool:
    text = line.whole
    words = text.split()
    if line.prose or (line.label and not _names(line.label, "kind")) or len(words) > _MOST_TITLE_WORDS:
        return False
    if len(words) < 2 and not (language == "zh" and len(text) > 3):
        return False
    if text[0].islower() or symbol_alone(text) or _LETTERHEAD.fullmatch(text) or _NOISE.search(text):
        return False
    # A date and a place, of the document or of its meeting.
    dates = find_dates(text[:_LINE_CHARS], reference=None, language=language)
    found = [one for one in dates if one.precision == "day"]
    beside = text[: found[0].span[0]] + " " + text[found[-1].span[1] :] if found else text
    return not found or len(beside.split()) > _MOST_BESIDE


def _title_of_properties(stated: str | None, stem: str) -> str | None:
    """Return the title from a file's properties, without the name of the site; None if it is no title."""
    parts = [part.strip() for part in re.split(r"\s[|»]\s", stated or "")]
    title = tidy(max(parts[:2], key=len))
    no_title = _NO_TITLE.match(title) or title.casefold() == stem.casefold() or symbol_alone(title)
    return None if no_title else title


def tidy(text: str) -> str:
    """Return a title on one line, without formatting marks and full stop; a long one is cut between words."""
    text = re.sub(r"^\d+/\d+\.?\s+(?=[A-Z])", "", " ".join(text.split())).strip(" *_#>")
    text = text[:-1] if text.endswith(".") and not text.endswith("..") else text
    if len(text) <= _TITLE_CHARS:
        return text
    return text[: _TITLE_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def _date(
    extract: Extract,
    lines: Sequence[HeadLine],
    margins: Sequence[HeadLine],
    end: Sequence[HeadLine],
    language: str,
    stem: str,
    sidecar: Mapping[str, Any],
    today: date | None,
) -> tuple[Fact[date | None], bool]:
    """Return the date, and whether the document states the day itself.

    A month alone is no day. A file property with today's date says only that the file was saved today. A wrong date
    would give everything that the text says about "this year" a wrong year.
    """
    if sidecar.get("date") is not None:
        return Fact(sidecar["date"], "sidecar"), True
    if extract.date is not None and extract.date.year >= _FIRST_YEAR:
        return Fact(extract.date, "text"), True
    head_days = _stated_days(lines, language)
    end_days = _stated_days([*margins, *end], language)
    # The bare days of a programme are several, in the text too.
    others = {day for form, day in end_days if form in ("bare", "near")}
    head_days = [(form, day) for form, day in head_days if form != "bare" or not others - {day}]
    signed = _stated_days([line for line in end[-1:] if _SIGNED.match(line.whole)], language)
    places: Sequence[tuple[Sequence[tuple[Form, date]], Found, Sequence[Form]]] = (
        (head_days, "text", ("labelled", "near", "bare", "dateline", "done")),
        (end_days, "text", ("done", "labelled")),
        (signed, "text", ("bare",)),
        (head_days, "text", ("updated",)),
        (end_days, "text", ("updated",)),
    )
    for days, found, forms in places:
        for form in forms:
            if (day := _sole_day(days, form)) is not None:
                return Fact(day, found), True
    if (named := _date_in_name(stem)) is not None:
        return Fact(named, "file name"), False
    saved = extract.properties.date
    now = today or datetime.now().astimezone().date()
    if saved is None or saved.year < _FIRST_YEAR or saved >= now:
        return Fact(None, "nowhere"), False
    return Fact(saved, "properties"), False


def _sole_day(stated: Sequence[tuple[Form, date]], form: str) -> date | None:
    """Return the day that is stated in this form; the first where it has a mark, else the only one."""
    days = list(dict.fromkeys(day for other, day in stated if other == form))
    return days[0] if len(days) == 1 or (days and form in ("labelled", "near")) else None


def _stated_days(lines: Sequence[HeadLine], language: str) -> list[tuple[Form, date]]:
    """Return the days that lines state as those of a document: whole days with a year, in lines of little else."""
    found: list[tuple[Form, date]] = []
    marks = [
        place
        for place, line in enumerate(lines)
        if (line.label.casefold().rstrip(".") in labels("symbol") if line.label else symbol_alone(line.text))
    ]
    for place, line in enumerate(lines):
        text = line.whole[:_LINE_CHARS]
        dates = [one for one in find_dates(text, reference=None, language=language) if one.kind == "date"]
        if dates and (day := _whole_day(dates[0])) and (form := _form_of(lines, place, dates[0])):
            near = form == "bare" and any(abs(place - mark) <= _NEAR_LINES for mark in marks)
            found.append(("near" if near else form, day))
    return found


def _form_of(lines: Sequence[HeadLine], place: int, one: DateExpression) -> Form | None:
    """Return how a line states a day: with a label, as a dateline, or alone; None where it is of something else."""
    line = lines[place]
    text = line.whole[:_LINE_CHARS]
    before, after = text[: one.span[0]].strip(" ([*•–-:,|"), text[one.span[1] :].strip()
    last = re.split(r"[:|(]", before)[-1].strip() or before
    forms: Sequence[tuple[str, Form]] = (("updated", "updated"), ("done", "done"), ("date", "labelled"))
    for kind, form in forms:
        if _begins_with_label(before, kind) or (form == "updated" and _begins_with_label(last, kind)):
            ends = len(after) < _LEAST_WORD or after[0] in ".;)]|(,"
            near = lines[max(0, place - 2) : place + 3]
            meeting = one.time is not None or any(o.label.casefold() in labels("meeting") for o in near)
            short = len(before.split()) <= _MOST_BESIDE + 3
            return form if ends and short and not (meeting and form == "labelled") else None

    few = len(before.split()) <= _MOST_BESIDE
    if re.match(r"\)?\s*(?:[–—-]|--)(?:\s|$)", after) and few and before[:1].isupper():
        return "dateline"
    if line.prose or line.label or (line.level or 0) > 1 or one.lead not in ("", "of"):
        return None
    beside = len(f"{before} {after}".strip(" .,;)]").split())
    # More words and a full stop are a sentence.
    return "bare" if beside <= (2 if after[:1] == "." else _MOST_BESIDE) else None


def _begins_with_label(text: str, kind: str) -> bool:
    """Whether a text is a label, or begins with one that stands before a date: "Issued by the secretariat"."""
    fold = " ".join(re.sub(r"[\W\d_]+", " ", text).split()).casefold()
    return any(f"{fold} ".startswith(f"{label} ") for label in labels(kind))


def _whole_day(one: DateExpression) -> date | None:
    exact = one.precision == "day" and one.start == one.end and not (one.year_inferred or one.approximate)
    return one.start if exact else None


def _date_in_name(stem: str) -> date | None:
    match = re.search(r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)", stem)
    if match is not None:
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            return None
    found = list(filter(None, map(_whole_day, find_dates(stem.replace("_", " "), reference=None))))
    return found[0] if len(found) == 1 else None


def _language(extract: Extract, symbol: str | None, sidecar: Mapping[str, Any]) -> Fact[str]:
    """Return the language that the sidecar states, that the text surely is in, or that the symbol or the file names."""
    if sidecar.get("language"):
        return Fact(re.split(r"[-_]", str(sidecar["language"]))[0].casefold(), "sidecar")
    sample = ""
    for block in extract.blocks:
        sample += block.raw + "\n"
        if len(sample) > _LANGUAGE_SAMPLE_CHARS:
            break
    code = re.match(r"[A-Za-z]{2}(?![A-Za-z])", extract.properties.language or "")
    found = _first(
        (detect_language(sample[:_LANGUAGE_SAMPLE_CHARS]), "text"),
        (_language_of_symbol(symbol), "symbol"),
        (code and code[0].casefold(), "properties"),
    )
    return Fact(found.value or "en", found.found)


def _language_of_symbol(symbol: str | None) -> str | None:
    divided = split_language(symbol or "")
    return next((one.code for one in LANGUAGES.values() if divided and one.letter == divided[1]), None)


def _notes(extract: Extract, symbol: str | None, language: str) -> Iterator[str]:
    """Yield what people should know about the language and the letters of the text."""
    from ftfy.badness import badness

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
