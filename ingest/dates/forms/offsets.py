"""Recurrences ("annual") and distances ("within 12 months")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ingest.dates.text.numbers import cardinal_at
from ingest.dates.text.tokens import Token, kind_at, skip_word, word_at
from ingest.dates.text.words import MONTHS, SEASONS, UNITS

# "Biannual" means twice a year to some and every second year to others.
_AMBIGUOUS = "P2Y or P6M (ambiguous)"
_RECURRING = {
    "annual": "P1Y", "annually": "P1Y", "yearly": "P1Y", "biennial": "P2Y", "biennially": "P2Y",
    "triennial": "P3Y", "quadrennial": "P4Y", "quarterly": "P3M", "monthly": "P1M", "weekly": "P1W",
    "biannual": _AMBIGUOUS, "biannually": _AMBIGUOUS, "bimonthly": "P2M or P15D (ambiguous)",
    "semiannual": "P6M", "semiannually": "P6M", "halfyearly": "P6M", "twoyearly": "P2Y", "fouryearly": "P4Y",
}  # fmt: skip


class Offset(NamedTuple):
    """A recurrence, as an ISO 8601 duration, or a distance ("within 12 months"), at tokens `first` to `stop`."""

    first: int
    stop: int
    recurrence: str | None


def parse_offset(tokens: Sequence[Token], i: int) -> Offset | None:
    """Return the recurrence or the distance that starts at token `i`. Bounded work."""
    if tokens[i].kind not in ("word", "number"):
        return None
    return _recurrence(tokens, i) or _distance(tokens, i)


def _recurrence(tokens: Sequence[Token], i: int) -> Offset | None:
    word = tokens[i].fold
    if word in _RECURRING:
        return Offset(i, i + 1, _RECURRING[word])
    if kind_at(tokens, i + 1) == "dash" and word + word_at(tokens, i + 2) in _RECURRING:
        return Offset(i, i + 3, _RECURRING[word + word_at(tokens, i + 2)])
    if word in ("every", "each"):
        return _every(tokens, i) or (_counted(tokens, i) if word == "every" else None)
    times = {"once": "P1Y", "twice": "P6M", "thrice": "P4M"}.get(word)
    if times and word_at(tokens, i + 1) in ("a", "per", "every") and word_at(tokens, i + 2) == "year":
        return Offset(i, i + 3, times)
    return None


def _every(tokens: Sequence[Token], i: int) -> Offset | None:
    """Read on after "every" or "each": a year, a quarter, a season, a month, a week or a weekday."""
    other = word_at(tokens, i + 1) in ("other", "second")
    k = i + 1 + other
    word = word_at(tokens, k)
    if word in ("year", "month", "week"):
        return Offset(i, k + 1, f"P{1 + other}{UNITS[word]}")
    if kind_at(tokens, k) == "weekday" and word_at(tokens, k + 1) != "of":
        return Offset(i, k + 1, f"P{1 + other}W")
    if other:
        return None
    if word == "quarter":
        return Offset(i, k + 1, "P3M")
    month = kind_at(tokens, k) == "month" and word in MONTHS
    if (month or word in SEASONS) and kind_at(tokens, k + 1) not in ("number", "year"):
        return Offset(i, k + 1, "P1Y")
    return None


def _counted(tokens: Sequence[Token], i: int) -> Offset | None:
    """Read "every two months" and "every three to four years", one of which is meant."""
    number = cardinal_at(tokens, i + 1)
    if number is None:
        return None
    joined = word_at(tokens, number[1]) in ("to", "or") or kind_at(tokens, number[1]) == "dash"
    until = cardinal_at(tokens, number[1] + 1) if joined else None
    stop = until[1] if until else number[1]
    unit = UNITS.get(word_at(tokens, stop))
    if unit is None:
        return None
    last = f" or P{until[0]}{unit}" if until else ""
    return Offset(i, stop + 1, f"P{number[0]}{unit}{last}")


def _distance(tokens: Sequence[Token], i: int) -> Offset | None:
    """Read "within 12 months" and "within the next ninety (90) calendar days"."""
    if tokens[i].fold != "within":
        return None
    k = i + 1
    while word_at(tokens, k) in ("the", "next", "a", "period", "of", "maximum", "coming") and k - i < 6:
        if word_at(tokens, k) == "a" and word_at(tokens, k + 1) in UNITS:
            break
        k += 1
    counted = cardinal_at(tokens, k)
    if counted is None:
        return None
    k = skip_word(tokens, counted[1], "calendar", "working", "full", "clear")
    return Offset(i, k + 1, None) if word_at(tokens, k) in UNITS else None
