"""Numbers at a token, in figures or in words: "90", "ninety", "twenty-second"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from text_to_num import alpha2digit

from ingest.dates.text.tokens import Token

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
