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

_FARTHEST_NOUN = 8


def parse_year(tokens: Sequence[Token], i: int) -> ParsedDate | None:  # noqa: C901 (a list of cases)
    year, following = tokens[i].value, kind_at(tokens, i + 1)
    if following == "quarter":
        month = 3 * tokens[i + 1].value - 2
        return ParsedDate(i, i + 2, DateRange.of(year, month, part="quarter"))
    before = i - 1
    while (
        word_at(tokens, before) in ("the", "year", "calendar", "around", "about", "approximately")
        and i - before < 4
    ):
        before -= 1
    lead = word_at(tokens, before)
    connector, k = connector_at(tokens, i + 1)
    if connector and following != "comma" and kind_at(tokens, k) == "year" and tokens[k].value > year:
        spanning = (lead, word_at(tokens, i + 1)) in (("from", "to"), ("from", "until"), ("between", "and"))
        dashed = following == "dash" and lead in ("in", "during", "from", "between")
        if (spanning or dashed) and word_at(tokens, k + 1) not in NAMES_AFTER_YEAR and before == i - 1:
            return ParsedDate(i, k + 1, DateRange(PartialDate(year), PartialDate(tokens[k].value)))
    if following in ("dash", "slash") and kind_at(tokens, i + 2) == "quarter":
        month = 3 * tokens[i + 2].value - 2
        return ParsedDate(i, i + 3, DateRange.of(year, month, part="quarter"))
    if following in ("dash", "slash") and kind_at(tokens, i + 2) in ("year", "number", "code"):
        return None  # a period ("2024-2025", "2024/25")
    if kind_at(tokens, i - 1) in ("dash", "slash"):
        return None
    if word_at(tokens, i + 1) in NAMES_AFTER_YEAR:
        return None
    single = ParsedDate(i, i + 1, DateRange.of(year))
    if word_at(tokens, i - 1) in ("for", "of") and word_at(tokens, i - 2) in NAMES_BEFORE_YEAR:
        return None  # "the budget for 2025"
    if word_at(tokens, i - 1) == "by" and kind_at(tokens, i - 2) in ("number", "year"):
        return None  # "1200 by 2030 pixels"
    in_course = (word_at(tokens, i - 2), word_at(tokens, i - 1)) == ("course", "of")
    if word_at(tokens, i - 1) in YEAR_PREPOSITIONS or word_at(tokens, i - 1) == "year" or in_course:
        return single
    if lead in YEAR_PREPOSITIONS and word_at(tokens, i - 1) in ("around", "about", "approximately"):
        return replace(single, approximate=True)
    if i and tokens[i - 1].text in ":;" and alone(tokens, i, i + 1):
        return single  # "Final report; CA; 2029"
    if _drafted(tokens, i) or (word_at(tokens, i - 2) == "]" and _drafted(tokens, i - 3)):
        return single  # "to end in [2027][2028]"
    if _names_event(tokens, i):
        return replace(single, named=True)
    if (
        lead in ("and", "or")
        and kind_at(tokens, i - 2) == "year"
        and word_at(tokens, i - 3) in YEAR_PREPOSITIONS
    ):
        return single
    return None


def _drafted(tokens: Sequence[Token], i: int) -> bool:
    """Whether the year at `i` is in square brackets, as what is not agreed yet, behind a preposition."""
    bracketed = (
        kind_at(tokens, i) == "year" and word_at(tokens, i - 1) == "[" and word_at(tokens, i + 1) == "]"
    )
    return bracketed and word_at(tokens, i - 2) in YEAR_PREPOSITIONS


def _names_event(tokens: Sequence[Token], i: int) -> bool:
    """Whether the year at `i` belongs to an event's name ("WSIS Forum 2023", "the 2025 WSIS Forum")."""
    previous = word_at(tokens, i - 1)
    if kind_at(tokens, i - 1) == "word" and previous not in NAMES_BEFORE_YEAR:
        k = i - 1
        while k > max(i - _FARTHEST_NOUN, -1) and _in_name(tokens[k]):
            if tokens[k].fold in EVENT_NOUNS and tokens[k].text[0].isupper():
                return True
            k -= 1
    if previous not in ("the", "its", "their", "this", "our", "each", "for", ""):
        return False
    for k in range(i + 1, min(i + _FARTHEST_NOUN, len(tokens))):
        token = tokens[k]
        if token.fold in NAMES_AFTER_YEAR or not (
            _in_name(token) or token.fold in EVENT_NOUNS or token.kind == "code"
        ):
            return False
        if token.fold in EVENT_NOUNS or (token.fold == "edition" and word_at(tokens, k + 1) == "of"):
            return True
        if k == i + 1 and token.fold in ("of", "the", "and", "for", "on"):
            return False
    return False


def _in_name(token: Token) -> bool:
    return token.kind == "word" and (
        token.text[0].isupper() or token.fold in ("of", "the", "and", "for", "on")
    )
