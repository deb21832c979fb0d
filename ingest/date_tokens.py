"""Text into the tokens that the grammar of dates reads."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, NamedTuple

from ingest.date_words import ABBREVIATED_MONTHS, MONTHS, ROMAN_MONTHS, WEEKDAYS

TokenKind = Literal[
    "number", "year", "month", "weekday", "word", "dash", "slash", "comma", "time", "quarter", "half",
    "full", "code", "break", "other",
]  # fmt: skip


class Token(NamedTuple):
    """One token. `value`: the number, the year, the month, the weekday (Monday 0), the quarter or the half.

    `full` is a date written in figures; it has both `value` 0 and `dates` (first, last).
    """

    kind: TokenKind
    text: str
    fold: str
    start: int
    end: int
    value: int = 0
    dates: tuple[date, date] | None = None


_TOKEN = re.compile(
    r"""
      (?P<address>(?:https?://|www\.)[^\s]{1,2000}|[\w.+-]{1,64}@[\w.-]{1,255})
    | (?P<iso>(?<![\w/-])\d{4}-\d{2}-\d{2}(?=T\d|(?![\w-])))
    | (?P<roman>(?<![\w.])\d{1,2}(?:\s?[-–]\s?\d{1,2})?\.(?:XI{0,2}|IX|IV|V?I{1,3}|V)\.\d{4}(?!\w))
    | (?P<figures>(?<![\w./-])\d{1,2}(?P<sep>[./])\d{1,2}(?P=sep)(?:\d{4})(?![\w/]))
    | (?P<stamp>(?<=\d)T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?(?!\w))
    | (?P<clock>(?<![\w.:])\d{1,2}(?:[:h]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?(?![\w%]|[.:]\d)
        |\.\d{2}(?:\s?[ap]\.?m\b\.?|(?=\s?(?:hours|hrs|h\b|\(?(?:UTC|GMT|CES?T)\b)))))
    | (?P<hour>(?<![\w.:,])\d{1,2}\s?[ap]\.?m\b\.?)
    | (?P<military>(?<![\w.:,])[012]\d[0-5]\d(?=(?:\s?(?:-|–|to)\s?[012]\d[0-5]\d)?\s?(?:hours|hrs|h)\b))
    | (?P<period>(?<![\w/.-])[QHqh][1-4](?!\w))
    | (?P<turned>(?<![\w/.-])[1-4][QH](?!\w))
    | (?P<ordinal>(?<![\w.,/-])\d{1,3}(?:st|nd|rd|th)(?!\w))
    | (?P<amount>(?<!\w)[$€£]\s?\d[\d.,]*|\d+(?:[.,]\d+)+(?!\w)|\d+\s?%)
    | (?P<digits>(?<![\w.])\d{1,9}(?!\w))
    | (?P<symbol>(?<!\w)(?=[^\s]{0,40}\d)[A-Za-z][\w.()&]{0,30}(?:[/-][\w.()&]{1,30}){1,12}(?<![.)]))
    | (?P<word>[^\W\d_]+(?!\w)(?:['’][^\W\d_]+(?!\w))?)
    | (?P<mixed>\w+)
    | (?P<dash>[-–—‑−]+)
    | (?P<comma>,)
    | (?P<slash>/)
    | (?P<stop>[.;:!?\n()\[\]“”"«»‘])
    """,
    re.VERBOSE,
)
_HYPHENATED = re.compile(r"[A-Za-z]+(?=[-/])")
_JOINING = frozenset(["mid", "early", "late", "end"])


def tokenise(text: str) -> list[Token]:
    """Return the tokens of `text`; white space and unknown characters are left out. Linear in length."""
    tokens: list[Token] = []
    position = 0
    while True:
        match = _TOKEN.search(text, position)
        if match is None:
            return tokens
        token = _token(match)
        tokens.append(token)
        position = max(token.end, match.start() + 1)


def _token(match: re.Match[str]) -> Token:
    group = str(match.lastgroup)
    text, start, end = match.group(), match.start(), match.end()
    if group == "symbol":
        # "mid-2025" and "May/June" only look like symbols.
        head = _HYPHENATED.match(text)
        if head and (head.group().casefold() in _JOINING or head.group().casefold() in _ALL_MONTHS):
            word = head.group()
            return _word(word, start, start + len(word))
        return Token("code", text, text.casefold(), start, end)
    if group in ("digits", "ordinal"):
        value = int(re.match(r"\d+", text).group())  # type: ignore[union-attr]
        year = group == "digits" and len(text) == 4 and 1900 <= value <= 2100
        kind: TokenKind = "year" if year else "number"
        return Token(kind, text, "ordinal" if group == "ordinal" else text, start, end, value)
    if group == "word":
        return _word(text, start, end)
    if group == "period" or group == "turned":
        letter, figure = (text[0], text[1]) if group == "period" else (text[1], text[0])
        value = int(figure)
        if letter in "Hh" and value > 2:
            return Token("other", text, text.casefold(), start, end)
        return Token("quarter" if letter in "Qq" else "half", text, text.casefold(), start, end, value)
    if group in ("iso", "roman", "figures"):
        dates = _in_figures(group, text)
        return Token("full" if dates else "other", text, text, start, end, 0, dates)
    if group in ("stamp", "clock", "hour", "military"):
        return Token("time", text, text.casefold(), start, end)
    if group in ("dash", "comma", "slash"):
        return Token(group, text, text, start, end)  # type: ignore[arg-type]
    if group == "stop":
        return Token("break", text, text, start, end)
    return Token("other" if group == "amount" else "code", text, text.casefold(), start, end)


_ALL_MONTHS = {**MONTHS, **ABBREVIATED_MONTHS}


def _word(text: str, start: int, end: int) -> Token:
    fold = text.casefold()
    if text[0].isupper():
        # A modal "may", a verb "march" and a "sun" are no dates; nor is every "Mar" or "Sat": the grammar
        # asks an abbreviation for a number beside it.
        if fold in MONTHS or fold in ABBREVIATED_MONTHS:
            return Token("month", text, fold, start, end, _ALL_MONTHS[fold])
        if fold in WEEKDAYS:
            return Token("weekday", text, fold, start, end, WEEKDAYS[fold])
    return Token("word", text, fold, start, end)


def _in_figures(group: str, text: str) -> tuple[date, date] | None:
    try:
        if group == "iso":
            day = date.fromisoformat(text)
            return (day, day)
        if group == "roman":
            days, roman, year = text.split(".")
            numbers = [int(d) for d in re.findall(r"\d+", days)]
            first, last = (date(int(year), ROMAN_MONTHS[roman], d) for d in (numbers[0], numbers[-1]))
            return (first, last) if first <= last else None
        return _figures(text)
    except ValueError:
        return None


def _figures(text: str) -> tuple[date, date] | None:
    first, second, year = (int(part) for part in re.split(r"[./]", text))
    # With full stops the day is first; with slashes either may be, unless only one can.
    if "." in text or first > 12 or first == second:
        day = date(year, second, first)
    elif second > 12:
        day = date(year, first, second)
    else:
        return None
    return (day, day) if 1900 <= year <= 2100 else None
