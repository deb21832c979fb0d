"""Reads what several tokens say together: a number in words, a connector between dates, a remark, an hour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from text_to_num import alpha2digit

from ingest.dates.tokens import Token, kind_at, skip_kind, skip_word, word_at, word_before
from ingest.dates.words import MOVED, ZONES

Connector = Literal["range", "list"]

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
    following = word_at(tokens, i + 1)
    if kind == "comma" and following in ("to", "until"):
        # "Extended the term, which was to end on 31 December 2026, until 31 December 2027" has two dates.
        ended = re.fullmatch(r"\d{4}", word_at(tokens, i - 1))
        return (None, i) if ended else ("range", i + 2)
    if kind == "comma" and following in ("and", "or"):
        return "list", i + 2
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


def to_hour_on(tokens: Sequence[Token], i: int) -> int:
    """Return the position of the day after an hour at token `i` ("to 18:00 on 9 May"), `i` if there is no hour."""
    k = skip_word(tokens, i + 1, "hours", "hrs", "h")
    return k + 1 if kind_at(tokens, i) == "time" and word_at(tokens, k) == "on" else i


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
