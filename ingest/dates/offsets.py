"""Recurrences ("annual") and distances from something else ("within 12 months")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ingest.dates.reading import cardinal_at, ordinal_at
from ingest.dates.tokens import Token, kind_at, skip_word, word_at
from ingest.dates.words import MONTHS, SEASONS, UNITS, vocabulary

Relation = Literal["before", "after", "within"]

# "Biannual" means twice a year to some and every second year to others.
_AMBIGUOUS = "P2Y or P6M (ambiguous)"
_RECURRING = {
    "annual": "P1Y", "annually": "P1Y", "yearly": "P1Y", "biennial": "P2Y", "biennially": "P2Y",
    "triennial": "P3Y", "quadrennial": "P4Y", "quarterly": "P3M", "monthly": "P1M", "weekly": "P1W",
    "biannual": _AMBIGUOUS, "biannually": _AMBIGUOUS, "bimonthly": "P2M or P15D (ambiguous)",
    "semiannual": "P6M", "semiannually": "P6M", "halfyearly": "P6M", "twoyearly": "P2Y", "fouryearly": "P4Y",
}  # fmt: skip
_OF_MONTH = [["of", word, "month"] for word in ("the", "a", "each", "every")]
_BEFORE = frozenset(["before"])
_AFTER = frozenset(["after", "following", "from", "of"])
_LIMITING = vocabulary("at least no not later less than")
_AFTER_ANCHOR = vocabulary("is are was will shall and or which that to may must")
# An anchor longer than this is a sentence, not a name.
_ANCHOR_TOKENS = 10


class Offset(NamedTuple):
    """A recurrence or a distance at tokens `first` to `stop`, as an ISO 8601 duration.

    `relation` is None for a recurrence; `anchor` are the tokens of the event from which the distance is measured.
    """

    first: int
    stop: int
    duration: str
    relation: Relation | None = None
    anchor: tuple[int, int] | None = None


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
    duration = {"once": "P1Y", "twice": "P6M", "thrice": "P4M"}.get(word)
    if duration and word_at(tokens, i + 1) in ("a", "per", "every") and word_at(tokens, i + 2) == "year":
        return Offset(i, i + 3, duration)
    return None


def _every(tokens: Sequence[Token], i: int) -> Offset | None:
    """Read what follows "every" or "each": a year, quarter, season, month, week, weekday, or weekday of a month."""
    other = word_at(tokens, i + 1) in ("other", "second")
    k = i + 1 + other
    word = word_at(tokens, k)
    if word in ("year", "month", "week"):
        return Offset(i, k + 1, f"P{1 + other}{UNITS[word]}")
    if kind_at(tokens, k) == "weekday" and word_at(tokens, k + 1) != "of":
        return Offset(i, k + 1, f"P{1 + other}W")
    nth = ordinal_at(tokens, i + 1) or ((-1, k + 1) if word == "last" else None)
    if nth and kind_at(tokens, nth[1]) == "weekday":
        of_month = [word_at(tokens, nth[1] + n) for n in (1, 2, 3)]
        return Offset(i, nth[1] + 4, "P1M") if of_month in _OF_MONTH else None
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
    word, k = tokens[i].fold, i
    if word == "within":
        k += 1
        while word_at(tokens, k) in ("the", "next", "a", "period", "of", "maximum", "coming") and k - i < 6:
            if word_at(tokens, k) == "a" and word_at(tokens, k + 1) in UNITS:
                break
            k += 1
    counted = cardinal_at(tokens, k)
    if counted is None:
        return None
    number, k = counted
    k = skip_word(tokens, k, "calendar", "working", "full", "clear")
    unit = UNITS.get(word_at(tokens, k))
    if unit is None:
        return None
    stop = k + 1
    stop += word_at(tokens, stop) in ("'", "’")
    duration = f"P{number}{unit}"
    relation, after = _relation(tokens, stop)
    if word == "within" and (relation is None or relation == "after"):
        anchor = _anchor(tokens, after) if relation else None
        return Offset(i, stop, duration, "within", anchor)
    if relation is None or word_at(tokens, stop) in ("of", "from"):
        return None
    first = i
    if relation == "before":
        while first > 0 and i - first < 4 and word_at(tokens, first - 1) in _LIMITING:
            first -= 1
    anchor = _anchor(tokens, after)
    return Offset(first, anchor[1] if anchor else after, duration, relation, anchor)


def _relation(tokens: Sequence[Token], i: int) -> tuple[Relation | None, int]:
    word, following = word_at(tokens, i), word_at(tokens, i + 1)
    if word in _BEFORE:
        return "before", i + 1
    if (word, following) in (("prior", "to"), ("ahead", "of")):
        return "before", i + 2
    if (word, following, word_at(tokens, i + 2)) == ("in", "advance", "of"):
        return "before", i + 3
    if word in _AFTER:
        return "after", i + 1
    return None, i


def _anchor(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    stop = i
    while (
        stop < len(tokens)
        and stop - i < _ANCHOR_TOKENS
        and tokens[stop].kind in ("word", "number", "code", "year")
    ):
        if tokens[stop].fold in _AFTER_ANCHOR:
            break
        stop += 1
    return (i, stop) if stop > i else None
