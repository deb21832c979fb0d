"""The packs of languages: for each language a table of phrases, and the English words that the rules know them by."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "packs"
# English month and weekday names, in which a gloss writes those of CLDR.
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
# In English, which has no pack.
_PARAGRAPH = (
    "§ §§ paragraph paragraphs subparagraph para para. paras paras. section sections subsection point points"
)
_FORMS = [(context, width) for context in ("format", "stand-alone") for width in ("wide", "abbreviated")]


@dataclass(frozen=True, slots=True)
class Pack:
    """What the rules know of a language.

    `phrases`: phrase -> English words, "" for a phrase that says nothing; `asking`: those of questions alone; `exact`:
    the phrases that count as they are written alone, not by their stems; `days`: days in words, before a month ->
    figures. `scales`: word behind a number -> what it multiplies it by. `ordinals`: endings that make a number an
    ordinal. `hours` and `minutes`: words after a number. `prefixes`: letters that are written together with the next
    word -> what they replace at its beginning. `longest_ending`: letters in which a word may differ from a phrase with
    its stem. `tenses`: English words -> the pattern of words without a phrase that say them by their form. `units`:
    "year", "month", "day" -> the signs after a number, in a language that writes the year first; "numerals" -> those
    for 0 to 10. `order`: patterns of the gloss -> their words in the order of English.
    """

    language: str
    phrases: Mapping[str, str]
    asking: Mapping[str, str] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()
    days: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    ordinals: frozenset[str] = frozenset()
    hours: frozenset[str] = frozenset()
    minutes: frozenset[str] = frozenset()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    longest_ending: int | None = None
    tenses: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    order: Sequence[tuple[str, str]] = ()


@lru_cache
def languages() -> list[str]:
    """Return the codes of the languages that have a pack."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


@lru_cache
def load_pack(language: str) -> Pack:
    """Return the pack of a language. Raises KeyError where it has none."""
    if language not in languages():
        raise KeyError(language)
    content = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    form = content.pop("form")
    # A date in English stays one, in a paper that quotes it or whose language was misread.
    names = {name: name for name in (*MONTHS, *WEEKDAYS)} | dict(_calendar(form["locales"]))
    phrases = dict(names)
    asking = _phrases(content.pop("questions", {})) | _phrases(content.pop("topics", {}))
    days = _phrases(content.pop("days", {}))
    scales = {word: float(scale) for word, scale in _phrases(content.pop("scales", {})).items()}
    for table in content.values():
        phrases |= _phrases(table)
    order = [(pattern, replacement) for pattern, replacement in form.get("order", ())]
    words = {name: frozenset(_listed(form.get(name, ""))) for name in ("ordinals", "hours", "minutes")}
    return Pack(
        language,
        phrases,
        asking,
        # "Marché" has the stem of "mars".
        exact=frozenset() if form.get("declined_names") else frozenset(names),
        days=days,
        scales=scales,
        **words,
        prefixes=form.get("prefixes", {}),
        longest_ending=form.get("longest_ending"),
        tenses=form.get("tenses", {}),
        units=form.get("units", {}),
        order=order,
    )


@lru_cache
def abbreviations() -> frozenset[str]:
    """Return the casefolded abbreviations of all packs, of more than one letter, without their last full stop."""
    contents = (tomllib.loads(path.read_text("utf-8")) for path in _FOLDER.glob("*.toml"))
    listed = (text for content in contents for text in content.get("abbreviations", {}).values())
    words = (phrase.casefold().removesuffix(".") for text in listed for phrase in _listed(text))
    return frozenset(word for word in words if len(word) > 1)


@lru_cache
def paragraph_words() -> frozenset[str]:
    """Return what documents call a paragraph in all languages, before its number or around it: "par.", "第…段"."""
    forms = (tomllib.loads(path.read_text("utf-8"))["form"] for path in _FOLDER.glob("*.toml"))
    return frozenset(_PARAGRAPH.split()).union(*(_listed(form["paragraph"]) for form in forms))


def _phrases(table: Mapping[str, str]) -> dict[str, str]:
    return {phrase: words for words, listed in table.items() for phrase in _listed(listed)}


def _listed(text: str) -> list[str]:
    return [phrase for part in text.split("|") if (phrase := " ".join(part.split()))]


def _calendar(locales: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the names of months and weekdays in CLDR with the English ones."""
    # Imported late: a library in English needs no names of other languages.
    from babel import Locale

    for locale in map(Locale.parse, locales):
        for context, width in _FORMS:
            for names, english, first in (
                (locale.months, MONTHS, 1), (locale.days, WEEKDAYS, 0),
            ):  # fmt: skip
                for number, name in names[context][width].items():
                    yield name, english[number - first]
                    yield name.rstrip("."), english[number - first]
