"""What the cells of a workbook hold, as people write it in full: dates with their year, times, numbers, text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from ingest.readers.xlsx.numbers import shown_number

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
# What a format quotes, skips or says of colour and language is no part of a date.
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p', re.IGNORECASE)
_PARTS = re.compile(r"y+|e+|m+|d+|h+|s+", re.IGNORECASE)
# How a carriage return is kept in the XML of a cell.
_RETURN = re.compile(r"_x000d_", re.IGNORECASE)


def shown(value: Any, form: str) -> str:
    """Return a value in a number format; "" for what shows nothing. Months and days are in English."""
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(_RETURN.sub("\n", value).split())
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return shown_number(value, form)
    if isinstance(value, timedelta):
        return _length(value)
    parts = _date_parts(form.split(";")[0])
    if isinstance(value, time):
        return _hour(value, parts) if set(parts) & {"h", "s"} else ""
    if isinstance(value, datetime):
        return _moment(value, parts)
    return _day(value, parts) if isinstance(value, date) else " ".join(str(value).split())


def _moment(value: datetime, parts: Sequence[str]) -> str:
    named = set(parts) & {"y", "M", "d", "D"}
    timed = set(parts) & {"h", "s"}
    if timed and not named:
        return _hour(value.time(), parts)
    # A format that is unknown here leaves nothing out.
    timed = timed or (set() if named or value.time() == time() else {"h"})
    return f"{_day(value, parts)}, {_hour(value.time(), parts)}" if timed else _day(value, parts)


def _day(value: date, parts: Sequence[str]) -> str:
    month = _MONTHS[value.month - 1]
    if set(parts) & {"y", "M"} and not set(parts) & {"d", "D"}:
        return f"{month} {value.year}" if "M" in parts else str(value.year)
    weekday = f"{_DAYS[value.weekday()]}, " if "D" in parts else ""
    return f"{weekday}{value.day} {month} {value.year}"


def _hour(value: time, parts: Sequence[str]) -> str:
    seconds = f":{value.second:02d}" if "s" in parts and value.second else ""
    return f"{value.hour:02d}:{value.minute:02d}{seconds}"


def _length(value: timedelta) -> str:
    minutes = round(abs(value).total_seconds() / 60)
    return f"{'-' if value < timedelta() else ''}{minutes // 60}:{minutes % 60:02d}"


@lru_cache(maxsize=500)
def _date_parts(form: str) -> tuple[str, ...]:
    """Return what a date format shows: y, M (month), d, D (day of the week), h, m (minute), s."""
    tokens = [token.casefold() for token in _PARTS.findall(_LITERAL.sub(" ", form))]
    parts: list[str] = []
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        part = "y" if token[0] == "e" else token[0]
        if part == "m":
            minutes = (parts and parts[-1] == "h") or following.startswith("s")
            part = "m" if minutes else "M"
        elif part == "d" and len(token) > 2:
            part = "D"
        parts.append(part)
    return tuple(parts)
