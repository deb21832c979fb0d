"""Writes cell values as text: dates in full with their year, times, numbers as their format displays them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any

# Parts of a format that are no part of a date: quoted and skipped text, colours and languages.
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p', re.IGNORECASE)
_PARTS = re.compile(r"y+|e+|m+|d+|h+|s+", re.IGNORECASE)
# A carriage return as the XML of a cell has it.
_RETURN = re.compile(r"_x000d_", re.IGNORECASE)

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|(?P<hint>\[[^\]]*\])|[_*].'
    r"|(?P<number>[#0?](?:[#0?,.]*[#0?])?(?P<scale>,*))|(?P<other>.)",
    re.S,
)
# Conditions, exponents and fractions are rare in tables of this kind; such numbers are written plainly.
_UNUSUAL = re.compile(r"\[[<>=]|E[+-]|[#0?]\s*/|general", re.IGNORECASE)
_MOST_PLACES = 30
_GENERAL_DIGITS = 10


def format_value(value: Any, form: str) -> str:
    """Return a value in a number format; "" if nothing is displayed. Months and days are in English."""
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(_RETURN.sub("\n", value).split())
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return format_number(value, form)
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
    # In an unknown format, both day and time are written.
    timed = timed or (set() if named or value.time() == time() else {"h"})
    return f"{_day(value, parts)}, {_hour(value.time(), parts)}" if timed else _day(value, parts)


def _day(value: date, parts: Sequence[str]) -> str:
    if set(parts) & {"y", "M"} and not set(parts) & {"d", "D"}:
        return f"{value:%B %Y}" if "M" in parts else str(value.year)
    return f"{value:%A, %-d %B} {value.year}" if "D" in parts else f"{value:%-d %B} {value.year}"


def _hour(value: time, parts: Sequence[str]) -> str:
    seconds = f":{value.second:02d}" if "s" in parts and value.second else ""
    return f"{value.hour:02d}:{value.minute:02d}{seconds}"


def _length(value: timedelta) -> str:
    minutes = round(abs(value).total_seconds() / 60)
    return f"{'-' if value < timedelta() else ''}{minutes // 60}:{minutes % 60:02d}"


@lru_cache(maxsize=500)
def _date_parts(form: str) -> tuple[str, ...]:
    """Return the parts of a date format: y, M (month), d, D (day of the week), h, m (minute), s."""
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


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of a number format: the text before and after the number, and how the number is written."""

    before: str
    pattern: str
    after: str
    power: int  # of ten, by which the number is multiplied

    def write(self, value: Decimal) -> str:
        if not self.pattern or ("0" not in self.pattern and value == 0 and (self.before or self.after)):
            return (self.before + self.after).strip()
        whole, _, fraction = self.pattern.partition(".")
        places = min(sum(sign in "0#?" for sign in fraction), _MOST_PLACES)
        needed = min(fraction.count("0"), _MOST_PLACES)
        rounded = value.scaleb(self.power).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        digits, _, decimals = f"{rounded:f}".partition(".")
        decimals = decimals[:needed] + decimals[needed:].rstrip("0")
        digits = digits.zfill(min(whole.count("0"), _MOST_PLACES))
        if "," in whole:
            digits = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", digits)
        return f"{self.before}{digits}{'.' + decimals if decimals else ''}{self.after}".strip()


def format_number(value: int | float, form: str) -> str:
    """Return a number in a number format of SpreadsheetML (ISO/IEC 29500-1, 18.8.31)."""
    if not math.isfinite(value):
        return ""
    sections = _sections(form)
    if sections is None:
        return _plain(value)
    with localcontext() as context:
        context.prec = 400
        number = abs(Decimal(str(value)))
        place = 2 if value == 0 else 1 if value < 0 else 0
        section = sections[place] if place < len(sections) else sections[0]
        if place == 1 and (section.pattern or len(sections) == 1):
            # A minus sign is clearer than the brackets or the colour of the format.
            written = sections[0].write(number)
            return f"-{written}" if any(sign in "123456789" for sign in written) else written
        return section.write(number)


def _plain(value: int | float) -> str:
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    written = format(Decimal(f"{value:.{_GENERAL_DIGITS}g}"), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


@lru_cache(maxsize=500)
def _sections(form: str) -> tuple[_Section, ...] | None:
    """Return the sections for numbers above, below and at zero, as many as there are; None: written plainly."""
    if form in ("", "@") or _UNUSUAL.search(re.sub(r'"[^"]*"|\\.', "", form)):
        return None
    found: list[_Section] = []
    before = after = pattern = ""
    power = 0
    for token in _TOKEN.finditer(form + ";"):
        if token["other"] == ";":
            found.append(_Section(before, pattern, after, power))
            before = after = pattern = ""
            power = 0
        elif token["number"] is not None:
            if pattern:
                return None  # two numbers: telephone numbers and the like
            pattern = token["number"].rstrip(",")
            power -= 3 * len(token["scale"])
        else:
            literal = token["quoted"] or token["escaped"] or token["currency"] or token["other"] or ""
            power += 2 if token["other"] == "%" else 0
            before, after = (before, after + literal) if pattern else (before + literal, after)
    return tuple(found)
