"""Days that state no month: "the 12th", "tomorrow", "next Monday", "20–21" after "18-29 January 2027"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ingest.dates.calendar import ParsedDate
from ingest.dates.context import before_noun, closes, opens
from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.reading import connector_at, past_next_year
from ingest.dates.tokens import Token, kind_at, skip_word, word_at
from ingest.dates.words import vocabulary

# Which weekday from the day of writing; `BARE`: the next one, or the last one in a sentence about the past.
LAST, THIS, NEXT, BARE = -1, 0, 1, 2
_WHICH = {"last": LAST, "this": THIS, "coming": NEXT, "next": NEXT, "past": LAST}
_NAMED = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_HALF_DAYS = frozenset(["morning", "afternoon", "evening", "night", "noon"])
_BEFORE_DAY = vocabulary("on by until till than before after from to since for of between and or")
_BEFORE_WEEKDAY = vocabulary("on by until till than before from to since for cob eob business due")
_OF_DAY = _HALF_DAYS | {"letter", "mail", "message", "email", "note", "circular"}
_LONGEST_LIST = 8
_OF_THE_YEAR = {
    ("new", "day"): PartialDate(None, 1, 1),
    ("new", "eve"): PartialDate(None, 12, 31),
    ("christmas", "day"): PartialDate(None, 12, 25),
    ("christmas", "eve"): PartialDate(None, 12, 24),
}
_AROUND_CHRISTMAS = frozenset(["before", "until", "till", "by", "after", "at", "around"])


def parse_day(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the relative days at token `i`. Bounded work."""
    kind, word = tokens[i].kind, tokens[i].fold
    if kind == "weekday":
        return _numbered(tokens, i) or _weekday(tokens, i, i, None)
    if word == "the":
        return _numbered(tokens, i) or _turn_of_year(tokens, i)
    if word in _NAMED:
        return _named(tokens, i)
    if word in _WHICH and kind_at(tokens, i + 1) == "weekday":
        return _weekday(tokens, i, i + 1, _WHICH[word])
    if word == "this" and word_at(tokens, i + 1) in _HALF_DAYS:
        return [ParsedDate(i, i + 2, DateRange.of(), relative=0, unit="day")]
    if word == "day" and word_at(tokens, i + 1) in ("after", "before"):
        far = {("after", "tomorrow"): 2, ("before", "yesterday"): -2}
        offset = far.get((word_at(tokens, i + 1), word_at(tokens, i + 2)))
        return [ParsedDate(i, i + 3, DateRange.of(), relative=offset, unit="day")] if offset else []
    return _feast(tokens, i) if word in ("new", "christmas") else []


def _named(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    # "Today" in the middle of a sentence is in the name of something.
    if kind_at(tokens, i - 1) not in ("", "break", "dash") and tokens[i].text[0].isupper():
        return []
    return [ParsedDate(i, i + 1, DateRange.of(), relative=_NAMED[tokens[i].fold], unit="day")]


def _feast(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    new_year = tokens[i].fold == "new"
    if new_year and word_at(tokens, i + 1) not in ("year's", "year’s"):
        return []  # "New members' day"
    stop = i + 2 + new_year
    point = _OF_THE_YEAR.get((tokens[i].fold, word_at(tokens, stop - 1)))
    if point is None and not new_year and word_at(tokens, i - 1) in _AROUND_CHRISTMAS:
        point, stop = PartialDate(None, 12, 25), i + 1
    if point is None or not tokens[i].text[0].isupper():
        return []
    if kind_at(tokens, stop) == "year":
        point, stop = replace(point, year=tokens[stop].value), stop + 1
    elif before_noun(tokens, stop):
        return []  # "before Christmas holidays"
    return [ParsedDate(i, stop, DateRange(point, point))]


def _turn_of_year(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    if [word_at(tokens, i + k) for k in (1, 2, 3, 4)] != ["turn", "of", "the", "year"]:
        return []
    year = tokens[i + 5].value if kind_at(tokens, i + 5) == "year" else None
    stop = past_next_year(tokens, i + 6, year) if year is not None else i + 5
    first, last = PartialDate(year, 12), PartialDate(year + 1 if year else None, 1)
    return [ParsedDate(i, stop, DateRange(first, last), approximate=True)]


def _day_at(tokens: Sequence[Token], i: int) -> tuple[PartialDate, int | None, int] | None:
    """Return the day without a month at token `i`, its weekday and its end; None if there is none."""
    weekday, k = None, i
    if kind_at(tokens, k) == "weekday":
        weekday = tokens[k].value
        k = skip_word(tokens, k + 1, ",", ".")
    article = word_at(tokens, k) == "the"
    k += article
    if kind_at(tokens, k) != "number" or not 1 <= tokens[k].value <= 31:
        return None
    ordinal = tokens[k].fold == "ordinal"
    if not ordinal and (weekday is None or article or len(tokens[k].text) > 2):
        return None
    return PartialDate(None, None, tokens[k].value), weekday, k + 1


def _numbered(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Read "the 12th" after a preposition, and "Friday 16th", with the days that are listed after them."""
    first = _day_at(tokens, i)
    if first is None or (first[1] is None and not _led(tokens, i)):
        return []
    found = [ParsedDate(i, first[2], DateRange(first[0], first[0]), first[1], relative=0, unit="number")]
    ranged = False
    while len(found) < _LONGEST_LIST:
        connector, k = connector_at(tokens, found[-1].stop)
        following = _day_at(tokens, k) if connector else None
        if following is None:
            break
        if connector == "range" and not ranged and following[0].day != found[-1].range.first.day:
            date_range = DateRange(found[-1].range.first, following[0])
            found[-1], ranged = replace(found[-1], stop=following[2], range=date_range), True
        else:
            date_range = DateRange(following[0], following[0])
            found.append(ParsedDate(k, following[2], date_range, following[1], relative=0, unit="number"))
    return _of_month(tokens, found) if _ends(tokens, found[-1].stop) else []


def _led(tokens: Sequence[Token], i: int) -> bool:
    """Whether a preposition before token `i` asks for a day: "until the 14th", "on the evening of the 3rd"."""
    if tokens[i].fold != "the":
        return False
    before = word_at(tokens, i - 1)
    return before in _BEFORE_DAY and (before != "of" or word_at(tokens, i - 2) in _OF_DAY)


def _ends(tokens: Sequence[Token], i: int) -> bool:
    """Whether a day may end before token `i`: no noun, month or number follows."""
    if word_at(tokens, i) == "of":
        return word_at(tokens, i + 1) in ("this", "next", "last") and word_at(tokens, i + 2) == "month"
    kind = kind_at(tokens, i)
    if kind in ("month", "number", "year", "slash", "full"):
        return False
    if kind == "dash" and (tokens[i].start == tokens[i - 1].end or kind_at(tokens, i + 1) == "number"):
        return False
    if word_at(tokens, i) in ("to", "until") and kind_at(tokens, i + 1) == "number":
        return False  # "the 12th to 14 June"
    return not before_noun(tokens, i)


def _of_month(tokens: Sequence[Token], found: list[ParsedDate]) -> list[ParsedDate]:
    stop = found[-1].stop
    if word_at(tokens, stop) != "of":
        return found
    offset = _WHICH[word_at(tokens, stop + 1)]
    last = len(found) - 1
    return [
        replace(r, relative=offset, unit="month", stop=stop + 3 if k == last else r.stop)
        for k, r in enumerate(found)
    ]


def _weekday(tokens: Sequence[Token], i: int, at: int, which: int | None) -> list[ParsedDate]:
    """Read the weekday at token `at`, which the words from `i` may place: "next Monday", "Friday next week"."""
    stop, date_range = at + 1, DateRange.of()
    stop = skip_word(tokens, stop, *_HALF_DAYS)
    k = skip_word(tokens, stop, ",", "of")
    if word_at(tokens, k) in ("this", "next", "last") and word_at(tokens, k + 1) == "week":
        offset = _WHICH[word_at(tokens, k)]
        return [ParsedDate(i, k + 2, date_range, tokens[at].value, relative=offset, unit="week")]
    if word_at(tokens, stop) == "next" and not before_noun(tokens, stop + 1):
        return [ParsedDate(i, stop + 1, date_range, tokens[at].value, relative=NEXT, unit="weekday")]
    if _is_span_of_week(tokens, at, stop) or kind_at(tokens, stop) in ("month", "number", "year", "full"):
        return []
    if which is None:
        half = stop > at + 1
        full = tokens[at].fold.endswith("day")
        alone = opens(tokens, at) and closes(tokens, stop)
        if not full or alone or not (half or word_at(tokens, at - 1) in _BEFORE_WEEKDAY):
            return []
        if word_at(tokens, at - 1) in ("every", "each"):
            return []
        which = BARE
    elif word_at(tokens, stop) in ("of", "in") and which == LAST:
        return []  # "the last Friday of the meeting"
    if word_at(tokens, stop) in ("mornings", "afternoons", "evenings"):
        return []
    return [ParsedDate(i, stop, date_range, tokens[at].value, relative=which, unit="weekday")]


def _is_span_of_week(tokens: Sequence[Token], at: int, stop: int) -> bool:
    """Whether the weekday is an end of a range such as "Monday to Friday", which is no date."""
    before = kind_at(tokens, at - 1) == "dash" or word_at(tokens, at - 1) in ("to", "through", "and")
    after = kind_at(tokens, stop) == "dash" or word_at(tokens, stop) in ("to", "through", "and")
    return (before and kind_at(tokens, at - 2) == "weekday") or (
        after and kind_at(tokens, stop + 1) == "weekday"
    )


_ENDING = frozenset([",", ")", "]", ";", "and", "or", ".", "\n", "\t", "|", ""])
# For a range that states no year, any year shows whether a day lies in it; this one has a 29 February.
_ANY_YEAR = 2024


def spans_days(parsed: ParsedDate) -> bool:
    """Whether bare days after it may lie within it: it is a range from one stated day to another."""
    date_range = parsed.range
    return (
        date_range.ranged and parsed.relative is None and bool(date_range.first.day and date_range.last.day)
    )


def parse_days_in_range(tokens: Sequence[Token], i: int, span: ParsedDate) -> list[ParsedDate]:
    """Return the days at token `i`, after "on", that lie within `span`, with those that are listed after them."""
    article = word_at(tokens, i - 1) == "the"
    led = word_at(tokens, i - 1 - article) == "on"
    found: list[ParsedDate] = []
    k = i
    while len(found) < _LONGEST_LIST:
        last, stop = k, k + 1
        connector, other = connector_at(tokens, stop)
        if connector == "range" and _number(tokens, other):
            last, stop = other, other + 1
        date_range = _shape(span.range, tokens[k].value, tokens[last].value)
        if date_range is None:
            return []
        found.append(ParsedDate(k, stop, date_range))
        connector, k = connector_at(tokens, stop)
        if connector != "list" or not _number(tokens, k):
            break
    # "the 27" may be 27 states; "the 20–21" are days.
    asked = led or (article and found[0].range.ranged)
    return found if asked and word_at(tokens, found[-1].stop) in _ENDING else []


def _number(tokens: Sequence[Token], k: int) -> bool:
    return kind_at(tokens, k) == "number"


def _shape(span: DateRange, first: int, last: int) -> DateRange | None:
    """Return the days `first` to `last` in a month of `span`, None if they are not within it."""
    whole = span.days(_ANY_YEAR)
    placed = span.in_year(_ANY_YEAR)
    if whole is None or first > last:
        return None
    for point in (placed.first, placed.last):
        year, month = point.year or _ANY_YEAR, point.month or 1
        try:
            inside = whole[0] <= date(year, month, first) and date(year, month, last) <= whole[1]
        except ValueError:
            continue
        if inside:
            stated = year if span.year_stated else None
            return DateRange(PartialDate(stated, month, first), PartialDate(stated, month, last))
    return None
