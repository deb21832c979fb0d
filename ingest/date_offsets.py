"""Times that are no dates: what recurs ("annual"), and what is reckoned from something else ("within 12 months")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ingest.date_calendar import kind_at, word_at
from ingest.date_tokens import Token
from ingest.date_words import NUMBER_WORDS, UNITS

Relation = Literal["before", "after", "within"]

# "Biannual" means twice a year to some and every second year to others.
_AMBIGUOUS = "P2Y or P6M (ambiguous)"
_RECURRING = {
    "annual": "P1Y", "annually": "P1Y", "yearly": "P1Y", "biennial": "P2Y", "biennially": "P2Y",
    "triennial": "P3Y", "quadrennial": "P4Y", "quarterly": "P3M", "monthly": "P1M", "weekly": "P1W",
    "biannual": _AMBIGUOUS, "biannually": _AMBIGUOUS, "bimonthly": "P2M or P15D (ambiguous)",
    "semiannual": "P6M", "semiannually": "P6M",
}  # fmt: skip
_PREFIXED = {
    ("bi", "annual"): _AMBIGUOUS,
    ("bi", "annually"): _AMBIGUOUS,
    ("semi", "annual"): "P6M",
    ("semi", "annually"): "P6M",
    ("half", "yearly"): "P6M",
    ("two", "yearly"): "P2Y",
    ("four", "yearly"): "P4Y",
    ("bi", "monthly"): "P2M or P15D (ambiguous)",
}
_BEFORE = frozenset(["before"])
_AFTER = frozenset(["after", "following", "from", "of"])
# An anchor longer than this is a sentence, not a name.
_LONGEST_ANCHOR = 10


class Offset(NamedTuple):
    """A recurrence or a distance at tokens `first` to `stop`, as an ISO 8601 duration.

    `relation` is None for a recurrence; `anchor` gives the tokens of what the distance is reckoned from.
    """

    first: int
    stop: int
    duration: str
    relation: Relation | None = None
    anchor: tuple[int, int] | None = None


def read_offset(tokens: Sequence[Token], i: int) -> Offset | None:
    """Return the recurrence or the distance that starts at token `i`. Bounded work."""
    if tokens[i].kind not in ("word", "number"):
        return None
    return _recurrence(tokens, i) or _distance(tokens, i)


def _recurrence(tokens: Sequence[Token], i: int) -> Offset | None:
    word = tokens[i].fold
    if kind_at(tokens, i + 1) == "dash" and (word, word_at(tokens, i + 2)) in _PREFIXED:
        return Offset(i, i + 3, _PREFIXED[(word, word_at(tokens, i + 2))])
    if word in _RECURRING:
        return Offset(i, i + 1, _RECURRING[word])
    if word in ("every", "each"):
        if word_at(tokens, i + 1) in ("year", "month", "week"):
            return Offset(i, i + 2, "P1" + UNITS[word_at(tokens, i + 1)])
        if word_at(tokens, i + 1) in ("other", "second") and word_at(tokens, i + 2) in (
            "year",
            "month",
            "week",
        ):
            return Offset(i, i + 3, "P2" + UNITS[word_at(tokens, i + 2)])
        number, unit = _number(tokens, i + 1), word_at(tokens, i + 2)
        if word == "every" and number and unit in UNITS:
            return Offset(i, i + 3, f"P{number}{UNITS[unit]}")
    times = {"once": 1, "twice": 2, "thrice": 3}.get(word)
    if times and word_at(tokens, i + 1) in ("a", "per", "every") and word_at(tokens, i + 2) == "year":
        return Offset(i, i + 3, {1: "P1Y", 2: "P6M", 3: "P4M"}[times])
    return None


def _number(tokens: Sequence[Token], i: int) -> int | None:
    if kind_at(tokens, i) == "number" and word_at(tokens, i) != "ordinal" and 1 <= tokens[i].value <= 400:
        return tokens[i].value
    return NUMBER_WORDS.get(word_at(tokens, i))


def _distance(tokens: Sequence[Token], i: int) -> Offset | None:
    word, k = tokens[i].fold, i
    if word == "within":
        k += 1
        while word_at(tokens, k) in ("the", "next", "a", "period", "of", "maximum", "coming") and k - i < 6:
            if word_at(tokens, k) == "a" and word_at(tokens, k + 1) in UNITS:
                break
            k += 1
    number = _number(tokens, k)
    if number is None:
        return None
    k += 1
    k += word_at(tokens, k) in ("calendar", "working", "full", "clear")
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
        while (
            first > 0
            and i - first < 4
            and word_at(tokens, first - 1) in ("at", "least", "no", "not", "later", "less", "than")
        ):
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
        and stop - i < _LONGEST_ANCHOR
        and tokens[stop].kind in ("word", "number", "code", "year")
    ):
        if tokens[stop].fold in (
            "is",
            "are",
            "was",
            "will",
            "shall",
            "and",
            "or",
            "which",
            "that",
            "to",
            "may",
            "must",
        ):
            break
        stop += 1
    return (i, stop) if stop > i else None
