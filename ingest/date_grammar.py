"""Dates that are not plain days: parts of years and months, quarters, seasons, years, weeks, "next June"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.date_calendar import Reading, joint_at, kind_at, read_calendar, word_at
from ingest.date_shapes import Point, Shape
from ingest.date_tokens import Token
from ingest.date_words import (
    EVENT_NOUNS,
    MONTHS,
    NAMES_AFTER_YEAR,
    NAMES_BEFORE_YEAR,
    ORDINAL_WORDS,
    PARTS,
    SEASONS,
    YEAR_PREPOSITIONS,
)

_RELATIVE = {"this": 0, "current": 0, "next": 1, "last": -1}
_SEASON_LEADS = frozenset(["in", "during", "throughout", "over", "by", "until", "before", "this"])
_FARTHEST_NOUN = 8


def read_date(tokens: Sequence[Token], i: int) -> list[Reading]:
    """Return the dates that start at token `i`, one after the other; none where none does. Bounded work."""
    kind = tokens[i].kind
    if kind == "full":
        return _full(tokens, i)
    if kind in ("number", "month", "weekday"):
        ordinal = _one(_ordinal_part(tokens, i)) if kind == "number" else []
        return ordinal or read_calendar(tokens, i)
    if kind in ("quarter", "half"):
        return _one(_lettered(tokens, i))
    if kind == "year":
        return _one(_year(tokens, i))
    if kind == "word":
        return _one(_worded(tokens, i))
    return []


def _one(reading: Reading | None) -> list[Reading]:
    return [] if reading is None else [reading]


def _full(tokens: Sequence[Token], i: int) -> list[Reading]:
    dates = tokens[i].dates
    if dates is None:
        return []
    last, stop = dates[1], i + 1
    joint, k = joint_at(tokens, i + 1)
    other = tokens[k].dates if joint == "range" and k < len(tokens) else None
    if other and other[1] >= last:
        last, stop = other[1], k + 1
    first = dates[0]
    shape = Shape(Point(first.year, first.month, first.day), Point(last.year, last.month, last.day))
    return [Reading(i, stop, shape)]


def _worded(tokens: Sequence[Token], i: int) -> Reading | None:
    word = tokens[i].fold
    if word in _RELATIVE:
        return _relative(tokens, i) or _ordinal_part(tokens, i)
    if word in ("earlier", "later"):
        reading = _relative(tokens, i + 1)
        return replace(reading, first=i, approximate=True) if reading else None
    if word in ORDINAL_WORDS:
        return _ordinal_part(tokens, i)
    if word in PARTS:
        return _part(tokens, i)
    if word in SEASONS:
        return _season(tokens, i)
    if word in ("year's", "year’s") and word_at(tokens, i + 1) == "end":
        return Reading(i, i + 2, Shape(Point(), Point(), "end"), relative=0)
    if word in ("week", "weeks"):
        return _week(tokens, i)
    return None


def _relative(tokens: Sequence[Token], i: int) -> Reading | None:
    offset, noun = _RELATIVE.get(word_at(tokens, i)), word_at(tokens, i + 1)
    if offset is None:
        return None
    if noun in ("year", "year's", "year’s"):
        return Reading(i, i + 2, Shape(Point(), Point()), relative=offset)
    if noun in ("month", "month's", "month’s"):
        return Reading(i, i + 2, Shape(Point(), Point()), relative=offset, unit="month")
    if noun in ("week", "week's", "week’s"):
        return Reading(i, i + 2, Shape(Point(), Point(), "week"), relative=offset, unit="week")
    if noun in MONTHS and kind_at(tokens, i + 1) == "month":
        month = tokens[i + 1].value
        if kind_at(tokens, i + 2) in ("year", "number"):
            return None
        return Reading(i, i + 2, Shape(Point(None, month), Point(None, month)), relative=offset)
    if noun in SEASONS and word_at(tokens, i) != "current":
        month = SEASONS[noun]
        return Reading(i, i + 2, Shape(Point(None, month), Point(None, month), "season"), relative=offset)
    return None


def _target(tokens: Sequence[Token], i: int) -> Reading | None:
    """Return the month or year at `i` that a part is a part of."""
    i += word_at(tokens, i) == "the"
    i += word_at(tokens, i) == "calendar"
    if word_at(tokens, i) in ("year", "current") and kind_at(tokens, i + 1) != "year":
        stop = i + 1 + (word_at(tokens, i) == "current")
        return Reading(i, stop, Shape(Point(), Point()), relative=0)
    i += word_at(tokens, i) == "year"
    if kind_at(tokens, i) == "year":
        year = tokens[i].value
        if kind_at(tokens, i + 1) == "dash" and kind_at(tokens, i + 2) in ("year", "number"):
            return None
        return Reading(i, i + 1, Shape(Point(year), Point(year)))
    if kind_at(tokens, i) == "month":
        month, k = tokens[i].value, i + 1
        k += kind_at(tokens, k) == "comma" and kind_at(tokens, k + 1) == "year"
        k += word_at(tokens, k) in (".", "of") and kind_at(tokens, k + 1) == "year"
        year_after = tokens[k].value if kind_at(tokens, k) == "year" else None
        stop = k + 1 if year_after else i + 1
        return Reading(i, stop, Shape(Point(year_after, month), Point(year_after, month)))
    relative = _relative(tokens, i)
    if relative is None and word_at(tokens, i) == "following" and word_at(tokens, i + 1) == "year":
        return Reading(i, i + 2, Shape(Point(), Point()), relative=1)
    return relative if relative and relative.unit != "week" else None


def _narrowed(tokens: Sequence[Token], i: int, k: int, part: str) -> Reading | None:
    target = _target(tokens, k)
    if target is None or target.shape.part:
        return None
    return replace(target, first=i, shape=replace(target.shape, part=part))


def _part(tokens: Sequence[Token], i: int) -> Reading | None:
    word, part, k = tokens[i].fold, PARTS[tokens[i].fold], i + 1
    adjective = word in ("early", "mid", "late")
    if word == "latter" or (
        adjective and word_at(tokens, k) in ("part", "months", "days", "weeks", "stages", "half")
    ):
        if word == "latter" and word_at(tokens, k) == "half":
            return _halved(tokens, i, k, 2)
        k += 1
    if word_at(tokens, k) == "of" or (adjective and word_at(tokens, k) == "in"):
        return _narrowed(tokens, i, k + 1, part)
    if kind_at(tokens, k) == "dash" and (adjective or word == "end"):
        return _narrowed(tokens, i, k + 1, part)
    # "end 2025" after a preposition; elsewhere "end" and "start" are verbs.
    if adjective or (
        word == "end" and word_at(tokens, i - 1) in ("by", "at", "until", "before", "year", "-")
    ):
        return _narrowed(tokens, i, k, part)
    return None


def _ordinal_part(tokens: Sequence[Token], i: int) -> Reading | None:
    """Read "third quarter of 2024", "second half of the year", "first week of June", "first months of 2025"."""
    word = tokens[i].fold
    which = ORDINAL_WORDS.get(word, tokens[i].value if word == "ordinal" else 0)
    k = i + 1
    k += word_at(tokens, k) in ("few", "two", "three", "couple")
    noun, k = word_at(tokens, k), k + 1
    if word_at(tokens, k) not in ("of", "in"):
        return None
    if noun == "quarter" and which in (1, 2, 3, 4, -1):
        return _of_year(tokens, i, k + 1, "quarter", 3 * ((which if which > 0 else 4) - 1) + 1)
    if noun in ("half", "semester") and which in (1, 2, -1):
        return _halved(tokens, i, k - 1, which)
    if noun in ("months", "weeks") and which in (1, -1):
        return _narrowed(tokens, i, k + 1, "early" if which == 1 else "late")
    if noun == "week" and (1 <= which <= 4 or which == -1):
        target = _narrowed(tokens, i, k + 1, f"week{which}" if which > 0 else "late")
        return target if target and target.shape.first.month else None
    return None


def _halved(tokens: Sequence[Token], i: int, half: int, which: int) -> Reading | None:
    """Read on after "first half" (`half` is the token of "half") of a year or of a month."""
    if word_at(tokens, half + 1) not in ("of", "in"):
        return None
    second = which in (2, -1)
    of_year = _of_year(tokens, i, half + 2, "half", 7 if second else 1)
    return of_year or _narrowed(tokens, i, half + 2, "fortnight2" if second else "fortnight1")


def _of_year(tokens: Sequence[Token], i: int, k: int, part: str, month: int) -> Reading | None:
    target = _target(tokens, k)
    if target is None or target.shape.first.month or target.unit != "year":
        return None
    year = target.shape.first.year
    return replace(target, first=i, shape=Shape(Point(year, month), Point(year, month), part))


def _lettered(tokens: Sequence[Token], i: int) -> Reading | None:
    """Read "Q3 2024", "Q1–Q2 2025", "H2 of 2025", and "Q4" after a preposition."""
    part = tokens[i].kind
    length = 3 if part == "quarter" else 6
    first = last = length * (tokens[i].value - 1) + 1
    k = i + 1
    joint, other = joint_at(tokens, k)
    if joint and kind_at(tokens, other) == part and tokens[other].value > tokens[i].value:
        last, k = length * (tokens[other].value - 1) + 1, other + 1
    at = k + (word_at(tokens, k) == "of" or kind_at(tokens, k) in ("comma", "dash", "slash"))
    if kind_at(tokens, at) == "year":
        year: int | None = tokens[at].value
        stop = at + 1
    elif word_at(tokens, i - 1) in ("in", "by", "during", "until", "before", "from", "for"):
        year, stop = None, k
    else:
        return None
    return Reading(i, stop, Shape(Point(year, first), Point(year, last), part))


def _season(tokens: Sequence[Token], i: int) -> Reading | None:
    k = i + 1 + (word_at(tokens, i + 1) == "of")
    if (
        kind_at(tokens, k) != "year"
        and word_at(tokens, i - 1) == "the"
        and word_at(tokens, i - 2) in _SEASON_LEADS
    ):
        month = SEASONS[tokens[i].fold]
        return Reading(i, i + 1, Shape(Point(None, month), Point(None, month), "season"))
    if kind_at(tokens, k) != "year" or word_at(tokens, i - 1) in ("to", "will", "may"):
        return None
    year, month, stop = tokens[k].value, SEASONS[tokens[i].fold], k + 1
    if kind_at(tokens, stop) in ("dash", "slash") and kind_at(tokens, stop + 1) in ("year", "number"):
        stop += 2  # "winter 2024/25" opens in the first of the two years, as any winter does
    return Reading(i, stop, Shape(Point(year, month), Point(year, month), "season"))


def _week(tokens: Sequence[Token], i: int) -> Reading | None:
    if word_at(tokens, i + 1) not in ("of", "commencing", "beginning", "starting"):
        return None
    inner = read_calendar(tokens, i + 2 + (word_at(tokens, i + 2) == "the"))
    if len(inner) != 1 or not inner[0].shape.first.day:
        return None
    shape = inner[0].shape
    single = shape.first == shape.last
    return replace(inner[0], first=i, shape=replace(shape, part="week") if single else shape)


def _year(tokens: Sequence[Token], i: int) -> Reading | None:
    year, following = tokens[i].value, kind_at(tokens, i + 1)
    if following == "quarter":
        month = 3 * tokens[i + 1].value - 2
        return Reading(i, i + 2, Shape(Point(year, month), Point(year, month), "quarter"))
    before = i - 1
    while (
        word_at(tokens, before) in ("the", "year", "calendar", "around", "about", "approximately")
        and i - before < 4
    ):
        before -= 1
    lead = word_at(tokens, before)
    joint, k = joint_at(tokens, i + 1)
    if joint and following != "comma" and kind_at(tokens, k) == "year" and tokens[k].value > year:
        spanning = (lead, word_at(tokens, i + 1)) in (("from", "to"), ("from", "until"), ("between", "and"))
        dashed = following == "dash" and lead in ("in", "during", "from", "between")
        if (spanning or dashed) and word_at(tokens, k + 1) not in NAMES_AFTER_YEAR and before == i - 1:
            return Reading(i, k + 1, Shape(Point(year), Point(tokens[k].value)))
    if following in ("dash", "slash") and kind_at(tokens, i + 2) in ("year", "number", "code"):
        return None  # a period ("2024-2025", "2024/25")
    if kind_at(tokens, i - 1) in ("dash", "slash"):
        return None
    if word_at(tokens, i + 1) in NAMES_AFTER_YEAR:
        return None
    single = Reading(i, i + 1, Shape(Point(year), Point(year)))
    if word_at(tokens, i - 1) in ("for", "of") and word_at(tokens, i - 2) in NAMES_BEFORE_YEAR:
        return None  # "the budget for 2025"
    if word_at(tokens, i - 1) == "by" and kind_at(tokens, i - 2) in ("number", "year"):
        return None  # "1200 by 2030 pixels"
    in_course = (word_at(tokens, i - 2), word_at(tokens, i - 1)) == ("course", "of")
    if word_at(tokens, i - 1) in YEAR_PREPOSITIONS or word_at(tokens, i - 1) == "year" or in_course:
        return single
    if lead in YEAR_PREPOSITIONS and word_at(tokens, i - 1) in ("around", "about", "approximately"):
        return replace(single, approximate=True)
    if _names_event(tokens, i):
        return replace(single, named=True)
    if (
        lead in ("and", "or")
        and kind_at(tokens, i - 2) == "year"
        and word_at(tokens, i - 3) in YEAR_PREPOSITIONS
    ):
        return single
    return None


def _names_event(tokens: Sequence[Token], i: int) -> bool:
    """Whether the year at `i` belongs to an event's name ("WSIS Forum 2023", "the 2025 WSIS Forum")."""
    previous = word_at(tokens, i - 1)
    if kind_at(tokens, i - 1) == "word" and previous not in NAMES_BEFORE_YEAR:
        k = i - 1
        while k > max(i - _FARTHEST_NOUN, -1) and _in_name(tokens[k]):
            if tokens[k].fold in EVENT_NOUNS and tokens[k].text[0].isupper():
                return True
            k -= 1
    if previous not in ("the", "its", "their", "this", "our", "each", "for", ""):
        return False
    for k in range(i + 1, min(i + _FARTHEST_NOUN, len(tokens))):
        token = tokens[k]
        if token.fold in NAMES_AFTER_YEAR or not (
            _in_name(token) or token.fold in EVENT_NOUNS or token.kind == "code"
        ):
            return False
        if token.fold in EVENT_NOUNS or (token.fold == "edition" and word_at(tokens, k + 1) == "of"):
            return True
        if k == i + 1 and token.fold in ("of", "the", "and", "for", "on"):
            return False
    return False


def _in_name(token: Token) -> bool:
    return token.kind == "word" and (
        token.text[0].isupper() or token.fold in ("of", "the", "and", "for", "on")
    )
