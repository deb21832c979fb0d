"""The newest of some documents; official versions of one in several languages, and the dates that differ in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bot.locales import _, commas, language, noted, semicolons
from bot.register import RegisterEntry
from bot.register.wording import when
from store.records import Document, split_language


def newest_document(documents: Iterable[Document]) -> Document | None:
    """Return the document with the latest date, None if none has one."""
    return max((d for d in documents if d.date), key=lambda d: d.date or date.min, default=None)


def grouped(documents: Iterable[Document]) -> list[list[Document]]:
    """Return the documents in their order, the versions of one together: that for the language in use first."""
    groups: dict[tuple[str, str | int], list[Document]] = {}
    for number, document in enumerate(documents):
        groups.setdefault((document.audience, document.neutral_symbol or number), []).append(document)
    return [sorted(group, key=lambda one: one.distance_of_language(language())) for group in groups.values()]


def languages_of(group: Sequence[Document]) -> str:
    """Return the codes of the languages of a document, "" for one that has no other version: "en, fr, ru"."""
    return commas(sorted(document.language for document in group)) if len(group) > 1 else ""


def differing_dates(
    entries: Sequence[RegisterEntry],
    documents: Iterable[Document],
    places: Iterable[tuple[str, str]] | None = None,
) -> Iterator[str]:
    """Yield which paragraphs the versions of a document date differently, and how.

    `places` are those that are looked at, as (symbol without the language, number); None: all. A version that has a
    date more or less is no difference: a date may not be found in each language.
    """
    versions = {d.source: divided for d in documents if (divided := split_language(d.symbol or ""))}
    wanted = None if places is None else set(places)
    # Paragraph -> letter of a language -> id of an entry -> the entry.
    dated: dict[tuple[str, str], dict[str, dict[str, RegisterEntry]]] = {}
    for entry in entries:
        for mention in entry.mentions:
            symbol, letter = versions.get(mention.source, ("", ""))
            place = symbol, mention.section
            if symbol and (wanted is None or place in wanted):
                dated.setdefault(place, {}).setdefault(letter, {})[entry.id] = entry
    for (symbol, number), found in dated.items():
        common = set.intersection(*map(set, found.values()))
        stated: defaultdict[str, list[str]] = defaultdict(list)
        for letter, own in sorted(found.items()):
            if days := commas(when(entry) for key, entry in own.items() if key not in common):
                stated[days].append(letter)
        if len(stated) > 1:
            yield _(
                "The language versions of {symbol}, § {number}, state different dates: {dates}.",
                symbol=symbol,
                number=number,
                dates=semicolons(noted(days, commas(letters)) for days, letters in stated.items()),
            )
