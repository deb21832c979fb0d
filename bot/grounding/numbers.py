"""The numbers of a text with their units, in any spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass

from text_to_num import alpha2digit

# Counts in words up to ten ("two", "several", "third") are often idiom: they are left to the judge.
_LEAST_IN_WORDS = 11
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_SCALES |= {"trillion": 1e12}
_UNITS = {"€": "EUR", "euro": "EUR", "$": "USD", "us$": "USD", "dollar": "USD", "us dollar": "USD"}
_UNITS |= {"franc": "CHF", "swiss franc": "CHF", "£": "GBP", "pound": "GBP", "per cent": "%", "percent": "%"}

_PLAIN = r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_SCALED = re.compile(rf"({_PLAIN})[\s\u00a0]?(million|billion|trillion|thousand|bn|mn|[kKMm])\b", re.I)
_RANGE = re.compile(r"(?<=\d)-(?=\d)")
_HYPHEN = re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])")
_NUMBER = re.compile(
    rf"(?P<before>€|US\$|\$|£|\b(?:EUR|USD|CHF|GBP)\b)?\s?(?<![\w/.])(?<!\d:)(?P<value>{_PLAIN})(?:st|nd|rd|th)?(?![\w/]|:\d)"
    r"(?:[\s\u00a0]?(?P<after>%|per\s?cent\b|(?:Swiss\s)?francs?\b|euros?\b|(?:US\s)?dollars?\b|pounds?\b|€|EUR\b|USD\b|CHF\b"
    r"|GBP\b))?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Number:
    """`value` in units of one; `unit` is a currency's code, "%" or "" for a plain count or an ordinal."""

    value: float
    unit: str

    def __str__(self) -> str:
        return (
            f"{_plainly(self.value, ',')}{'%' if self.unit == '%' else f' {self.unit}' if self.unit else ''}"
        )


def numbers(text: str, *, least_in_words: int = _LEAST_IN_WORDS) -> list[Number]:
    """Return the numbers of a text in order; those in words from `least_in_words` on."""
    written = _SCALED.sub(_written_out, _RANGE.sub(" – ", text))
    in_digits = _parsed(written)
    # "Ten-year": the library reads words alone.
    whole = _parsed(alpha2digit(_HYPHEN.sub(" ", written), "en", threshold=0.0))
    return [number for number in whole if number.value >= least_in_words or number in in_digits]


def _parsed(text: str) -> list[Number]:
    return [
        Number(_value(match["value"]), _unit(match["before"] or match["after"] or ""))
        for match in _NUMBER.finditer(text)
    ]


def stated(number: Number, among: frozenset[Number]) -> bool:
    """Return whether a number is among others; one without a unit matches any unit."""
    return number in among or (not number.unit and any(n.value == number.value for n in among))


def _written_out(match: re.Match[str]) -> str:
    # Rounded, as 2.027 times a million is a little more than 2,027,000.
    return _plainly(round(_value(match[1]) * _SCALES[match[2].casefold()], 6))


def _plainly(value: float, separator: str = "") -> str:
    """Return a number in digits, never as 1e+11."""
    return f"{value:{separator}.0f}" if value == int(value) else f"{value:{separator}}"


def _value(digits: str) -> float:
    return float(re.sub(r"[,\u00a0\u202f ]", "", digits))


def _unit(word: str) -> str:
    name = " ".join(word.casefold().split())
    return _UNITS.get(name.removesuffix("s"), _UNITS.get(name, word.strip().upper()))
