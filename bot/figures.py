"""The figures of a text: numbers, ordinals, percentages and amounts of money, however they are written."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Unit = Literal["", "%", "EUR", "USD", "CHF", "GBP", "ordinal", "fraction"]
Limit = Literal["", "more", "less"]

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth"
).split()
_WORDS = {word: n for n, word in enumerate(_UNITS)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_WORDS |= {"dozen": 12, "hundred": 100, "thousand": 1000}
_TH = {word: n for n, word in enumerate(_ORDINALS, 1)} | {
    f"{word[:-1]}ieth": 10 * n for n, word in enumerate(_TENS, 2)
}
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "mn": 1e6,
    "bn": 1e9,
    "billion": 1e9,
    "trillion": 1e12,
}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10, "halves": 2}
_MONEY = {"€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD", "usd": "USD"}
_MONEY |= {
    "dollar": "USD",
    "dollars": "USD",
    "chf": "CHF",
    "franc": "CHF",
    "francs": "CHF",
    "£": "GBP",
    "gbp": "GBP",
}

_CURRENCY = r"(?:€|US\$|\$|£|\b(?:EUR|USD|CHF|GBP)\b)"
_DIGITS = r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_ANY_WORD = "|".join([*_TENS, *reversed(_UNITS), "dozen", "hundred", "thousand"])
_ANY_TH = "|".join(_TH)
_FIGURE = re.compile(
    rf"(?P<before>{_CURRENCY}\s?)?(?<![\w/.-])(?!\d\d?:\d\d\b)(?<!\d:)(?P<digits>{_DIGITS})(?:(?P<th>st|nd|rd|th)\b)?"
    rf"(?:[\s\u00a0]?(?P<scale>million|billion|trillion|thousand|bn|mn|[kKMm])\b)?(?!\w)"
    rf"(?:[\s\u00a0]?(?P<after>%|per\s?cent\b|percent\b|(?:Swiss\s)?francs?\b|euros?\b|(?:US\s)?dollars?\b|€|EUR\b|USD\b|CHF\b))?"
    rf"|\b(?P<whole>one|two|three|four|a)[\s-](?P<part>half|third|quarter|fifth|tenth)s?\b|\b(?P<half>half)\b"
    rf"|\b(?:(?P<tens>{'|'.join(_TENS)})-)?(?P<ordinal>{_ANY_TH})\b"
    rf"|\b(?P<words>(?:{_ANY_WORD})(?:[\s-](?:and[\s-])?(?:{_ANY_WORD}))*)\b(?:\s(?P<wordscale>million|billion)\b)?"
    rf"(?:\s(?P<wordafter>per\s?cent|percent|(?:Swiss\s)?francs?|euros?|(?:US\s)?dollars?)\b)?",
    re.I,
)
_MORE = re.compile(
    r"\b(?:more than|over|at least|in excess of|above|exceeding|no fewer than)\s+(?:\w+\s)?$", re.I
)
_LESS = re.compile(
    r"\b(?:fewer than|less than|under|below|at most|up to|no more than|nearly|almost)\s+(?:\w+\s)?$", re.I
)


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in units of one; `span` is its place in the text.

    `limit` is "more" for "over 40" and "less" for "up to 40".
    """

    value: float
    unit: Unit
    span: tuple[int, int]
    limit: Limit = ""

    def equals(self, other: Figure) -> bool:
        """Whether both say the same; "40" is not "up to 40" where the other says "over 40"."""
        if abs(self.value - other.value) > 1e-9 * max(1.0, abs(self.value)):
            return False
        if self.unit != other.unit:
            return False
        return not self.limit or self.limit == other.limit


def figures(text: str, skip: Collection[tuple[int, int]] = ()) -> list[Figure]:
    """Return the figures of `text` in order, leaving out those within the spans of `skip` (dates).

    "One" alone is a pronoun as often as a number and is left out.
    """
    found = []
    for match in _FIGURE.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in skip):
            continue
        figure = _figure(match, text)
        if figure is not None:
            found.append(figure)
    return found


def _figure(match: re.Match[str], text: str) -> Figure | None:
    span = match.span()
    limit = _limit(text[max(0, span[0] - 24) : span[0]])
    if match["digits"]:
        value = float(re.sub(r"[,\u00a0\u202f ]", "", match["digits"]))
        value *= _SCALES.get((match["scale"] or "").casefold(), 1.0)
        if match["th"]:
            return Figure(value, "ordinal", span)
        return Figure(value, _unit(match["before"], match["after"]), span, limit)
    if match["half"]:
        return Figure(0.5, "fraction", span)
    if match["part"]:
        whole = 1 if match["whole"].casefold() == "a" else _WORDS[match["whole"].casefold()]
        return Figure(whole / _PARTS[match["part"].casefold()], "fraction", span)
    if match["ordinal"]:
        tens = _WORDS[match["tens"].casefold()] if match["tens"] else 0
        return Figure(float(tens + _TH[match["ordinal"].casefold()]), "ordinal", span)
    value = _value(match["words"]) * _SCALES.get((match["wordscale"] or "").casefold(), 1.0)
    if value == 1.0 and not match["wordafter"]:
        return None
    return Figure(value, _unit(None, match["wordafter"]), span, limit)


def _value(spelt: str) -> float:
    total, current = 0.0, 0.0
    for word in re.split(r"[\s-]+", spelt.casefold()):
        if word == "and":
            continue
        n = _WORDS[word]
        if n >= 100 or word == "dozen":
            current = (current or 1) * n
            if n == 1000:
                total, current = total + current, 0.0
        else:
            current += n
    return total + current


def _unit(before: str | None, after: str | None) -> Unit:
    word = (before or after or "").strip().casefold().removeprefix("swiss ").removeprefix("us ")
    if word.startswith(("%", "per")):
        return "%"
    return _MONEY.get(word, "")  # type: ignore[return-value]


def _limit(before: str) -> Limit:
    return "more" if _MORE.search(before) else "less" if _LESS.search(before) else ""
