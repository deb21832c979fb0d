"""The times of day in a text, however they are written: 18:00, 6 p.m., 0930 hours."""

from __future__ import annotations

import re

_CLOCK = re.compile(
    r"(?<![\d:./])(?:(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?!\d)(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"|(?P<hour12>\d{1,2})(?:\.(?P<minute12>[0-5]\d))?\s?(?P<half12>[ap])\.?m\b\.?"
    r"|(?P<hours>[0-2]\d)\.?(?P<minutes>[0-5]\d)(?=\shours?\b))",
    re.I,
)


def clocks(text: str) -> list[tuple[tuple[int, int], str]]:
    """Return ((start, end), "HH:MM") of each time of day in a text, in order."""
    return [(match.span(), _time(match)) for match in _CLOCK.finditer(text)]


def _time(match: re.Match[str]) -> str:
    hour = int(match["hour"] or match["hour12"] or match["hours"])
    minute = int(match["minute"] or match["minute12"] or match["minutes"] or 0)
    half = (match["half"] or match["half12"] or "").casefold()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{minute:02}"
