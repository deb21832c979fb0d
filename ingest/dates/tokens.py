"""Divides text into the tokens that the grammar of dates reads, and reads what several of them say together.

That is a number in words, a connector between dates, a remark, an hour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from text_to_num import alpha2digit

from ingest.dates.date_range import DateRange
from ingest.dates.numeric import Doubt, month_first, parse_numeric
from ingest.dates.words import ABBREVIATED_MONTHS, MONTHS, MOVED, WEEKDAYS, ZONES

TokenKind = Literal[
    "number", "year", "month", "weekday", "word", "dash", "slash", "comma", "time", "quarter", "half",
    "full", "code", "break", "other",
]  # fmt: skip

Connector = Literal["range", "list"]


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
    | (?P<period>(?<![\w.])(?:[Qq][1-4]|[Hh][12])(?!\w))
    | (?P<turned>(?<![\w/.-])(?:[1-4]Q|[12]H)(?=(?:19|20)\d\d(?!\w)|(?!\w)))
    | (?P<ordinal>(?<![\w.,])(?<!\d/)\d{1,3}(?:st|nd|rd|th)(?!\w))
    | (?P<noted>(?<=(?:ary|rch|ril|May|une|uly|ust|ber)\s)(?:19|20)\d\d(?=\.\d{1,2}(?:\s|$)))
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
        token = _figures(match, american) if match.lastgroup in _IN_FIGURES else None
        token = token or _token(match)
        tokens.append(token)
        position = max(token.end, match.start() + 1)
        position += text.startswith(" ", position)


def _figures(match: re.Match[str], american: bool) -> Token | None:
    found = parse_numeric(match.string, match.start(), american)
    if found is None:
        return None
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
    """Return the quarter or half that "Q3", "3Q" or "H2" is."""
    letter, figure = (text[1], text[0]) if text[0].isdecimal() else (text[0], text[1])
    return Token("quarter" if letter in "Qq" else "half", text, text.casefold(), start, end, int(figure))


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


# A remark in round or square brackets is skipped if it has no more tokens.
_REMARK_TOKENS = 6
_BRACKET_TOKENS = 8
_IN_BRACKET = frozenset(["number", "month", "weekday", "dash", "slash", "comma"])


def moves(tokens: Sequence[Token], i: int) -> bool:
    """Whether "from … to …" at token `i` moves a date ("extended from 15 to 30 April")."""
    return word_before(tokens, i) == "from" and any(word_at(tokens, i - k) in MOVED for k in (2, 3, 4))


def connector_at(tokens: Sequence[Token], i: int) -> tuple[Connector | None, int]:
    """Return how the token at `i` connects two dates, and the position of the second; (None, i) if it does not."""
    kind, word = kind_at(tokens, i), word_at(tokens, i)
    k = i + (word in ("up", "through") and word_at(tokens, i + 1) == "to")
    if kind in ("dash", "slash") or word_at(tokens, k) in ("to", "until", "till", "through", "thru"):
        including = (word_at(tokens, k + 1), word_at(tokens, k + 2)) == ("and", "including")
        return "range", k + 1 + 2 * including
    if kind == "comma" and word_at(tokens, i + 1) in ("and", "or", "to", "until"):
        return ("range" if word_at(tokens, i + 1) in ("to", "until") else "list"), i + 2
    if kind == "comma" or word in ("and", "or"):
        return "list", i + 1
    return None, i


def past_remark(tokens: Sequence[Token], i: int, names: bool = False) -> int:
    """Return the position after a remark in brackets at token `i` ("(afternoon)", "(Mon)"), `i` without one.

    With `names`, names count as remarks; otherwise two days with their cities are two events.
    """
    if word_at(tokens, i) != "(":
        return i
    for k in range(i + 1, min(i + 2 + _REMARK_TOKENS, len(tokens))):
        token = tokens[k]
        if token.fold == ")":
            return k + 1
        plain = token.kind == "word" and (names or token.text.islower())
        if not plain and token.kind not in ("weekday", "time", "dash") and token.fold != ".":
            break
    return i


def past_bracket(tokens: Sequence[Token], i: int) -> int:
    """Return the position after "]" at token `i` if it closes days ("[8]", "[8 or 9]"), else `i`."""
    if word_at(tokens, i) != "]":
        return i
    for k in range(i - 1, max(i - 2 - _BRACKET_TOKENS, -1), -1):
        if tokens[k].fold == "[":
            # "[5] May, R. M.: …" at the start of a line is a bibliographic reference.
            at_line_start = k == i - 2 and word_at(tokens, k - 1) in ("", "\n")
            is_reference = at_line_start and kind_at(tokens, i + 1) == "month"
            return i + 1 if k < i - 1 and not is_reference else i
        if tokens[k].kind not in _IN_BRACKET and tokens[k].fold not in ("or", "and", "to"):
            break
    return i


def past_hour(tokens: Sequence[Token], i: int) -> int:
    """Return the position after an hour at token `i` (", 10:00", "at 10:00 hours"), `i` without one."""
    k = skip_kind(tokens, i, "comma")
    k = skip_word(tokens, k, "at", "from")
    if kind_at(tokens, k) != "time":
        half = word_at(tokens, k) in ("a", "p") and [word_at(tokens, k + n) for n in (1, 2, 3)] == [
            ".",
            "m",
            ".",
        ]
        return k + 4 if half else k + 1 if word_at(tokens, k) in ("am", "pm", "noon") else i
    k = skip_word(tokens, k + 1, "hours", "hrs", "h")
    return k + (word_at(tokens, k) in ZONES)


def past_next_year(tokens: Sequence[Token], i: int, year: int) -> int:
    """Return the position after the next year at token `i` ("2024/25", "2024–2025"), `i` without one."""
    turned = kind_at(tokens, i) in ("dash", "slash") and word_at(tokens, i + 1)
    return i + 2 if turned in (str(year + 1), str(year + 1)[2:]) else i


# Tokens in a number of days: "one hundred and twenty-five" has six.
_MOST_TOKENS = 6
_LARGEST_NUMBER = 400


@lru_cache(maxsize=8192)
def _in_figures(words: str) -> str:
    return str(alpha2digit(words, "en", threshold=0))


def cardinal_at(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Return the count at token `i` and where it stops; "a" is the number 1, and "ninety (90)" is one number."""
    if i >= len(tokens) or (token := tokens[i]).fold == "ordinal":
        return None
    if token.kind == "number":
        found: tuple[int, int] | None = (token.value, i + 1)
    else:
        found = (1, i + 1) if token.fold in ("a", "an") else _worded(tokens, i, ordinal=False)
    if found is None or not 1 <= found[0] <= _LARGEST_NUMBER:
        return None
    number, stop = found
    if [t.fold for t in tokens[stop : stop + 3]] == ["(", str(number), ")"]:
        stop += 3
    return number, stop


def ordinal_at(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Return the ordinal at token `i` and where it stops: "2nd", "second", "twenty-second"."""
    if i >= len(tokens):
        return None
    if tokens[i].fold == "ordinal":
        return tokens[i].value, i + 1
    return _worded(tokens, i, ordinal=True)


def _worded(tokens: Sequence[Token], i: int, ordinal: bool) -> tuple[int, int] | None:
    """Return the longest number in words at token `i`, an ordinal or a count, and where it stops."""
    if tokens[i].kind != "word" or not _in_figures(tokens[i].fold)[0].isdigit():
        return None
    stop = i + 1
    while stop < len(tokens) and stop - i < _MOST_TOKENS and tokens[stop].kind in ("word", "dash"):
        stop += 1
    for end in range(stop, i, -1):
        figures = _in_figures(" ".join(t.fold for t in tokens[i:end] if t.kind == "word"))
        digits = figures.rstrip("dhnrst")
        number = tokens[end - 1].kind == "word" and digits.isdecimal() and len(digits) <= 3
        if number and ordinal == (digits != figures):
            return int(digits), end
    return None
