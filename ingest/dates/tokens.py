"""Divides text into the tokens that the grammar of dates reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from ingest.dates.date_range import DateRange
from ingest.dates.numeric import Doubt, Marks, full_year, month_first, parse_numeric
from ingest.dates.words import ABBREVIATED_MONTHS, MONTHS, WEEKDAYS

TokenKind = Literal[
    "number", "year", "month", "weekday", "word", "dash", "slash", "comma", "time", "quarter", "half",
    "full", "code", "break", "other",
]  # fmt: skip


class Token(NamedTuple):
    """One token. `value`: the number, the year, the month, the weekday (Monday is 0), the quarter or the half.

    `fold` is its text casefolded, but "ordinal" for "3rd". `full` is a date in figures; it has a `range` and a `doubt`.
    """

    kind: TokenKind
    text: str
    fold: str
    start: int
    end: int
    value: int = 0
    range: DateRange | None = None
    doubt: Doubt = Doubt.NONE


_TOKEN = re.compile(
    r"""
      # Most tokens are words before a space: for these, no other alternative is tried.
      (?P<plain>[^\W\d_]+(?=\s))
    | (?P<address>(?:https?://|www\.)[^\s]{1,2000}|[\w.+-]{1,64}@[\w.-]{1,255})
    | (?P<stamp>(?<=\d)T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?(?!\w))
    | (?P<clock>(?<![\w.:])\d{1,2}(?:[:h]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?(?![\w%]|[.:]\d)
        |\.\d{2}(?:\s?[ap]\.?m\b\.?|(?=\s?(?:hours|hrs|h\b|\(?(?:UTC|GMT|CES?T)\b)))))
    | (?P<hour>(?<![\w.:,])\d{1,2}\s?[ap]\.?m\b\.?)
    | (?P<military>(?<![\w.:,])[012]\d[0-5]\d(?=(?:\s?(?:-|–|to)\s?[012]\d[0-5]\d)?\s?(?:hours|hrs|h)\b))
    | (?P<period>(?<![\w.])[QHqh][1-4](?!\w))
    | (?P<turned>(?<![\w/.-])[1-4][QH](?=(?:19|20)\d\d(?!\w)|(?!\w)))
    | (?P<ordinal>(?<![\w.,])(?<!\d/)\d{1,3}(?:st|nd|rd|th)(?!\w))
    | (?P<noted>(?<=(?:ary|rch|ril|May|une|uly|ust|ber)\s)(?:19|20)\d\d(?=\.\d{1,2}(?:\s|$)))
    | (?P<short>(?<=[a-z.]\s)['’]\d\d(?!\w))
    | (?P<amount>(?<!\w)[$€£]\s?\d[\d.,]*|\d+(?:[.,]\d+)+(?!\w)|\d+\s?%)
    | (?P<digits>(?<![\w.])\d{1,2}\.(?=\s?[-–]\s?\d{1,2}\.\s)|(?:(?<=\d\.[-–])|(?<=\d\.\s[-–]\s))\d{1,2}\.(?=\s[A-Z])
        |(?:(?<![\w.])\d{1,9}|(?<=[a-z])\d{1,2}|(?<=[1-4][QH])\d{4})(?!\w))
    | (?P<symbol>(?<!\w)(?![a-z.]{1,12}\)[-–])(?=[^\s]{0,40}\d)[A-Za-z][\w.()&]{0,30}
        (?:[/-][\w.()&]{1,30}){1,12}(?<![.)]))
    | (?P<word>[^\W\d_]+(?!\w)(?:['’][^\W\d_]+(?!\w))?)
    | (?P<mixed>\w+)
    | (?P<dash>[-–—‑−]+)
    | (?P<comma>,)
    | (?P<slash>/)
    | (?P<ampersand>&)
    | (?P<stop>[.;:!?\n\t|()\[\]“”"«»‘])
    """,
    re.VERBOSE,
)
_HYPHENATED = re.compile(r"[A-Za-z]+(?=\.?[-/])")
_GLUED = re.compile(
    r"(?:[a-z]{2,}(?=\d{1,2}\s)|\d{1,2}(?=[A-Z]))(?=\d*\s*(?P<month>[A-Z][A-Za-z]{2,8})(?!\w))"
)
# A date in figures starts with one of these.
_IN_FIGURES = frozenset(["amount", "digits"])
# Such a number counts something, unless it follows a month ("17 May 1865").
_EARLY_YEAR = re.compile(r"1[0-8]\d\d")
_JOINING = frozenset(["mid", "early", "late", "end"])


def tokenise(text: str) -> list[Token]:
    """Return the tokens of `text`, without white space and unknown characters. Linear in length."""
    tokens: list[Token] = []
    american = month_first(text)
    position = 0
    while True:
        match = _TOKEN.search(text, position)
        if match is None:
            return tokens
        token = _figures(match, tokens, american) if match.lastgroup in _IN_FIGURES else None
        token = token or _token(match)
        if _EARLY_YEAR.fullmatch(token.text) and _after_day_or_month(tokens):
            token = token._replace(kind="year")
        tokens.append(token)
        position = max(token.end, match.start() + 1)
        position += text.startswith(" ", position)


def _after_day_or_month(tokens: Sequence[Token]) -> bool:
    """Whether the tokens end in a month, or in "May 17,"."""
    kinds = [token.kind for token in tokens[-3:]]
    return kinds[-1:] == ["month"] or kinds == ["month", "number", "comma"]


def _figures(match: re.Match[str], tokens: Sequence[Token], american: Marks) -> Token | None:
    found = parse_numeric(match.string, match.start(), american)
    if found is None:
        return None
    of_month = tokens and tokens[-1].kind == "month" and found.range and not found.range.year_stated
    if of_month and found.range and found.range.first.month == found.range.last.month:
        return None  # "May 3/4"
    text = match.string[match.start() : found.stop]
    kind: TokenKind = "full" if found.range else "other"
    return Token(kind, text, text, match.start(), found.stop, range=found.range, doubt=found.doubt)


def _token(match: re.Match[str]) -> Token:
    group = str(match.lastgroup)
    text, (start, end) = match.group(), match.span()
    if group in ("plain", "word"):
        return _word(text, start, end)
    if group == "symbol":
        # "mid-2025" and "May/June" only look like symbols.
        head = _HYPHENATED.match(text)
        if head and (head.group().casefold() in _JOINING or head.group().casefold() in _ALL_MONTHS):
            word = head.group()
            return _word(word, start, start + len(word))
        return Token("code", text, text.casefold(), start, end)
    if group == "short":
        return Token("year", text, text, start, end, full_year(int(text[1:])))
    if group in ("digits", "ordinal", "noted"):
        return _number(group, text, start, end)
    glued = _GLUED.match(match.string, start) if group == "mixed" else None
    if glued and glued["month"].casefold() in _ALL_MONTHS:
        # Without a space: "than27 April", "27April".
        text, end = glued.group(), glued.end()
        if text.isdecimal():
            return Token("number", text, text, start, end, int(text))
        return Token("word", text, text, start, end)
    if group == "ampersand":
        return Token("word", text, "and", start, end)
    if group in ("period", "turned"):
        return _part_of_year(text, start, end)
    if group in ("stamp", "clock", "hour", "military"):
        return Token("time", text, text.casefold(), start, end)
    if group in ("dash", "comma", "slash"):
        return Token(group, text, text, start, end)  # type: ignore[arg-type]
    if group == "stop":
        return Token("break", text, text, start, end)
    return Token("other" if group == "amount" else "code", text, text.casefold(), start, end)


def _number(group: str, text: str, start: int, end: int) -> Token:
    value = int(re.match(r"\d+", text).group())  # type: ignore[union-attr]
    year = group != "ordinal" and len(text) == 4 and 1900 <= value <= 2100
    kind: TokenKind = "year" if year else "number"
    return Token(kind, text, "ordinal" if group == "ordinal" else text, start, end, value)


def _part_of_year(text: str, start: int, end: int) -> Token:
    """Return the quarter or half that "Q3", "3Q" or "H2" is; there is no third half."""
    letter, figure = (text[1], text[0]) if text[0].isdecimal() else (text[0], text[1])
    value, fold = int(figure), text.casefold()
    if letter in "Hh" and value > 2:
        return Token("other", text, fold, start, end)
    return Token("quarter" if letter in "Qq" else "half", text, fold, start, end, value)


def word_at(tokens: Sequence[Token], index: int) -> str:
    """Return the casefolded token at `index`, "" outside the text."""
    return tokens[index].fold if 0 <= index < len(tokens) else ""


def kind_at(tokens: Sequence[Token], index: int) -> str:
    """Return the kind of the token at `index`, "" outside the text."""
    return tokens[index].kind if 0 <= index < len(tokens) else ""


def word_before(tokens: Sequence[Token], index: int) -> str:
    """Return the casefolded token before `index`, or before an article there: "between" in "between the 3rd"."""
    return word_at(tokens, index - 1 - (word_at(tokens, index - 1) == "the"))


def skip_word(tokens: Sequence[Token], index: int, *words: str) -> int:
    """Return the index after the token at `index` if that is one of `words`, else `index`."""
    return index + (word_at(tokens, index) in words)


def skip_kind(tokens: Sequence[Token], index: int, kind: TokenKind) -> int:
    """Return the index after the token at `index` if that is of a kind, else `index`."""
    return index + (kind_at(tokens, index) == kind)


_ALL_MONTHS = {**MONTHS, **ABBREVIATED_MONTHS}


def _word(text: str, start: int, end: int) -> Token:
    fold = text.casefold()
    if text[0].isupper():
        # "may", "march" and "sun" in lower case are no dates. "Mar" and "Sat" may be: the grammar requires a number
        # next to an abbreviation.
        if fold in MONTHS or fold in ABBREVIATED_MONTHS:
            return Token("month", text, fold, start, end, _ALL_MONTHS[fold])
        if fold in WEEKDAYS:
            return Token("weekday", text, fold, start, end, WEEKDAYS[fold])
    return Token("word", text, fold, start, end)
