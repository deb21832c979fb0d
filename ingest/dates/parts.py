"""Reads the dates that start at a token, of all forms.

Those that are not plain days are parsed here: parts of years and months, quarters, seasons, years, weeks, "next June".
Also ranges with such an end: "between April 17 and the end of May", "late 2025/early 2026".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from ingest.dates.calendar import ParsedDate, parse_calendar, parse_numeric_list
from ingest.dates.context import alone, before_noun, opens
from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.days import BARE, parse_day
from ingest.dates.reading import connector_at, moves, ordinal_at, past_next_year, past_remark
from ingest.dates.tokens import Token, kind_at, skip_kind, skip_word, word_at, word_before
from ingest.dates.words import (
    EVENT_NOUNS,
    MONTHS,
    MOVED,
    NAMES_AFTER_YEAR,
    NAMES_BEFORE_YEAR,
    PARTS,
    SEASONS,
    YEAR_PREPOSITIONS,
)

_LAST = frozenset(["last", "final"])
_RELATIVE = {"this": 0, "current": 0, "next": 1, "last": -1}
_SEASON_LEADS = frozenset(["in", "during", "throughout", "over", "by", "until", "before", "this"])
# Tokens between a year and the noun of the event's name.
_NOUN_TOKENS = 8
_LINKS = frozenset(["of", "the", "and", "for", "on"])


def parse_dates(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the dates that start at token `i`, one after the other; none where none does. Bounded work."""
    parsed_dates = _parse_date(tokens, i)
    if len(parsed_dates) != 1 or not _may_end_a_range(parsed_dates[0]):
        return parsed_dates
    first = parsed_dates[0]
    between = word_before(tokens, i) == "between"
    joined_at = past_remark(tokens, first.stop)
    connector, k = connector_at(tokens, joined_at)
    if not (connector == "range" or (between and word_at(tokens, k - 1) == "and")) or moves(tokens, i):
        return parsed_dates
    k = skip_word(tokens, k, "the")
    others = _end_of_same(tokens, k, first) or (_parse_date(tokens, k) if k < len(tokens) else [])
    if not others or not _may_end_a_range(others[0]):
        return parsed_dates
    date_range = DateRange(first.range.first, others[0].range.last, first.range.part, others[0].range.part)
    both_plain = _is_plain(first.range) and _is_plain(others[0].range)
    # A dash or slash next to a bare year is only punctuation.
    loose = kind_at(tokens, joined_at) in ("dash", "slash") and (
        _is_bare_year(first.range) or _is_bare_year(others[0].range)
    )
    if both_plain or loose or date_range.days(2024) is None:
        return parsed_dates
    return [replace(first, stop=others[0].stop, range=date_range), *others[1:]]


def parse_bare(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the weekday, month or year that token `i` is, as questions name them: "Friday?", "May", "2025"."""
    token, before, date_range = tokens[i], kind_at(tokens, i - 1), None
    if token.kind == "weekday" and token.fold.endswith("day"):
        return [ParsedDate(i, i + 1, DateRange.of(), token.value, relative=BARE, unit="weekday")]
    if token.fold in MONTHS and token.kind == "month" and before != "number":
        date_range = DateRange.of(month=token.value)
    elif token.kind == "year" and before not in ("dash", "slash") and not _is_of_name_or_period(tokens, i):
        date_range = DateRange.of(token.value)
    return [ParsedDate(i, i + 1, date_range)] if date_range else []


def _may_end_a_range(parsed: ParsedDate) -> bool:
    return parsed.relative is None and not parsed.named and not parsed.range.ranged


def _is_plain(date_range: DateRange) -> bool:
    """Whether it is a plain day or month: `parse_calendar` reads ranges of those."""
    return date_range.first.month is not None and not date_range.part


def _is_bare_year(date_range: DateRange) -> bool:
    return date_range.first.month is None and not date_range.part


def _end_of_same(tokens: Sequence[Token], k: int, first: ParsedDate) -> list[ParsedDate]:
    """Read "end of the month" and "end of the year" after a date of that month or year."""
    if word_at(tokens, k) not in ("end", "close") or word_at(tokens, k + 1) != "of":
        return []
    begun, unit = first.range.first, word_at(tokens, k + 3)
    if word_at(tokens, k + 2) not in ("the", "that") or unit not in ("month", "year") or begun.month is None:
        return []
    month = begun.month if unit == "month" else 12
    return [ParsedDate(k, k + 4, DateRange.of(begun.year, month, part="end"))]


def _parse_date(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the dates that start at token `i`, without ranges of them."""
    return _parse_form(tokens, i) or parse_day(tokens, i)


def _parse_form(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    kind = tokens[i].kind
    if kind == "full":
        return parse_numeric_list(tokens, i)
    if kind == "weekday":
        k = i + 1 + (kind_at(tokens, i + 1) == "comma" or word_at(tokens, i + 1) == ".")
        if kind_at(tokens, k) == "full" and (found := parse_numeric_list(tokens, k)):
            return found
    if kind in ("number", "month", "weekday"):
        if kind == "month" and (part := _month_and_part(tokens, i)):
            return [part]
        ordinal = _one(_ordinal_part(tokens, i)) if kind == "number" else []
        return ordinal or parse_calendar(tokens, i)
    if kind in ("quarter", "half"):
        return _one(_lettered(tokens, i))
    if kind == "year":
        return _one(_parse_year(tokens, i))
    if kind == "word":
        worded = _one(_worded(tokens, i)) or _parse_weeks(tokens, i)
        return worded or (parse_calendar(tokens, i) if ordinal_at(tokens, i) else [])
    return _parse_weeks(tokens, i) if kind == "code" else []


def _one(parsed: ParsedDate | None) -> list[ParsedDate]:
    return [] if parsed is None else [parsed]


def _worded(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    word = tokens[i].fold
    if word in _LAST and (nth := _ordinal_part(tokens, i)):
        return nth
    if word in _RELATIVE:
        return _ordinal_part(tokens, i) or _relative(tokens, i)
    if word in ("earlier", "later"):
        parsed = _relative(tokens, i + 1)
        return replace(parsed, first=i, approximate=True) if parsed else None
    if word in PARTS:
        return _part(tokens, i)
    if word in SEASONS:
        return _season(tokens, i)
    if word in ("year's", "year’s", "year"):
        end = skip_kind(tokens, i + 1, "dash")
        if word_at(tokens, end) == "end" and kind_at(tokens, end + 1) != "year":
            return ParsedDate(i, end + 1, DateRange.of(part="end"), relative=0)
        return None
    return _ordinal_part(tokens, i)


def _relative(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    offset, noun = _RELATIVE.get(word_at(tokens, i)), word_at(tokens, i + 1)
    if offset is None:
        return None
    if noun in ("year", "year's", "year’s"):
        return ParsedDate(i, i + 2, DateRange.of(), relative=offset)
    if noun in ("month", "month's", "month’s"):
        return ParsedDate(i, i + 2, DateRange.of(), relative=offset, unit="month")
    if noun in ("week", "week's", "week’s"):
        return ParsedDate(i, i + 2, DateRange.of(part="week"), relative=offset, unit="week")
    if noun in MONTHS and kind_at(tokens, i + 1) == "month":
        month = tokens[i + 1].value
        if kind_at(tokens, i + 2) in ("year", "number"):
            return None
        return ParsedDate(i, i + 2, DateRange.of(None, month), relative=offset)
    if noun in SEASONS and word_at(tokens, i) != "current":
        month = SEASONS[noun]
        return ParsedDate(i, i + 2, DateRange.of(None, month, part="season"), relative=offset)
    return None


def _month_and_part(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    """Read "Nov (2nd fortnight)" and "June (end)"."""
    k = i + 1 + (word_at(tokens, i + 1) == "." and kind_at(tokens, i + 1) == "break")
    if word_at(tokens, k) != "(":
        return None
    part, stop = PARTS.get(word_at(tokens, k + 1), ""), k + 2
    which = ordinal_at(tokens, k + 1) if k + 1 < len(tokens) else None
    if which and 1 <= which[0] <= 4:
        noun, stop = word_at(tokens, which[1]), which[1] + 1
        if noun in ("half", "fortnight") and which[0] <= 2:
            part = f"fortnight{which[0]}"
        elif noun == "week":
            part = f"week{which[0]}"
    if not part or word_at(tokens, stop) != ")":
        return None
    year = tokens[stop + 1].value if kind_at(tokens, stop + 1) == "year" else None
    return ParsedDate(i, stop + 1 + (year is not None), DateRange.of(year, tokens[i].value, part=part))


def _target(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    """Return the month or year at `i` that a part is a part of."""
    i = skip_word(tokens, skip_word(tokens, i, "the"), "calendar")
    if word_at(tokens, i) == "year" and kind_at(tokens, i + 1) != "year":
        return ParsedDate(i, i + 1, DateRange.of(), relative=0)
    i = skip_word(tokens, i, "year")
    if kind_at(tokens, i) == "year":
        year = tokens[i].value
        if kind_at(tokens, i + 1) == "dash" and kind_at(tokens, i + 2) in ("year", "number"):
            return None
        return ParsedDate(i, i + 1, DateRange.of(year))
    if kind_at(tokens, i) == "month":
        month, k = tokens[i].value, i + 1
        k += kind_at(tokens, k) == "comma" and kind_at(tokens, k + 1) == "year"
        k += word_at(tokens, k) in (".", "of") and kind_at(tokens, k + 1) == "year"
        year_after = tokens[k].value if kind_at(tokens, k) == "year" else None
        stop = k + 1 if year_after else i + 1
        return ParsedDate(i, stop, DateRange.of(year_after, month))
    if word_at(tokens, i) in ("month", "week") and kind_at(tokens, i + 1) != "number":
        if word_at(tokens, i) == "week":
            return ParsedDate(i, i + 1, DateRange.of(part="week"), relative=0, unit="week")
        return ParsedDate(i, i + 1, DateRange.of(), relative=0, unit="same month")
    relative = _relative(tokens, i)
    if relative is None and word_at(tokens, i) == "following" and word_at(tokens, i + 1) == "year":
        return ParsedDate(i, i + 2, DateRange.of(), relative=1)
    return relative


def _narrowed(tokens: Sequence[Token], i: int, k: int, part: str) -> ParsedDate | None:
    target = _target(tokens, k)
    if target is None and part in ("begin", "end"):
        return _edge_of_part(tokens, i, k, part)
    if target and target.unit == "week":
        return replace(target, first=i, range=replace(target.range, part=f"week {part}"))
    if target is None or target.range.part:
        return None
    return replace(target, first=i, range=replace(target.range, part=part))


def _edge_of_part(tokens: Sequence[Token], i: int, k: int, part: str) -> ParsedDate | None:
    """Read the quarter or half at `k` whose first or last month is meant ("the end of Q3 2025")."""
    k = skip_word(tokens, k, "the")
    lettered = k < len(tokens) and tokens[k].kind in ("quarter", "half")
    whole = _lettered(tokens, k) if lettered else _ordinal_part(tokens, k)
    if whole is None or whole.relative or whole.range.part not in ("quarter", "half"):
        return None
    month = whole.range.first.month or 1
    if part == "end":
        month = (whole.range.last.month or 1) + (2 if whole.range.part == "quarter" else 5)
    return replace(whole, first=i, range=DateRange.of(whole.range.first.year, month, part=part))


def _part(tokens: Sequence[Token], i: int, alone: bool = False) -> ParsedDate | None:
    word, part, k = tokens[i].fold, PARTS[tokens[i].fold], i + 1
    adjective = word in ("early", "mid", "late")
    if adjective and not alone:  # "early to mid-May", "mid- to late June"
        connector, other = connector_at(tokens, skip_kind(tokens, k, "dash"))
        if connector and word_at(tokens, other) in ("early", "mid", "late"):
            last = _part(tokens, other, alone=True)
            date_range = replace(last.range, part=part, last_part=last.range.part) if last else None
            return (
                replace(last, first=i, range=date_range)
                if last and date_range and date_range.days(2024)
                else None
            )
    if word == "latter" or (
        adjective and word_at(tokens, k) in ("part", "months", "days", "weeks", "stages", "half")
    ):
        if word == "latter" and word_at(tokens, k) == "half":
            return _halved(tokens, i, k, 2)
        k += 1
    if word_at(tokens, k) == "of" or (adjective and word_at(tokens, k) == "in"):
        return _narrowed(tokens, i, k + 1, part)
    if kind_at(tokens, k) == "dash" and (adjective or word == "end"):
        return _narrowed(tokens, i, k + 1, part)
    # "end 2025" after a preposition; elsewhere "end" and "start" are verbs.
    led = word_at(tokens, i - 1) in ("by", "at", "until", "before", "year", "-")
    led = led or (kind_at(tokens, k) == "month" and opens(tokens, i))
    if adjective or (word == "end" and led):
        return _narrowed(tokens, i, k, part)
    return None


def _ordinal_part(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    """Read "third quarter of 2024", "second half of the year", "first week of June", "first months of 2025"."""
    which, k = (-1, i + 1) if word_at(tokens, i) in _LAST else ordinal_at(tokens, i) or (0, i)
    if k == i:
        return None
    connector, other = connector_at(tokens, k)
    until = ordinal_at(tokens, other) if connector else None
    if until:
        return _quarters(tokens, i, which, *until)
    if kind_at(tokens, k) == "weekday" and (which in (1, 2, 3, 4, 5, -1)):
        if word_at(tokens, k + 1) not in ("of", "in"):
            return None
        return _narrowed(tokens, i, k + 2, f"nth{tokens[k].value}{which}")
    k = skip_word(tokens, k, "few", "two", "three", "couple")
    noun, k = word_at(tokens, k), k + 1
    if word_at(tokens, k) not in ("of", "in"):
        return _part_alone(tokens, i, k, which, noun)
    if noun == "fortnight" and which in (1, 2, -1):
        return _narrowed(tokens, i, k + 1, "fortnight1" if which == 1 else "fortnight2")
    if noun == "quarter" and which in (1, 2, 3, 4, -1):
        return _of_year(tokens, i, k + 1, "quarter", 3 * ((which if which > 0 else 4) - 1) + 1)
    if noun in ("half", "semester") and which in (1, 2, -1):
        return _halved(tokens, i, k - 1, which)
    if noun in ("months", "weeks", "days") and which in (1, -1):
        return _narrowed(tokens, i, k + 1, "early" if which == 1 else "late")
    if noun == "week" and (1 <= which <= 4 or which == -1):
        target = _narrowed(tokens, i, k + 1, f"week{which}" if which > 0 else "late")
        return (
            target
            if target and (target.range.first.month or target.unit in ("month", "same month"))
            else None
        )
    return None


def _part_alone(tokens: Sequence[Token], i: int, k: int, which: int, noun: str) -> ParsedDate | None:
    """Read "third quarter 2025", and "4th quarter" (up to token `k`) after a preposition or alone in a cell or line."""
    length = {"quarter": 3, "half": 6, "semester": 6}.get(noun)
    if length is None or not 1 <= which <= 12 // length:
        return None
    year, stop = None, k
    k += kind_at(tokens, k) == "comma" and kind_at(tokens, k + 1) == "year"
    if kind_at(tokens, k) == "year":
        year, stop = tokens[k].value, k + 1
    elif not alone(tokens, i, k):
        lead = word_at(tokens, i - 2) if word_at(tokens, i - 1) == "the" else ""
        if noun != "quarter" or lead not in _SEASON_LEADS | {"for"} or before_noun(tokens, k):
            return None
    part = "quarter" if length == 3 else "half"
    return ParsedDate(i, stop, DateRange.of(year, length * (which - 1) + 1, part=part))


def _quarters(tokens: Sequence[Token], i: int, which: int, until: int, k: int) -> ParsedDate | None:
    """Read what follows "third and fourth"."""
    if not 1 <= which < until <= 4 or (word_at(tokens, k), word_at(tokens, k + 1)) != ("quarters", "of"):
        return None
    last = _of_year(tokens, i, k + 2, "quarter", 3 * until - 2)
    if last is None:
        return None
    first = replace(last.range.first, month=3 * which - 2)
    return replace(last, range=replace(last.range, first=first))


def _halved(tokens: Sequence[Token], i: int, half: int, which: int) -> ParsedDate | None:
    """Read what follows "first half" (`half` is the token of "half"): a year or a month."""
    if word_at(tokens, half + 1) not in ("of", "in"):
        return None
    second = which in (2, -1)
    of_year = _of_year(tokens, i, half + 2, "half", 7 if second else 1)
    return of_year or _narrowed(tokens, i, half + 2, "fortnight2" if second else "fortnight1")


def _of_year(tokens: Sequence[Token], i: int, k: int, part: str, month: int) -> ParsedDate | None:
    target = _target(tokens, k)
    if target is None or target.range.first.month or target.unit != "year":
        return None
    year = target.range.first.year
    return replace(target, first=i, range=DateRange.of(year, month, part=part))


def _lettered(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    """Read "Q3 2024", "Q1–Q2 2025", "H2 of 2025", and "Q4" after a preposition."""
    part = tokens[i].kind
    length = 3 if part == "quarter" else 6
    first = last = length * (tokens[i].value - 1) + 1
    k = i + 1
    connector, other = connector_at(tokens, k)
    if connector and kind_at(tokens, other) == part and tokens[other].value > tokens[i].value:
        last, k = length * (tokens[other].value - 1) + 1, other + 1
    at = k + (word_at(tokens, k) == "of" or kind_at(tokens, k) in ("comma", "dash", "slash"))
    if kind_at(tokens, at) == "year":
        year: int | None = tokens[at].value
        stop = at + 1
    elif kind_at(tokens, k) == "slash":
        return None  # "Q3/17" is a question of a study group
    elif (
        word_at(tokens, i - 1) in ("in", "by", "during", "until", "before", "from", "for")
        or (word_at(tokens, i - 1) == "of" and word_at(tokens, i - 2) in PARTS)
        or alone(tokens, i, k)
    ):
        year, stop = None, k
    else:
        return None
    return ParsedDate(i, stop, DateRange(PartialDate(year, first), PartialDate(year, last), part))


def _season(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    connector, other = connector_at(tokens, i + 1)
    if connector and word_at(tokens, other) in SEASONS and kind_at(tokens, other + 1) == "year":
        # "spring/summer 2026"
        year = tokens[other + 1].value
        first, last = SEASONS[tokens[i].fold], SEASONS[tokens[other].fold]
        opening = PartialDate(year - (first > last), first)
        return ParsedDate(i, other + 2, DateRange(opening, PartialDate(year, last), "season"))
    k = skip_word(tokens, i + 1, "of")
    lead = word_before(tokens, i)
    named = (lead in _SEASON_LEADS and not before_noun(tokens, i + 1)) or alone(tokens, i, i + 1)
    if kind_at(tokens, k) != "year" and named:
        month = SEASONS[tokens[i].fold]
        return ParsedDate(i, i + 1, DateRange.of(None, month, part="season"))
    # "To fall" and "may spring" are verbs; "put back to spring 2026" is a season.
    verb = tokens[i].fold in ("fall", "spring") and word_at(tokens, i - 1) in ("to", "will", "may")
    if kind_at(tokens, k) != "year" or (verb and word_at(tokens, i - 2) not in MOVED):
        return None
    year, month, stop = tokens[k].value, SEASONS[tokens[i].fold], k + 1
    # "Winter 2024/25" begins in the first of the two years.
    stop = past_next_year(tokens, stop, year)
    return ParsedDate(i, stop, DateRange.of(year, month, part="season"))


def _parse_year(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    """Return the year at token `i`, or a quarter, a range or an event's name that it is part of."""
    if longer := _quarter_or_range(tokens, i):
        return longer
    if _is_of_name_or_period(tokens, i):
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


def _is_of_name_or_period(tokens: Sequence[Token], i: int) -> bool:
    """Whether the year at `i` belongs to a name, a period or another number, and so dates nothing."""
    before = word_at(tokens, i - 1)
    if kind_at(tokens, i + 1) in ("dash", "slash") and kind_at(tokens, i + 2) in ("year", "number", "code"):
        return True  # a period ("2024-2025", "2024/25") or the number of a paper ("2024-WP4")
    if word_at(tokens, i + 1) in NAMES_AFTER_YEAR:
        return True
    if before in ("for", "of") and word_at(tokens, i - 2) in NAMES_BEFORE_YEAR:
        return True  # "the budget for 2025"
    return before == "by" and kind_at(tokens, i - 2) in ("number", "year")  # "1200 by 2030 pixels"


def _drafted(tokens: Sequence[Token], i: int) -> bool:
    """Whether the year at `i` is in square brackets (not yet agreed) after a preposition."""
    bracketed = (word_at(tokens, i - 1), kind_at(tokens, i), word_at(tokens, i + 1)) == ("[", "year", "]")
    return bracketed and word_at(tokens, i - 2) in YEAR_PREPOSITIONS


def _names_event(tokens: Sequence[Token], i: int) -> bool:
    """Whether the year at `i` belongs to an event's name ("WSIS Forum 2023", "the 2025 WSIS Forum")."""
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


def _parse_weeks(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the weeks at token `i`, which are named by a day or by a number."""
    word = tokens[i].fold
    if tokens[i].kind == "code" and word[0] == "w" and word[1:].isdecimal():
        return _numbered(tokens, i, int(word[1:]), i + 1)
    if word == "w" and kind_at(tokens, i + 1) == "slash" and word_at(tokens, i + 2) in ("c", "b", "e"):
        return _with_day(tokens, i, i + 3, "week")
    if word == "weekend" and word_at(tokens, i + 1) == "of":
        return _with_day(tokens, i, i + 2, "weekend")
    if word not in ("week", "weeks"):
        return []
    if kind_at(tokens, i + 1) == "number":
        return _numbered(tokens, i, tokens[i + 1].value, i + 2)
    if word_at(tokens, i + 1) == "after" and word_at(tokens, i + 2) == "next":
        return [ParsedDate(i, i + 3, DateRange.of(part="week"), relative=2, unit="week")]
    if word_at(tokens, i + 1) not in ("of", "commencing", "beginning", "starting", "ending"):
        return []
    return _with_day(tokens, i, i + 2, "week")


def _with_day(tokens: Sequence[Token], i: int, k: int, part: str) -> list[ParsedDate]:
    """Read the week or the weekend of the day at token `k`."""
    k += word_at(tokens, k) == "the"
    inner = parse_calendar(tokens, k) if k < len(tokens) else []
    if not inner or not all(parsed.range.first.day for parsed in inner):
        return []
    weeks = [r if r.range.ranged else replace(r, range=replace(r.range, part=part)) for r in inner]
    # The weekday belongs to the day, not to the week's first day, so it cannot determine the year.
    return [replace(r, first=r.first if n else i, weekday=None) for n, r in enumerate(weeks)]


def _numbered(tokens: Sequence[Token], i: int, number: int, k: int) -> list[ParsedDate]:
    """Read the year that follows "week 27"; weeks are those of ISO 8601."""
    k = skip_word(tokens, k, ",", "of")
    if kind_at(tokens, k) != "year":
        return []
    try:
        monday = date.fromisocalendar(tokens[k].value, number, 1)
    except ValueError:
        return []
    first, last = (PartialDate(d.year, d.month, d.day) for d in (monday, monday + timedelta(days=6)))
    return [ParsedDate(i, k + 1, DateRange(first, last))]
