"""Ranges with an end that is more than a day: "between April 17 and the end of May", "late 2025/early 2026"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.dates.forms.calendar import Reading
from ingest.dates.forms.partial import read_date
from ingest.dates.shapes import Point, Shape
from ingest.dates.text.joints import joint_at, moves, opened_by, past_remark
from ingest.dates.text.tokens import Token, kind_at, word_at


def read_dates(tokens: Sequence[Token], i: int) -> list[Reading]:
    """Return the dates that start at token `i`, one after the other; none where none does. Bounded work."""
    readings = read_date(tokens, i)
    if len(readings) != 1 or not _may_end_a_range(readings[0]):
        return readings
    first = readings[0]
    between = opened_by(tokens, i) == "between"
    joined_at = past_remark(tokens, first.stop)
    joint, k = joint_at(tokens, joined_at)
    if not (joint == "range" or (between and word_at(tokens, k - 1) == "and")) or moves(tokens, i):
        return readings
    k += word_at(tokens, k) == "the"
    others = _end_of_same(tokens, k, first) or (read_date(tokens, k) if k < len(tokens) else [])
    if not others or not _may_end_a_range(others[0]):
        return readings
    shape = Shape(first.shape.first, others[0].shape.last, first.shape.part, others[0].shape.part)
    both_plain = _plain(first.shape) and _plain(others[0].shape)
    # A dash or slash beside a mere year is punctuation.
    loose = kind_at(tokens, joined_at) in ("dash", "slash") and (_year(first.shape) or _year(others[0].shape))
    if both_plain or loose or shape.days(2024) is None:
        return readings
    return [replace(first, stop=others[0].stop, shape=shape), *others[1:]]


def _may_end_a_range(reading: Reading) -> bool:
    return reading.relative is None and not reading.named and not reading.shape.ranged


def _plain(shape: Shape) -> bool:
    """Whether it is a plain day or month: a stretch of those is read where the days are."""
    return shape.first.month is not None and not shape.part


def _year(shape: Shape) -> bool:
    return shape.first.month is None and not shape.part


def _end_of_same(tokens: Sequence[Token], k: int, first: Reading) -> list[Reading]:
    """Read "end of the month" and "end of the year" behind a date that says which."""
    if word_at(tokens, k) not in ("end", "close") or word_at(tokens, k + 1) != "of":
        return []
    begun, unit = first.shape.first, word_at(tokens, k + 3)
    if word_at(tokens, k + 2) not in ("the", "that") or unit not in ("month", "year") or begun.month is None:
        return []
    point = Point(begun.year, begun.month if unit == "month" else 12)
    return [Reading(k, k + 4, Shape(point, point, "end"))]
