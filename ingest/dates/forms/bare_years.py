"""A year by itself: "in 2026", "from 2024 to 2027", and the year in the name of an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.forms.calendar import ParsedDate
from ingest.dates.text.connectors import connector_at
from ingest.dates.text.position import alone
from ingest.dates.text.tokens import Token, kind_at, word_at
from ingest.dates.text.words import EVENT_NOUNS, NAMES_AFTER_YEAR, NAMES_BEFORE_YEAR, YEAR_PREPOSITIONS

# Tokens between a year and the noun of the event's name.
_NOUN_TOKENS = 8
_LINKS = frozenset(["of", "the", "and", "for", "on"])


def parse_year(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    """Return the year at token `i`, or a quarter, a range or an event's name that it is part of."""
    if longer := _quarter_or_range(tokens, i):
        return longer
    if is_of_name_or_period(tokens, i):
        return None
    before = word_at(tokens, i - 1)
    single = ParsedDate(i, i + 1, DateRange.of(tokens[i].value))
    in_course = (word_at(tokens, i - 2), before) == ("course", "of")
    if before in YEAR_PREPOSITIONS or before == "year" or in_course:
        return single
    if before in ("around", "about", "approximately") and word_at(tokens, i - 2) in YEAR_PREPOSITIONS:
        return replace(single, approximate=True)
    if before in (":", ";") and alone(tokens, i, i + 1):
        return single  # "Final report; CA; 2029"
    if _drafted(tokens, i) or (word_at(tokens, i - 2) == "]" and _drafted(tokens, i - 3)):
        return single  # "to end in [2027][2028]"
    if _names_event(tokens, i):
        return replace(single, named=True)
    second = before in ("and", "or") and kind_at(tokens, i - 2) == "year"
    return single if second and word_at(tokens, i - 3) in YEAR_PREPOSITIONS else None


def _quarter_or_range(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    """Read "2025 Q3" and "from 2024 to 2027"."""
    year, following, before = tokens[i].value, kind_at(tokens, i + 1), word_at(tokens, i - 1)
    at = i + 1 + (following in ("dash", "slash"))
    if kind_at(tokens, at) == "quarter":
        return ParsedDate(i, at + 1, DateRange.of(year, 3 * tokens[at].value - 2, part="quarter"))
    connector, k = connector_at(tokens, i + 1)
    spanning = (before, word_at(tokens, i + 1)) in (("from", "to"), ("from", "until"), ("between", "and"))
    dashed = following == "dash" and before in ("in", "during", "from", "between")
    ranged = connector and (spanning or dashed) and kind_at(tokens, k) == "year" and tokens[k].value > year
    if not ranged or word_at(tokens, k + 1) in NAMES_AFTER_YEAR:
        return None
    return ParsedDate(i, k + 1, DateRange(PartialDate(year), PartialDate(tokens[k].value)))


def is_of_name_or_period(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the year at `i` belongs to a name, a period or another number, and so dates nothing."""
    before = word_at(tokens, i - 1)
    if kind_at(tokens, i + 1) in ("dash", "slash") and kind_at(tokens, i + 2) in ("year", "number", "code"):
        return True  # a period ("2024-2025", "2024/25") or the number of a paper ("2024-WP4")
    if word_at(tokens, i + 1) in NAMES_AFTER_YEAR:
        return True
    if before in ("for", "of") and word_at(tokens, i - 2) in NAMES_BEFORE_YEAR:
        return True  # "the budget for 2025"
    return before == "by" and kind_at(tokens, i - 2) in ("number", "year")  # "1200 by 2030 pixels"


def _drafted(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the year at `i` is in square brackets (not yet agreed) after a preposition."""
    bracketed = (word_at(tokens, i - 1), kind_at(tokens, i), word_at(tokens, i + 1)) == ("[", "year", "]")
    return bracketed and word_at(tokens, i - 2) in YEAR_PREPOSITIONS


def _names_event(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the year at `i` belongs to an event's name ("WSIS Forum 2023", "the 2025 WSIS Forum")."""
    if word_at(tokens, i - 1) in NAMES_BEFORE_YEAR:
        return False  # "Council Plan 2025"
    k = i - 1
    while k > max(i - _NOUN_TOKENS, -1) and _in_name(tokens[k]):
        if tokens[k].fold in EVENT_NOUNS:
            return True
        k -= 1
    if word_at(tokens, i - 1) not in ("the", "its", "their", "this", "our", "each", "for", ""):
        return False
    if word_at(tokens, i + 1) in _LINKS:
        return False
    for k in range(i + 1, min(i + _NOUN_TOKENS, len(tokens))):
        token = tokens[k]
        noun = token.fold in EVENT_NOUNS
        if token.fold in NAMES_AFTER_YEAR or not (noun or _in_name(token) or token.kind == "code"):
            return False
        if noun or (token.fold == "edition" and word_at(tokens, k + 1) == "of"):
            return True
    return False


def _in_name(token: Token) -> bool:
    return token.kind == "word" and (token.text[0].isupper() or token.fold in _LINKS)
