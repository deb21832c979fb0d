"""The grammar of dates in the prose of international organisations, for all languages that have a table.

Words become tokens of a few kinds (a day, a month, a year, "to", "of", ...). A date is one or more *points* (as much of
day, month and year as is stated), joined by signs and words of lists and ranges; what a point leaves out is stated by
its neighbours. Years that nobody states are inferred. The order of words is not a language's own: day, month and year
are read in each order that any of the languages has.

These are never dates: "2030 Agenda", "A/RES/76/307", "C24/67", "budget 2024-2025", "Resolution 75/1", the verb "may",
the number of a name before a date ("Questionnaire 14, 31 March"). The work is linear in the length of the text, and no
text makes it raise.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from ingest.text.lexicon import Lexicon, Token, in_figures, lexicon
from store.records import Bound, Precision, StatedDate

ExpressionKind = Literal["date", "recurrence"]


@dataclass(frozen=True, slots=True)
class DateExpression(StatedDate):
    """An expression of a text: a date, or a recurrence ("annual")."""

    span: tuple[int, int]
    """Start and end in the text, without the preposition in front."""
    text: str
    kind: ExpressionKind = "date"
    named: bool = False
    """It is a year in the name of an event ("WSIS Forum 2023")."""
    lead: str = ""
    """What stands in front: "in", "by", "before", "from", "after", "since"; "" for nothing."""
    moved: bool = False
    """It and the date before it are the old and the new date of a move ("from 4 to 11 April")."""


# Role of a phrase -> letter of its kind.
_LETTERS = {
    "from": "F", "to": "t", "until": "u", "between": "B", "and": "a", "or": "a", "by": "b", "before": "b",
    "after": "f", "since": "k", "in": "i", "on": "n", "the": "x", "around": "x", "of": "o", "of_year": "o",
    "week_of": "K", "early": "P", "mid": "P", "late": "P", "end": "P", "noon": "h", "midnight": "h", "zone": "Z",
    "but": "c", "latest": "l", "onwards": "w", "next": "r", "last": "r", "this": "r", "as_at": "s", "spring": "S",
    "summer": "S", "autumn": "S", "winter": "S", "every": "e", "am": "m", "pm": "m", "days": "U", "week": "U",
    "month": "U",
}  # fmt: skip
_UNIT_DAYS = {"days": 1, "week": 7, "month": 30}
_FIRST_MONTH = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
# In lower case no names, not even in a question.
_VERBS = frozenset(["may", "march", "mar", "sun", "sat"])
_UNITS = {"of_year": "year", "month": "month", "week": "week"}
_SHIFT = {"this": 0, "next": 1, "last": -1, "today": 0, "tomorrow": 1, "yesterday": -1}
_RECURRENCE = re.compile(r"P\d[DWMY].*")
_COUNTED = re.compile(r"(day|month|weekday|number|Q|H|week|fortnight|away)(-?\d+)")
_OF_COUNTED = {
    "day": "D",
    "month": "M",
    "weekday": "W",
    "number": "N",
    "Q": "Q",
    "H": "H",
    "week": "G",
    "fortnight": "G",
    "away": "A",
}
_PUNCTUATION = {
    ",": ",",
    "-": "-",
    "/": "/",
    "(": "(",
    ")": ")",
    ".": ".",
    ";": ".",
    ":": ":",
    "!": ".",
    "?": ".",
    "|": ".",
    "&": "a",
}


class _Part(NamedTuple):
    """A token of the grammar. `value`: the day, the month, the year, the weekday (Monday is 0), ...

    `letter`: D day, N number, Y year, M month, W weekday, X date in figures, Q quarter, H half, S season, G week or
    fortnight of a month, P part of a month or year, K "week of", L week, J a day near today, r "next", h hour, and see
    `_LETTERS`.
    """

    letter: str
    value: int
    start: int
    end: int
    role: str = ""
    capital: bool = False
    ordinal: bool = False


# A point, over the letters of its tokens; the first alternative that fits.
_YEAR = r"(?:[oxn,]*Y)"
_MONTH = "M"
_POINT = re.compile(
    rf"""
      (?P<figures>W?[,(]?x?X)
    | (?P<near>J)
    | (?P<week>L[xo]*W|W[xon]*L|L)
    |
    (?P<day>K?[xo]*(?:W[,.(]*[xn]?)?(?:Y[o,]?{_MONTH}o?D|D[-/.]?[xoF]*{_MONTH}r?(?:[-/]?{_YEAR})?|{_MONTH}[xo]*D(?!o?M(?!D)|-Do?M(?!D)|-M(?!D))(?:,?Y)?)(?:\(W\)|W)?)
    | (?P<part>P[xo-]*(?:P[xo]*)?(?:{_MONTH}{_YEAR}?|Y[o]?{_MONTH}|[QH]{_YEAR}|Y)|(?:Y[o]?)?{_MONTH}P|YP)
    | (?P<stretch>[QHSG][ix]*(?:[-/][QHSG])?(?:[xoi]*{_MONTH})?{_YEAR}?(?:[-/]Y)?|Y[xo]*(?:{_MONTH}o?)?[QHSG])
    | (?P<month>{_MONTH}{_YEAR}|Y[o]*{_MONTH}|r[xo]*{_MONTH}|{_MONTH}r)
    | (?P<bare_day>(?:W[,]?[xn]?)?D(?:,Y(?=[.),z(]|$))?)
    | (?P<weekday>r[xo]*W|Wr|W)
    | (?P<bare_month>{_MONTH})
    | (?P<year>Y)
    """,
    re.VERBOSE,
)
# A day is counted from a date of the same sentence, or of the few before it.
_SENTENCES_AWAY = 3
# "Two weeks before", "before two weeks", "the day after".
_AWAY = re.compile(r"A|[DN]U[xo]*[bfuw]|[bflw][DN]U")
_JOINER = re.compile(r"o?\)?(?:(?P<range>,?-?[tu]-?|-)|(?P<list>,?a|,|/))[xnF]*")
# A list of more days is read in parts, so that the work stays linear.
_MOST_POINTS = 24
# What may stand between a date and its preposition.
_SKIPPED = frozenset("xnW(o")
# A period of more days is no date in a list of days.
_PARTS_OF_MONTH = {"early": (1, 10), "mid": (11, 20), "late": (21, 31), "end": (21, 31)}
_PARTS_OF_YEAR = {"early": (1, 4), "mid": (5, 8), "late": (9, 12), "end": (12, 12)}
_MONTHS_LONG = {"Q": 3, "H": 6, "S": 3}
_FROM_FINE: Sequence[Precision] = ("day", "month", "quarter", "half", "season", "year", "none")
_FAR = timedelta(days=160)
# A year of the sentence is looked for in so many parts before a date, and is at most so many years away.
_YEAR_PARTS = 14
_YEARS_AWAY = 4


@dataclass(frozen=True, slots=True)
class _Point:
    """As much of a date as is stated, at `first` to `stop` of the parts."""

    first: int
    stop: int
    form: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    part: str = ""
    fixed: tuple[date, date] | None = None
    month_first: bool = False
    whole_week: bool = False


@dataclass(slots=True)
class _Chain:
    """Points that are joined; `joiners[k]` stands between points k and k + 1: "-" for a range, "," for a list."""

    points: list[_Point] = field(default_factory=list)
    joiners: list[str] = field(default_factory=list)

    @property
    def first(self) -> int:
        return self.points[0].first

    @property
    def stop(self) -> int:
        return self.points[-1].stop


def find_dates(
    text: str,
    *,
    reference: date | None,
    context_year: int | None = None,
    bare: bool = False,
    language: str = "en",
) -> list[DateExpression]:
    """Return the date expressions of `text`, in order.

    `reference` is the date of the document, from which "this year" and missing years are computed. `context_year` (of a
    heading) completes missing years if the text itself states none. `bare`: a weekday, month or year is a date wherever
    it is, as in a question. `language` is that of the text; one without a table is read as English.
    """
    words = lexicon(language)
    parts = _read_parts(text, words, reference, bare=bare)
    letters = "".join(part.letter for part in parts)
    found = [_recurrence(text, part) for part in parts if part.letter == "R"]
    years = _Years(reference, context_year)
    at = 0
    while at < len(parts):
        chain = (
            _read_chain(parts, letters, at)
            or _day_of_last_month(parts, letters, at, years, bare=bare)
            or _days_away(parts, letters, at, years)
        )
        if chain is None:
            at += 1
            continue
        found += _expressions(text, parts, letters, chain, years, bare, words)
        at = max(chain.stop, at + 1)
    return sorted(found, key=lambda one: one.span)


def agrees(
    words: str,
    start: date,
    end: date,
    *,
    reference: date | None,
    years: Iterable[int] = (),
    language: str = "en",
) -> bool:
    """Whether the words of a date can mean the days from `start` to `end`.

    `years` are those that stand near the words. Where the grammar finds dates in the words, one of them has these days,
    or the first and the last have, in a year that is stated, near, or the document's or the one beside it. Where it
    finds none, the day and the month that are given stand in the words.
    """
    near = {*years} | ({reference.year - 1, reference.year, reference.year + 1} if reference else set())
    found: list[DateExpression] = []
    for year in (None, *sorted(near)):
        base = reference if year is None else date(year, 7, 1)
        found = [one for one in find_dates(words, reference=base, bare=True, language=language) if one.start]
        spans = {(one.start, one.end) for one in found}
        if (start, end) in spans or (
            start in {one.start for one in found} and end in {one.end for one in found}
        ):
            return True
    letters = {part.letter for part in _read_parts(words, lexicon(language), reference)}
    if (found and letters & set("MYXQHSJLW")) or start.year not in near:
        return False
    return _stands_in(words, start, language) and _stands_in(words, end, language)


def _stands_in(words: str, day: date, language: str) -> bool:
    """Whether the day of a date stands in words, and its month where they have one, or its weekday."""
    parts = _read_parts(words, lexicon(language), None)
    days = {part.value for part in parts if part.letter in "DN"}
    months = {part.value for part in parts if part.letter == "M"}
    weekdays = {part.value for part in parts if part.letter == "W"}
    if days and day.day not in days:
        return False
    if months and day.month not in months:
        return False
    return bool(days or months) or day.weekday() in weekdays


def _read_parts(text: str, words: Lexicon, reference: date | None, *, bare: bool = False) -> list[_Part]:
    """Return the tokens of a text with their kinds."""
    tokens = list(words.tokens(text))
    parts: list[_Part] = []
    american = any(
        (numbers := re.fullmatch(r"(\d+)[/.-](\d+)[/.-]\d+", token.fold)) and 12 < int(numbers[2]) <= 31
        for token in tokens
        if token.group == "full"
    )
    at = 0
    while at < len(tokens):
        token = tokens[at]
        phrase = words.date_role(tokens, at)[1] if token.group == "number" else 0
        if token.group in ("number", "full", "stamp", "clock") and phrase < 2:
            part, length = _number(tokens, at, words, american)
            parts.append(part)
        elif token.group == "span":
            # "2026-11-03/05"
            begin, _, last = token.fold.partition("/")
            for day in (begin, begin[:-2] + last):
                parts.append(_Part("X", _figures(day, american=False), token.start, token.end))
                parts.append(_Part("-", 0, token.start, token.end))
            parts.pop()
            length = 1
        elif token.group in ("amount", "code", "address"):
            parts.append(_Part("C", 0, token.start, token.end))
            length = 1
        else:
            length = _word(parts, tokens, at, words, reference, bare=bare)
        at += length
        _join(parts, reference)
    return parts


def _join(parts: list[_Part], reference: date | None) -> None:
    """Join the last parts where they are one: "Sept.", two names of a month, "next" and "month"."""
    last = parts[-1]
    if last.letter in "YD-t," and len(parts) > 2 and parts[-2].role == "." and parts[-3].letter in "MW":
        name = parts[-3]
        if parts[-2].start == name.end <= name.start + 5:
            parts[-3:] = [name._replace(end=parts[-2].end), last]
        return
    if (
        last.letter == "M"
        and len(parts) > 2
        and parts[-2].letter in "/("
        and parts[-3].letter == "M"
        and parts[-3].value == last.value
    ):
        parts[-3:] = [parts[-3]._replace(end=last.end)]
        return
    pair = {part.letter: part for part in parts[-2:]}
    unit = next((_UNITS[part.role] for part in parts[-2:] if part.role in _UNITS), None)
    if len(parts) > 1 and "r" in pair and unit is not None and reference is not None:
        start, end = parts[-2].start, last.end
        parts[-2:] = [_phrase_part(f"{pair['r'].role}_{unit}", start, end, reference, parts[-2].capital)]


def _number(tokens: Sequence[Token], at: int, words: Lexicon, american: bool) -> tuple[_Part, int]:
    """Return the number, date or hour at a token, and how many tokens it has."""
    token = tokens[at]
    start, end = token.start, token.end
    if token.group == "full":
        return _Part("X", _figures(token.fold, american), start, end), 1
    if token.group in ("stamp", "clock"):
        return _Part("h", _minutes(token.fold), start, end), 1
    value = in_figures(token.fold)
    before = tokens[at - 1] if at else None
    if (
        before is not None
        and before.end == start
        and (
            (before.group == "word" and before.fold not in words.prefixes)
            or (
                before.fold == "."
                and at > 1
                and tokens[at - 2].group == "word"
                and tokens[at - 2].end == before.start
            )
        )
    ):
        return _Part("C", 0, start, end), 1  # "CSW68", "Y.2060"
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    glued = after is not None and after.start == end
    # The signs of years, months and days in Chinese.
    if after is not None and after.group == "ideograph":
        follows = tokens[at + 2].fold if at + 2 < len(tokens) else ""
        if after.fold == "年" and follows != "代" and 1900 <= value <= 2100:
            return _Part("Y", value, start, after.end), 2 + (follows == "度")
        if after.fold == "月" and 1 <= value <= 12 and follows != "刊":
            return _Part("M", value, start, after.end), 2 + (follows == "份")
        behind = follows + (tokens[at + 3].fold if follows == "以" and at + 3 < len(tokens) else "")
        if after.fold in "日号" and 1 <= value <= 31 and behind not in ("内", "以内"):
            return _Part("D", value, start, after.end), 2
    length = 1
    ordinal = False
    if after is not None and glued:
        # As in "3rd", "1er", "5-го" and "1.º".
        last = tokens[at + 2] if at + 2 < len(tokens) else None
        if after.fold in words.ordinals:
            end, length, ordinal = after.end, 2, True
        elif (
            after.fold in ".-"
            and last is not None
            and last.start == after.end
            and last.fold in words.ordinals
        ):
            end, length, ordinal = last.end, 3, True
    following = tokens[at + length] if at + length < len(tokens) else None
    if following is not None and value <= 24 and following.fold in words.hours | {"am", "pm"}:
        return _Part("h", value * 60, start, following.end), length + 1
    if (
        following is not None
        and value <= 12
        and following.fold in ("a", "p")
        and [t.fold for t in tokens[at + length + 1 : at + length + 3]] == [".", "m"]
    ):
        return _Part(
            "h", (value % 12 + 12 * (following.fold == "p")) * 60, start, tokens[at + length + 2].end
        ), length + 3
    if 1900 <= value <= 2100 and len(token.fold) == 4 and not ordinal:
        return _Part("Y", value, start, end), length
    letter = "D" if 1 <= value <= 31 and len(token.fold) <= 2 else "N"
    return _Part(letter, value, start, end, ordinal=ordinal), length


def _word(
    parts: list[_Part],
    tokens: Sequence[Token],
    at: int,
    words: Lexicon,
    reference: date | None,
    *,
    bare: bool,
) -> int:
    """Add the parts of the phrase, word or sign at a token, and return its length."""
    token = tokens[at]
    start, end = token.start, token.end
    role, length = words.date_role(tokens, at)
    small = words.capitals and not token.capital and (not bare or token.fold in _VERBS)
    if length and small and role.startswith(("month", "weekday")):
        role, length = "", 0
    if role in ("today", "tomorrow", "yesterday") and token.capital and at and tokens[at - 1].group == "word":
        role, length = "", 0  # "Governance for Today"
    if role == "nothing" or (not length and token.group == "line"):
        parts.append(_Part("z" if length else ".", 0, start, tokens[at + max(length, 1) - 1].end))
        return max(length, 1)
    if not length:
        letter = _PUNCTUATION.get(token.fold, "z") if token.group == "sign_" else "z"
        role = token.fold if token.group == "sign_" else ""
        if token.group in ("word", "ideograph"):
            role = words.word_role(tokens, at)[0]
            letter = {
                "numbered": "#",
                "gathering": "g",
                "plan": "p",
                "writing": "d",
                "period": "d",
                "moved": "v",
                "postponed": "v",
                "moved_to": "V",
            }.get(role, "z")
        parts.append(_Part(letter, 0, start, end, role, token.capital))
        return 1
    end = tokens[at + length - 1].end
    parts.extend(_phrase_part(one, start, end, reference, token.capital) for one in role.split())
    return length


def _phrase_part(role: str, start: int, end: int, reference: date | None, capital: bool) -> _Part:
    """Return the part that a phrase of a table is."""
    if _RECURRENCE.fullmatch(role):
        return _Part("R", 0, start, end, role)
    counted = _COUNTED.fullmatch(role)
    if counted is not None:
        return _Part(_OF_COUNTED[counted[1]], int(counted[2]), start, end, role, capital)
    when, _, unit = role.partition("_")
    if unit in ("year", "month", "week") and when in _SHIFT:
        if reference is None:
            return _Part("z", 0, start, end)
        shift = _SHIFT[when]
        if unit == "year":
            return _Part("Y", reference.year + shift, start, end, role)
        if unit == "month":
            months = reference.year * 12 + reference.month - 1 + shift
            return _Part("M", months % 12 + 1, start, end, f"{role} {months // 12}")
        monday = reference - timedelta(days=reference.weekday()) + timedelta(weeks=shift)
        return _Part("L", monday.toordinal(), start, end, role)
    if role in ("today", "tomorrow", "yesterday"):
        day = reference.toordinal() + _SHIFT[role] if reference else 0
        return _Part("J" if day else "z", day, start, end, role)
    value = _FIRST_MONTH.get(role) or _UNIT_DAYS.get(role, 0)
    return _Part(_LETTERS.get(role, "z"), value, start, end, role, capital)


def _figures(written: str, american: bool) -> int:
    """Return the ordinal of the day that figures write; 0 for none."""
    first, second, third = re.split(r"[-./]", written)
    roman = {
        "i": 1,
        "ii": 2,
        "iii": 3,
        "iv": 4,
        "v": 5,
        "vi": 6,
        "vii": 7,
        "viii": 8,
        "ix": 9,
        "x": 10,
        "xi": 11,
        "xii": 12,
    }
    year, month, day = first, second, third
    if len(first) < 4:
        year, month, day = third, second, first
        if american and "/" in written:
            month, day = day, month
    if len(year) == 2:
        year = f"20{year}"
    try:
        return date(int(year), roman.get(month) or int(month), int(day)).toordinal()
    except ValueError:
        return 0


def _minutes(written: str) -> int:
    numbers = [int(number) for number in re.findall(r"\d+", written)]
    if len(numbers) == 1:
        return numbers[0] // 100 * 60 + numbers[0] % 100
    return numbers[0] * 60 + numbers[1]


def _read_chain(parts: Sequence[_Part], letters: str, at: int) -> _Chain | None:
    """Return the chain of points that begins at a part."""
    point = _read_point(parts, letters, at)
    if point is None:
        return None
    chain = _Chain([point])
    while len(chain.points) < _MOST_POINTS:
        joiner = _JOINER.match(letters, chain.stop)
        if joiner is None:
            break
        following = _read_point(parts, letters, joiner.end())
        if following is None or following.form == "near":
            break
        is_range = joiner["range"] is not None
        if "F" in joiner.group() and not is_range:
            break  # "from 3 to 5 May and from 8 to 9 May" are two
        if is_range and {point.form, following.form} == {"year", "bare_day"}:
            break
        chain.points.append(following)
        either = joiner["list"] == "/" or any(
            part.role == "or" for part in parts[joiner.start() : joiner.end()]
        )
        listed = "," if joiner.group().strip("xn") == "," else "&"
        chain.joiners.append("-" if is_range else "/" if either else listed)
    return _completed_chain(chain, parts, letters)


def _day_of_last_month(
    parts: Sequence[_Part], letters: str, at: int, years: _Years, *, bare: bool
) -> _Chain | None:
    """Return the day that "the 24th" is, of the month that was named last."""
    if (
        not parts[at].ordinal
        or not re.search(r"(?:[xn]|[^.]W,?)$", letters[max(at - 3, 0) : at])
        or letters[at + 1 : at + 2] in ("z", "g", "#", "p", "d")
    ):
        return None
    last = years.last_month or (years.month_ahead(parts[at].value) if bare else None)
    return None if last is None else _Chain([_Point(at, at + 1, "day", last[0], last[1], parts[at].value)])


def _days_away(parts: Sequence[_Part], letters: str, at: int, years: _Years) -> _Chain | None:
    """Return the day that is counted from the date before it: "two weeks before the opening", "the day after"."""
    match = _AWAY.match(letters, at)
    anchor = years.anchor(letters.count(".", 0, at))
    if match is None or anchor is None or letters[max(at - 1, 0)] in ":(":
        return None
    inside = parts[match.start() : match.end()]
    stated = re.match(r"[^.]*[MX]", letters[match.end() :])  # "two days before the Forum (9 May)"
    if inside[0].role == "by" or stated:
        return None
    first, last = anchor
    days = math.prod(part.value for part in inside if part.letter in "ADNU")
    if inside[0].letter != "A" and not set(match.group()) & set("fw"):
        days = -days
    day = (first if days < 0 else last) + timedelta(days=days)
    return _Chain([_Point(match.start(), match.end(), "near", fixed=(day, day))])


def _read_point(parts: Sequence[_Part], letters: str, at: int) -> _Point | None:
    """Return the point at a part."""
    match = _POINT.match(letters, at)
    if match is None:
        return None
    form = str(match.lastgroup)
    inside = parts[match.start() : match.end()]
    by_letter: dict[str, _Part] = {}
    for part in inside:
        by_letter.setdefault(part.letter, part)

    def value(letter: str) -> int | None:
        return by_letter[letter].value if letter in by_letter else None

    year = value("Y")
    month = value("M")
    if month is not None and " " in by_letter["M"].role:
        year = year or int(by_letter["M"].role.rpartition(" ")[2])
    fixed = _fixed_days(form, by_letter)
    if form in ("figures", "near") and fixed is None:
        return None
    chosen = ""
    if form == "part":
        chosen = "+".join(one.role for one in inside if one.letter == "P")
        if value("Q") or value("H"):
            chosen += "+" + next(one.role for one in inside if one.letter in "QH")
    elif form == "stretch":
        chosen = "+".join(one.role for one in inside if one.letter in "QHSG")
        years = [one.value for one in inside if one.letter == "Y"]
        if month is not None and chosen in _FIRST_MONTH:
            return None  # "which deadlines fall in June"
        if len(years) > 1:
            return None
    if "r" in by_letter:
        chosen = by_letter["r"].role
        if chosen == "this" and form == "month" and by_letter["M"].start < by_letter["r"].start:
            return None  # "May this be the week"
    return _Point(
        match.start(), match.end(), form, year, month, value("D"), value("W"), chosen, fixed,
        month_first=form == "day" and match.group().find("M") < match.group().find("D"),
        whole_week="K" in by_letter,
    )  # fmt: skip


def _fixed_days(form: str, by_letter: Mapping[str, _Part]) -> tuple[date, date] | None:
    """Return the days of a date in figures, of a day near today, and of a week or its weekday."""
    if form in ("figures", "near"):
        day = next((by_letter[letter].value for letter in "XJ" if letter in by_letter), 0)
        return (date.fromordinal(day), date.fromordinal(day)) if day else None
    if form != "week":
        return None
    monday = date.fromordinal(by_letter["L"].value)
    if "W" in by_letter:
        return (monday + timedelta(days=by_letter["W"].value),) * 2
    return monday, monday + timedelta(days=6)


def _completed_chain(chain: _Chain, parts: Sequence[_Part], letters: str) -> _Chain | None:
    """Return the chain with what its points leave out; None where its first point is none."""
    points = chain.points
    # A day without a month, behind the last month, belongs to it only where the month stands first ("May 3-5").
    while points and points[-1].form == "bare_day":
        before = next((p for p in reversed(points[:-1]) if p.form != "bare_day"), None)
        if (
            before is not None
            and before.month_first
            and not (
                before.year
                and before.stop
                and letters[before.stop - 1] == "Y"
                and letters[before.first] != "Y"
            )
        ):
            break
        points.pop()
        if chain.joiners:
            chain.joiners.pop()
    if not points:
        return None
    # The number of a name is no day: "Questionnaire 14, 31 March".
    while (
        len(points) > 1
        and points[0].form == "bare_day"
        and _is_numbered(parts, points[0], points[1], chain.joiners[0])
    ):
        points.pop(0)
        chain.joiners.pop(0)
    for k in range(len(points) - 2, -1, -1):
        points[k] = _with_neighbour(points[k], points[k + 1], chain.joiners[k], ahead=True)
    for k in range(1, len(points)):
        points[k] = _with_neighbour(points[k], points[k - 1], chain.joiners[k - 1], ahead=False)
    kept = next((k for k, point in enumerate(points) if point.form != "bare_day"), len(points))
    if kept:
        # "1/2025" is a number.
        if kept == len(points) or points[kept].form == "year":
            return None
        del points[:kept], chain.joiners[:kept]
    return chain


def _is_numbered(parts: Sequence[_Part], point: _Point, following: _Point, joiner: str) -> bool:
    """Whether a number belongs to the noun or name in front of it."""
    if point.first == 0 or parts[point.first].ordinal or parts[point.first].letter == "W":
        return False
    before = parts[point.first - 1]
    if joiner == "-" and following.weekday is not None:
        return True  # "Day 1 - Wednesday, 7 May"
    return before.letter == "#" or (
        joiner == "," and before.letter in "zgd" and before.capital and before.end - before.start > 1
    )


def _with_neighbour(point: _Point, other: _Point, joiner: str, *, ahead: bool) -> _Point:
    """Return the point with the month and the year that its neighbour states."""
    if point.fixed is not None:
        return point
    source = other.fixed[0] if other.fixed else None
    other_month = source.month if source else other.month
    other_year = source.year if source else other.year
    if point.month is None and point.form == "bare_day" and other_month is not None and other.form != "part":
        point = replace(point, month=other_month, form="day", month_first=not ahead)
        if other.form in ("month", "bare_month"):
            return point
    if point.year is None and other_year is not None and point.form not in ("year", "near"):
        year = other_year
        mine, theirs = (
            (point.month or 0, point.day or 0),
            (other_month or 0, (source.day if source else other.day) or 0),
        )
        if point.month and other_month:
            if ahead and joiner == "-" and mine[0] > theirs[0]:
                year -= 1
            elif not ahead and mine[0] < theirs[0]:
                year += 1
        point = replace(point, year=year)
    return point


class _Years:
    """Infers the years that dates do not state, from those before them in the text and from the document's date."""

    def __init__(self, reference: date | None, context: int | None) -> None:
        self._reference = reference
        self._context = context
        self._stated: tuple[int, int, bool] | None = None
        self._sentence = 0
        self._last: tuple[int, int] | None = None
        self._anchor: tuple[date, date, int] | None = None

    @property
    def last_month(self) -> tuple[int, int] | None:
        """The year and month of the last date."""
        return self._last

    def anchor(self, sentence: int) -> tuple[date, date] | None:
        """Return the days from which a sentence may count: those of the last span near it, else of the last day."""
        if self._anchor is None or sentence - self._anchor[2] > _SENTENCES_AWAY:
            return None
        return self._anchor[:2]

    def note(self, first: date, last: date, precision: Precision, sentence: int, stated: bool) -> None:
        """Note the days of a date, and its year where the text states it."""
        days = self.anchor(sentence)
        if precision == "day" and (first < last or days is None or days[0] == days[1]):
            self._anchor = first, last, sentence
        if stated:
            self._stated = (first.year, sentence, True)
        self._last = (first.year, first.month)
        self._sentence = sentence

    def month_ahead(self, day: int) -> tuple[int, int] | None:
        """Return the year and month of the next day of this number."""
        if self._reference is None:
            return None
        months = self._reference.year * 12 + self._reference.month - 1 + (day < self._reference.day)
        return months // 12, months % 12 + 1

    def weekday(self, point: _Point) -> tuple[date, date] | None:
        """Return the day that a weekday is, from the document's date on, or before it for the last one."""
        if self._reference is None or point.weekday is None:
            return None
        ahead = (point.weekday - self._reference.weekday()) % 7
        if point.part == "last":
            ahead = ahead - 7
        day = self._reference + timedelta(days=ahead or 7 * (point.part == "next"))
        return day, day

    def nearest(self, point: _Point) -> int | None:
        """Return the year of "next May" or "last May", as of the document's date."""
        if self._reference is None or point.month is None:
            return None
        here = (self._reference.month, self._reference.day)
        there = (point.month, point.day or (1 if point.part == "next" else 31))
        shift = (there <= here) - (point.part == "last")
        return self._reference.year + (shift if point.part != "this" else 0)

    def nearer(self, year: int, point: _Point, month: int) -> int:
        """Return the year of a point before a date in a month of `year`: that year or the one before."""
        if self._reference is None or not point.month or point.month <= month:
            return year
        day = min(point.day or 1, 28)
        return min(
            (year, year - 1), key=lambda one: abs(date(one, point.month or 1, day) - self._reference_day())
        )

    def may_be(self, year: int) -> bool:
        """Whether a document may speak of dates of a year."""
        return self._reference is None or abs(year - self._reference.year) <= _YEARS_AWAY

    def _is_told_early(self, year: int, month: int, tense: Callable[[], int]) -> bool:
        """Whether a sentence tells as past what is in a month after the document's date."""
        return self._reference is not None and date(year, month, 1) > self._reference and tense() < 0

    def _reference_day(self) -> date:
        return self._reference or date.min

    def _is_near(self, year: int) -> bool:
        """Whether a year of the sentence may be that of another date: 2013 in a paper of 2015 is of something else."""
        return self._reference is None or abs(year - self._reference.year) <= 1

    def year_of(
        self, point: _Point, sentence: int, ahead: int | None, tense: Callable[[], int]
    ) -> int | None:
        """Return the year of a point without one.

        `ahead` is the year that the sentence states next. `tense`: 1 where the sentence tells what will be, -1 what
        was.
        """
        month = point.month or _last_month(point.part)
        day = point.day or 1
        candidates: list[int] = []
        if self._last is not None and self._sentence == sentence and self._is_near(self._last[0]):
            year, last_month = self._last
            # The order of a list: after November comes a January of the next year.
            candidates.append(year + (last_month - month >= 6))
        elif ahead is not None and self._is_near(ahead):
            candidates.append(ahead)
        if self._context is not None and not self._is_told_early(self._context, month, tense):
            candidates.append(self._context)
        if self._stated is not None and self._reference is None:
            candidates.append(self._stated[0])
        if self._reference is not None:
            year = self._reference.year
            try:
                when = date(year, month, min(day, monthrange(year, month)[1]))
            except ValueError:
                return None
            # A document has the dates of its own year, unless another one is much nearer and the sentence is not
            # against it.
            behind = self._reference - when
            if behind > _FAR and tense() >= 0:
                year += 1
            elif when - self._reference > _FAR and tense() < 0:
                year -= 1
            candidates.append(year)
        if not candidates:
            return None
        if point.weekday is not None and point.day:
            for year in [c for first in candidates for c in (first, first + 1, first - 1)]:
                try:
                    if date(year, month, day).weekday() == point.weekday:
                        return year
                except ValueError:
                    continue
        return candidates[0]


def _expressions(
    text: str, parts: Sequence[_Part], letters: str, chain: _Chain, years: _Years, bare: bool, words: Lexicon
) -> Iterator[DateExpression]:
    """Yield the expressions of a chain."""
    lead, at_lead = _lead(letters, chain.first)
    if not _is_date(parts, letters, chain, lead, bare, words):
        return
    sentence = letters.count(".", 0, chain.first)

    def tense() -> int:
        return _tense(text, parts, letters, chain, words, lead)

    groups = _groups(chain, letters, at_lead, lead)
    for number, (points, moved) in enumerate(groups):
        found = _days_of(points, years, sentence, tense, parts)
        if found is None:
            continue
        start, end, precision, approximate, inferred = found
        if precision != "year":
            years.note(start, end, precision, sentence, not inferred)
        first, stop = points[0].first, points[-1].stop
        opens = number == 0
        span = _trimmed(parts, letters, first, stop)
        moves = moved or (number + 1 < len(groups) and groups[number + 1][1])
        bound = "on" if moves else _bound(letters, lead, stop, points)
        if bound == "by" and points[-1].part == "end" and len(points) == 1:
            # "By the end of August" means the last day exactly.
            start, precision, approximate = end, "day", False
        hour = _hour(text, parts, letters, first, stop)
        is_year = points[0].form == "year" and "_" not in parts[first].role
        yield DateExpression(
            span=span,
            text=text[slice(*span)],
            start=start,
            end=end,
            precision=precision,
            bound=bound,
            approximate=approximate,
            year_inferred=inferred,
            lead=lead if opens else "",
            named=is_year and not lead and not bare,
            moved=moved,
            time=hour[0],
            timezone=hour[1],
        )


def _lead(letters: str, first: int) -> tuple[str, int]:
    """Return what stands in front of a date, and where."""
    at = first - 1
    while at >= 0 and letters[at] in _SKIPPED and first - at <= 4:
        at -= 1
    names = {
        "b": "by",
        "u": "until",
        "F": "from",
        "f": "after",
        "k": "since",
        "s": "as_at",
        "i": "in",
        "t": "to",
        "B": "between",
    }
    if at >= 0 and letters[at] in names:
        return names[letters[at]], at
    # An hour may stand between: by midnight (Geneva time) on Thursday 17 April.
    for back in range(at, max(at - 6, -1), -1):
        if letters[back] in "bu":
            return "by", back
        if letters[back] not in "hZmxn()-toz" or (
            letters[back] == "z" and "Z" not in letters[back:first] and "h" not in letters[back:first]
        ):
            break
    if first > 0 and letters[first - 1] == "o":
        return "of", first - 1
    return "", first


def _is_date(
    parts: Sequence[_Part], letters: str, chain: _Chain, lead: str, bare: bool, words: Lexicon
) -> bool:
    """Whether the points are a date; a month or a year alone is one only where something says so."""
    forms = {point.form for point in chain.points}
    if "weekday" in forms:
        # In prose "on Friday" is of any week.
        return bare and len(chain.points) == 1
    before = letters[max(chain.first - 3, 0) : chain.first]
    after = letters[chain.stop : chain.stop + 3]
    if forms == {"bare_day"}:
        return False
    if forms <= {"year"}:
        relative = any("_" in parts[p.first].role for p in chain.points)
        if relative:
            return True
        near = before.rstrip("xno(")[-1:]
        if (
            re.match("z?p", letters[chain.stop : chain.stop + 2])
            or (near in "p#dC" and near)
            or re.search(r"[pd#][a-z(]{0,2}$", letters[max(chain.first - 3, 0) : chain.first])
        ):
            return False
        if len(chain.points) > 1 and re.search(r"[pd]", letters[max(chain.first - 6, 0) : chain.first]):
            return False
        alone = _is_alone(letters, chain)
        if bare or alone or lead in ("in", "by", "until", "from", "after", "to"):
            return True
        named = re.search(r"g[xozgi]{0,5}$", letters[: chain.first]) and (
            parts[chain.first - 1].capital or before[-1:] == "g"
        )
        return bool(named) or after.startswith("g") or after[1:2] == "g"
    if forms <= {"bare_month"}:
        if "month" in parts[chain.first].role and "_" in parts[chain.first].role:
            return True
        if bare or not words.capitals or _is_alone(letters, chain) or len(chain.points) > 1:
            return True
        return lead in ("in", "by", "until", "from", "after", "to", "of") or "g" in after[:2]
    if forms <= {"stretch"} and not any(point.year for point in chain.points):
        # "Q2" may be a Question of a study group, "the second half" one of a match.
        return (
            bool(lead)
            or (bare and letters[chain.first] != "S")
            or any(point.month for point in chain.points)
            or _is_alone(letters, chain)
        )
    return not (
        forms <= {"part"} and all(point.month is None and point.year is None for point in chain.points)
    )


def _is_alone(letters: str, chain: _Chain) -> bool:
    """Whether nothing but signs stands beside a date in its line or cell."""
    return (chain.first == 0 or letters[chain.first - 1] in ".:(") and (
        chain.stop >= len(letters) or letters[chain.stop] in ".:)"
    )


def _tense(text: str, parts: Sequence[_Part], letters: str, chain: _Chain, words: Lexicon, lead: str) -> int:
    """Return 1 where the words of the sentence tell what will be, -1 where they tell what was, else 0."""
    first = letters.rfind(".", 0, chain.first) + 1
    last = letters.find(".", chain.stop)
    sentence = text[parts[first].start : parts[last if last >= 0 else -1].end]
    roles = {found.role for found in words.words(sentence)}
    if lead == "from" and roles & {"moved", "moved_to", "postponed", "postponed_to"}:
        return -1  # the old date of a move
    if "planned" in roles:
        return 1
    if roles & {"cancelled", "postponed", "originally"}:
        return 0
    if "done" in roles or words.is_past(sentence):
        return -1
    if roles & {"deadline", "submit"}:
        return 1
    return -1 if "milestone" in roles else 0


def _groups(chain: _Chain, letters: str, at_lead: int, lead: str) -> list[tuple[list[_Point], bool]]:
    """Return the points of each expression, and whether it and the next are the old and the new date of a move."""
    moves = lead in ("from", "of", "") and _is_move(letters, at_lead)
    groups: list[tuple[list[_Point], bool]] = [([chain.points[0]], False)]
    for joiner, (before, point) in zip(chain.joiners, pairwise(chain.points), strict=True):
        points = groups[-1][0]
        dashed = letters[before.stop : point.first].strip("xn,)") == "-"
        if joiner == "-" and (moves and not dashed and len(points) == 1 and len(chain.points) == 2):
            groups.append(([point], True))
        elif (
            (joiner == "-" and len(points) == 1)
            or _is_next(before, point, joiner)
            or (lead == "between" and len(chain.points) == 2)
        ):
            if joiner == "-":
                points.append(point)
            else:
                points[1:] = [point]
        else:
            groups.append(([point], False))
    return groups


def _is_move(letters: str, at_lead: int) -> bool:
    """Whether a word of change stands shortly in front, with no "to" between."""
    before = letters[max(at_lead - 9, 0) : at_lead]
    return re.search(r"v[^.tuV]*$", before) is not None


def _is_next(before: _Point, after: _Point, joiner: str) -> bool:
    """Whether a listed day or month follows directly: "9 and 10 May", "May/June"."""
    if joiner == "-":
        return False
    if before.form == after.form == "day":
        try:
            first = date(before.year or 2024, before.month or 1, before.day or 1)
            last = date(after.year or 2024, after.month or 1, after.day or 1)
        except ValueError:
            return False
        return last - first == timedelta(days=1)
    months = ("month", "bare_month")
    return (
        joiner == "/"
        and before.form in months
        and after.form in months
        and (after.month or 0) - (before.month or 0) == 1
    )


def _days_of(
    points: Sequence[_Point],
    years: _Years,
    sentence: int,
    tense: Callable[[], int],
    parts: Sequence[_Part],
) -> tuple[date, date, Precision, bool, bool] | None:
    """Return first and last day, precision, whether these are approximate, and whether the year is inferred."""
    first, last = points[0], points[-1]
    inferred = False
    if first.form == "weekday":
        near = years.weekday(first)
        first = replace(first, fixed=near)
        last = first
        if near is None:
            return None
    if first.year is None and first.fixed is None:
        ahead = None
        month = 0
        for before, part in pairwise(parts[last.stop - 1 : last.stop + 12]):
            month = part.value if part.letter == "M" else month
            if part.letter == "." or (part.letter == "Y" and before.letter in "MD,"):
                # "On 11 July, …, from 1 January 2025 on": the order says which year.
                ahead = years.nearer(part.value, first, month) if part.letter == "Y" else None
                break
        year = (
            years.year_of(first, sentence, ahead, tense) if first.part not in _SHIFT else years.nearest(first)
        )
        if first.part not in _SHIFT:
            year = _year_before(parts, first.first, years) or year
        if year is None:
            return None
        inferred = True
        first = replace(first, year=year)
    if last.year is None and last.fixed is None:
        year = first.year if first.year is not None else first.fixed[0].year if first.fixed else None
        turned = (first.month or 0) > (last.month or 12)
        last = replace(last, year=year + turned if year is not None else None)
    try:
        begin = _point_days(first)
        close = _point_days(last)
    except (ValueError, OverflowError, TypeError):
        return None
    if begin is None or close is None or begin[0] > close[1]:
        return None
    precision = max(begin[2], close[2], key=_FROM_FINE.index)
    return begin[0], close[1], precision, begin[3] or close[3], inferred


def _year_before(parts: Sequence[_Part], first: int, years: _Years) -> int | None:
    """Return the year with which a sentence begins: "For 2028 … from 6 to 16 June", "POC 2007: …"."""
    for at in range(first - 1, max(first - _YEAR_PARTS, -1), -1):
        if parts[at].letter in ".MDX":
            return None
        if parts[at].letter == "Y":
            opens = at > 0 and parts[at - 1].letter == "i"
            follows = ":" in "".join(part.letter for part in parts[at + 1 : min(at + 4, first)])
            return parts[at].value if (opens or follows) and years.may_be(parts[at].value) else None
    return None


def _point_days(point: _Point) -> tuple[date, date, Precision, bool] | None:
    """Return first and last day of a point with a year, its precision, and whether it is approximate."""
    if point.fixed is not None:
        return (*point.fixed, "day", False)
    year, month = point.year, point.month
    if year is None:
        return None
    if point.day is not None and month is not None and point.form != "stretch":
        day = date(year, month, point.day)
        if point.whole_week:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6), "day", False
        return day, day, "day", False
    if point.form == "stretch":
        return _stretch_days(point, year, month)
    part, _, of = point.part.partition("+")
    if of[:1] in ("Q", "H") and of[1:].isdigit():
        return _stretch_days(replace(point, part=of), year, None)
    if month is not None:
        return _month_days(year, month, "" if part in _SHIFT else part)
    if part:
        low, high = _PARTS_OF_YEAR[part]
        return date(year, low, 1), _month_end(year, high), "month" if part == "end" else "season", True
    return date(year, 1, 1), date(year, 12, 31), "year", False


def _month_days(year: int, month: int, part: str) -> tuple[date, date, Precision, bool]:
    low, high = _PARTS_OF_MONTH.get(part, (1, 31))
    last = monthrange(year, month)[1]
    return date(year, month, low), date(year, month, min(high, last)), "month", bool(part)


def _stretch_days(point: _Point, year: int, month: int | None) -> tuple[date, date, Precision, bool] | None:
    """Return the days of quarters, halves, seasons, and of weeks and fortnights of a month."""
    names = point.part.split("+")
    first, last = names[0], names[-1]
    if first.startswith(("week", "fortnight")):
        if month is None:
            return None
        number = int(first[-1])
        low, high = (
            ((1, 15), (16, 31))[number - 1] if first.startswith("fortnight") else (7 * number - 6, 7 * number)
        )
        if first == "week4":
            low, high = monthrange(year, month)[1] - 6, 31
        return date(year, month, low), date(year, month, min(high, monthrange(year, month)[1])), "month", True
    if month is not None and first[0] == "H":
        low, high = ((1, 15), (16, 31))[int(first[1]) - 1]
        return date(year, month, low), date(year, month, min(high, monthrange(year, month)[1])), "month", True
    if first in _FIRST_MONTH:
        start = date(year, _FIRST_MONTH[first], 1)
        return start, _month_end(year, start.month + 2), "season", True
    long = 3 if first[0] == "Q" else 6
    start_month = (int(first[1]) - 1) * long + 1
    precision: Precision = "quarter" if long == 3 else "half"
    return date(year, start_month, 1), _month_end(year, int(last[1]) * long), precision, False


def _last_month(stretch: str) -> int:
    """Return the last month of "Q3", "H1" or "autumn"; January for what is none."""
    name = stretch.partition("+")[0]
    if name in _FIRST_MONTH:
        return min(_FIRST_MONTH[name] + 2, 12)
    return int(name[1]) * _MONTHS_LONG[name[0]] if name[1:].isdigit() and name[0] in "QH" else 1


def _month_end(year: int, month: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def _bound(letters: str, lead: str, stop: int, points: Sequence[_Point]) -> Bound:
    """Return whether an expression is the last day, the first day, or the days themselves."""
    after = letters[stop : stop + 3]
    if re.match(r"[)h(Z]{0,3}l|b(?![xno]*[DMYWXKPQHS])", after):
        return "by"
    if len(points) > 1:
        return "on"
    if lead in ("by", "until"):
        return "by"
    if lead in ("from", "after", "since") or re.match(r"[)h]?w|f(?![xno]*[DMYWXK])", after):
        return "from"
    return "on"


def _hour(
    text: str, parts: Sequence[_Part], letters: str, first: int, stop: int
) -> tuple[str | None, str | None]:
    """Return the hour beside a date, and its time zone, as stated."""
    window = [*range(stop, min(stop + 7, len(parts))), *range(first - 1, max(first - 7, -1), -1)]
    for at in window:
        if letters[at] in "DMYWX." and (at >= stop or letters[at] in "YX."):
            if at >= stop:
                window = window[7:]
            continue
        if letters[at] != "h":
            continue
        if at >= stop and re.search(r"[.DMYX]", letters[stop:at]):
            continue
        if at < first and re.search(r"[.DMYX]", letters[at:first]):
            continue
        part = parts[at]
        minutes = (
            part.value
            if part.role not in ("noon", "midnight")
            else 12 * 60
            if part.role == "noon"
            else 24 * 60
        )
        half = next((p.role for p in parts[at + 1 : at + 2] if p.letter == "m"), "")
        said = text[part.start : part.end].casefold()
        if (half == "pm" or "p" in said) and minutes < 12 * 60:
            minutes += 12 * 60
        while at > 0 and at - 2 >= 0 and letters[at - 1] in "-t" and letters[at - 2] == "h":
            return _hour_at(text, parts, at - 2)
        zone = next((p for p in parts[at + 1 : at + 6] if p.letter == "Z"), None)
        named = re.match(r"[\s,(]*((?:[A-Z]\w+ ){1,3}time)\b", text[part.end : part.end + 60])
        stated = named[1] if named else text[zone.start : zone.end] if zone else None
        return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}", stated
    return None, None


def _hour_at(text: str, parts: Sequence[_Part], at: int) -> tuple[str | None, str | None]:
    part = parts[at]
    minutes = part.value
    if "p" in text[part.start : part.end].casefold() and minutes < 12 * 60:
        minutes += 12 * 60
    zone = next((p for p in parts[at + 1 : at + 8] if p.letter == "Z"), None)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}", text[zone.start : zone.end] if zone else None


def _trimmed(parts: Sequence[_Part], letters: str, first: int, stop: int) -> tuple[int, int]:
    """Return the span of parts without the articles and signs at their ends."""
    while first < stop - 1 and letters[first] in "xo,(":
        first += 1
    while stop - 1 > first and letters[stop - 1] in "o,)(":
        stop -= 1
    return parts[first].start, parts[stop - 1].end


def _recurrence(text: str, part: _Part) -> DateExpression:
    return DateExpression(
        span=(part.start, part.end), text=text[part.start : part.end], kind="recurrence", recurrence=part.role
    )
