"""Dates of entries and documents in words, how far off they are; entries as lines, sentences and citations. Pure.

All words are in the language in use (`bot.locales`).
"""

from __future__ import annotations

import re
import sys
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from pydantic import TypeAdapter

from bot.locales import (
    N_,
    _,
    commas,
    in_language,
    language,
    listed,
    month,
    ngettext,
    noted,
    pgettext,
    semicolons,
)
from bot.register import RegisterEntry
from bot.register.entries import Status
from store.records import CorrectedStatus, Document, Kind, StatedDate

_WEEKDAY = re.compile(r"day\b", re.I)
_YEAR = re.compile(r"\b(?:19|20|21)\d\d\b")
_LETTERS = re.compile(r"[^\W\d_]")
# Within a week, "in 3 days" says more than the date.
_NEAR_DAYS = 7
# What a document's own words for a period may begin with.
_LIMIT = re.compile(r"(?:by|before|from)\b|no later", re.I)
_QUARTERS = (
    N_("first quarter of {year}"),
    N_("second quarter of {year}"),
    N_("third quarter of {year}"),
    N_("fourth quarter of {year}"),
)
_KIND_WORDS: Mapping[Kind, str] = {
    "meeting": N_("meeting"),
    "deadline": N_("deadline"),
    "publication": N_("publication"),
    "milestone": N_("milestone"),
}
_STATUS_WORDS: Mapping[Status | CorrectedStatus, str] = {
    "scheduled": N_("scheduled"),
    "postponed": N_("postponed"),
    "cancelled": N_("cancelled"),
    "past": N_("past"),
    "unknown": N_("unknown"),
}


def day(value: date) -> str:
    """Return a day as UN documents write it: "9 May 2024"."""
    return _("{day} {month} {year}", day=_day_of_month(value), month=month(value.month), year=value.year)


def document_date(document: Document) -> str:
    """Return the date of a document in words: "29 April 2024 (date inferred)", or "undated"."""
    if document.date is None:
        return _("undated")
    return (
        _("{day} (date inferred)", day=day(document.date)) if document.date_inferred else day(document.date)
    )


def day_range(start: date, end: date) -> str:
    """Return an inclusive range of days, with month and year once where both ends share them."""
    if start == end:
        return day(start)
    if start.year != end.year:
        return _("{first} – {last}", first=day(start), last=day(end))
    first, last, year = _day_of_month(start), _day_of_month(end), end.year
    if start.month == end.month:
        return _("{first}–{last} {month} {year}", first=first, last=last, month=month(end.month), year=year)
    return _(
        "{first} {first_month} – {last} {last_month} {year}",
        first=first,
        first_month=month(start.month),
        last=last,
        last_month=month(end.month),
        year=year,
    )


def _day_of_month(value: date) -> str:
    # The first of a month has a name of its own in French.
    return pgettext("day of the month", "1") if value.day == 1 else str(value.day)


def _month_range(start: date, end: date) -> str:
    first, last = month(start.month, alone=True), month(end.month, alone=True)
    if (start.year, start.month) == (end.year, end.month):
        return _("{month} {year}", month=first, year=start.year)
    if start.year == end.year:
        return _("{first}–{last} {year}", first=first, last=last, year=start.year)
    return _(
        "{first} – {last}",
        first=_("{month} {year}", month=first, year=start.year),
        last=_("{month} {year}", month=last, year=end.year),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dating(StatedDate):
    """What an entry says of its date, apart from the event."""

    status: Status = "scheduled"
    tentative: bool = False
    words: Mapping[str, str]
    """Language -> the documents' own words for a date that has no day: "summer 2024", "within 12 months"."""

    @classmethod
    def of(cls, entry: RegisterEntry) -> _Dating:
        dated = entry.start or entry.end
        words: dict[str, str] = {}
        for mention in entry.mentions if entry.precision != "day" or not dated else ():
            same = (mention.start, mention.end) == (entry.start, entry.end)
            if not dated or (same and _YEAR.search(mention.text) and _LETTERS.search(mention.text)):
                words.setdefault(mention.language, " ".join(mention.text.split()))
        return cls(**entry.stated(), status=entry.status, tentative=entry.tentative, words=words)


def _coarse_dates(dating: _Dating, start: date, end: date) -> str:
    if dating.precision == "year" and not dating.approximate:
        if start.year == end.year:
            return _("{year}", year=start.year)
        return _("{first}–{last}", first=start.year, last=end.year)
    if dating.precision == "quarter" and not dating.approximate:
        return _(_QUARTERS[(start.month - 1) // 3], year=start.year)
    if dating.precision == "half" and not dating.approximate:
        first = start.month < 7
        return (
            _("first half of {year}", year=start.year)
            if first
            else _("second half of {year}", year=start.year)
        )
    return dating.words.get(language()) or _month_range(start, end)


def when(entry: RegisterEntry, *, year_mark: str = "") -> str:
    """Return when an entry is: "9–10 May 2024", "by 12 February 2024, 17:00 (Geneva)", "May 2024".

    `year_mark` follows a year that the document does not state. An entry without a date gives "no date", with its
    recurrence or the words in place of a date ("within 12 months").
    """
    return _when(_Dating.of(entry), year_mark)


def _when(dating: _Dating, year_mark: str = "") -> str:
    start, end = dating.start or dating.end, dating.end or dating.start
    if start is None or end is None:
        stated = dating.words.get(language()) or next(filter(None, dating.words.values()), "")
        # "Every Thursday" is more precise than "every week".
        words = stated if _WEEKDAY.search(stated) else _recurrence(dating) or stated
        return _("no date ({words})", words=words) if words else _("no date")
    if dating.precision != "day":
        text = _coarse_dates(dating, start, end)
    elif dating.bound == "by":
        text = day(end)
    elif dating.bound == "from" and dating.end is None:
        text = day(start)
    else:
        text = day_range(start, end)
    # A document's own words may have the limit.
    own = text in dating.words.values() and (language() != "en" or _LIMIT.match(text))
    if dating.bound == "by" and not own:
        text = _("by {date}", date=text) if dating.precision == "day" else _("by {period}", period=text)
    elif dating.bound == "from" and dating.status != "past" and not own:
        text = _("from {date}", date=text) if dating.precision == "day" else _("from {period}", period=text)
    text += year_mark if dating.year_inferred else ""
    return commas([text, noted(dating.time, dating.timezone or "")]) if dating.time else text


def last_day(as_of: date, days: int | None) -> date | None:
    """Return the last day of a span of days from `as_of` on; None for None."""
    return None if days is None else add_days(as_of, days)


def within(days: int) -> str:
    """Return the words for a span of days from today on: "today", "within 30 days"."""
    return ngettext("within a day", "within {days} days", days, days=days) if days else _("today")


def title(entry: RegisterEntry) -> str:
    """Return an entry's title, in the language in use if a document states it so; a quotation in quotation marks."""
    stated = dict(entry.other_titles).get(language(), entry.title)
    return f"“{stated}”" if entry.quoted else stated


def kind_word(kind: Kind) -> str:
    """Return the word for a kind of event: "deadline"."""
    return _(_KIND_WORDS[kind])


def status_word(status: Status | CorrectedStatus) -> str:
    """Return the word for a status: "postponed"."""
    return _(_STATUS_WORDS[status])


def proposed_note(entry: RegisterEntry) -> str:
    """Return "proposed" for an entry that is only proposed and not called off, else ""."""
    return _("proposed") if entry.tentative and not entry.is_off else ""


def year_note(entry: RegisterEntry) -> str:
    """Return "the year is inferred" if it is, else ""."""
    return _("the year is inferred") if entry.year_inferred else ""


def status(entry: RegisterEntry) -> str:
    """Return an entry's status in words: "scheduled", "scheduled (proposed)"; "" where its words leave that open."""
    if entry.status == "unknown" and entry.start is not None:
        return ""
    word = status_word(entry.status)
    return _("{words} (proposed)", words=word) if proposed_note(entry) else word


def correction_note(entry: RegisterEntry) -> str:
    """Return "corrected on 3 May 2024" for an entry that a person corrected, else ""."""
    return _("corrected on {day}", day=day(entry.corrected.at.date())) if entry.corrected else ""


def planned_dates(entry: RegisterEntry) -> str:
    """Return an entry's dates alone, without "by", "from" and hour: for an event that is called off."""
    return _planned(_Dating.of(entry))


def _planned(dating: _Dating) -> str:
    return _when(replace(dating, bound="on", time=None))


def _dating_words(dating: _Dating) -> str:
    if dating.status in {"postponed", "cancelled"}:
        state = status_word(dating.status)
        if dating.start is None and dating.end is None:
            return state
        return _("{status} (was {dates})", status=state, dates=_planned(dating))
    text = _when(dating)
    return _("{words} (proposed)", words=text) if dating.tentative else text


_STORED = TypeAdapter(list[_Dating])


def stored_dating(entries: Iterable[RegisterEntry]) -> str:
    """Return the dates of an event, to be kept until they are compared: JSON, which no language changes.

    An event that is over in the meantime has the same dates.
    """
    datings = (_Dating.of(entry) for entry in entries)
    kept = [
        each if each.status in {"postponed", "cancelled"} else replace(each, status="scheduled")
        for each in datings
    ]
    return _STORED.dump_json(kept, exclude_defaults=True).decode()


def stored_words(stored: str) -> str:
    """Return kept dates in words, or that the event is postponed or cancelled, with the dates that it had.

    Words that were kept in place of dates stay as they are.
    """
    if not stored.startswith("["):
        return stored
    return listed([_dating_words(dating) for dating in _STORED.validate_json(stored)])


def is_same_dating(stored: str, other: str) -> bool:
    """Whether kept dates are the same to a reader."""
    return stored == other or _english_words(stored) == _english_words(other)


@lru_cache(maxsize=4096)
def _english_words(stored: str) -> str:
    with in_language("en"):
        return stored_words(stored)


def recurrence(entry: RegisterEntry) -> str:
    """Return a recurrence in words: ISO 8601 durations ("P1Y") are spelled out, other words stay."""
    return _recurrence(entry)


def _recurrence(dated: StatedDate) -> str:
    text = (dated.recurrence or "").removesuffix(" (ambiguous)")
    words = listed([_duration_words(duration) for duration in text.split(" or ")], "or")
    return (
        _("{words}, the document leaves open which", words=words)
        if text != (dated.recurrence or "")
        else words
    )


def _duration_words(duration: str) -> str:
    found = re.fullmatch(r"P(\d+)([YMWD])", duration)
    if found is None:
        return duration
    count = int(found[1])
    words = {
        "Y": (_("every year"), ngettext("every {count} year", "every {count} years", count)),
        "M": (_("every month"), ngettext("every {count} month", "every {count} months", count)),
        "W": (_("every week"), ngettext("every {count} week", "every {count} weeks", count)),
        "D": (_("every day"), ngettext("every {count} day", "every {count} days", count)),
    }
    return words[found[2]][count > 1]


# As long as Babel counts one.
_CLDR_MONTH = timedelta(days=30)


def distance(entry: RegisterEntry, as_of: date) -> str:
    """Return how far off an entry is: "in 8 days", "tomorrow", "now", "this month", "3 days ago".

    Entries less precise than a month have no distance: "".
    """
    first, last, unit = entry.first_day, entry.last_day, entry.precision
    if first is None or last is None or (unit != "day" and unit != "month"):
        return ""
    near = last if last < as_of else max(first, as_of)
    if unit == "month":
        count = 12 * (near.year - as_of.year) + near.month - as_of.month
        words = {-1: _("last month"), 0: _("this month"), 1: _("next month")}
    else:
        count = (near - as_of).days
        words = {-1: _("yesterday"), 0: _("today") if first == last else _("now"), 1: _("tomorrow")}
    if count in words:
        return words[count]
    from babel.dates import format_timedelta

    # Without a larger unit, whatever the distance.
    away = count * (_CLDR_MONTH if unit == "month" else timedelta(days=1))
    return format_timedelta(away, unit, threshold=sys.float_info.max, add_direction=True, locale=language())


def section_mark(entry: RegisterEntry) -> str:
    """Return an entry's paragraph as a citation: "§ 2.3"."""
    return paragraph_mark(entry.section) if entry.section else entry.source


def paragraph_mark(number: str) -> str:
    """Return a paragraph as citations name it: "§ 2.3"."""
    return f"§ {number}"


def week_end(as_of: date) -> date:
    """Return the Sunday of the week of `as_of` (weeks begin on Monday, ISO 8601)."""
    return add_days(as_of, 6 - as_of.weekday())


def add_days(value: date, days: int) -> date:
    """Return the day `days` later, or the first or last day of the calendar where that is beyond it."""
    try:
        return value + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def add_months(value: date, months: int) -> date:
    """Return the same day `months` later, or that month's last day. Raises OverflowError beyond the calendar."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9998:
        raise OverflowError("out of the calendar")
    return date(year, month + 1, min(value.day, monthrange(year, month + 1)[1]))


CiteEntry = Callable[[RegisterEntry], str]


def entry_facts(entry: RegisterEntry, as_of: date) -> str:
    """Return when and where an entry is, and how far off; for a postponed one when it was planned for."""
    if entry.status == "postponed":
        if entry.start is None and entry.end is None:
            return ""
        return _("was planned for {dates}", dates=commas([planned_dates(entry), entry.location or ""]))
    notes = [distance(entry, as_of), proposed_note(entry), year_note(entry)]
    return noted(commas([when(entry), entry.location or ""]), semicolons(notes))


def entry_dates(entry: RegisterEntry, as_of: date) -> str:
    """Return when an entry is, and how far off within a week: "9–10 May 2024", "2 May 2024, tomorrow"."""
    if entry.status == "postponed":
        dated = entry.start or entry.end
        return _("was planned for {dates}", dates=planned_dates(entry)) if dated else status_word("postponed")
    first = entry.first_day or date.max
    until = add_days(as_of, _NEAR_DAYS)
    is_near = entry.precision == "day" and first <= until and not entry.is_over(as_of)
    return commas([when(entry), distance(entry, as_of) if is_near else ""])


def entry_words(entry: RegisterEntry) -> str:
    """Return what an entry is, and where: "SIDS4, Antigua and Barbuda", and what is not certain of its date."""
    doubts = [proposed_note(entry), year_note(entry)]
    return noted(commas([title(entry), entry.location or ""]), semicolons(doubts))


def entry_citer(entries: Iterable[RegisterEntry]) -> CiteEntry:
    """Return a function that cites an entry's paragraph, with the source if `entries` have several."""
    if len({entry.source for entry in entries}) < 2:
        return section_mark
    return lambda entry: commas([entry.source, section_mark(entry)]) if entry.section else entry.source


def stated_in(entry: RegisterEntry) -> str:
    """Return the document that states an entry, and its paragraph there: "Report to Council, § 2.3"."""
    return commas([entry.document, section_mark(entry)]) if entry.section else entry.document


def entry_sentence(
    entry: RegisterEntry, as_of: date, by_id: Mapping[str, RegisterEntry] | None = None
) -> str:
    """Return one sentence for an entry; `by_id` contains the entry that replaced a superseded one."""
    facts = _sentence_facts(entry, as_of, by_id or {})
    return _("{title}: {facts}.", title=title(entry), facts=facts)


def _sentence_facts(entry: RegisterEntry, as_of: date, by_id: Mapping[str, RegisterEntry]) -> str:
    place = entry.location or ""
    planned = commas([planned_dates(entry), place])
    if entry.rescheduled_to is not None:
        new = by_id.get(entry.rescheduled_to)
        if new is None:
            return _("first planned for {dates}, since moved", dates=planned)
        return _("first planned for {dates}, moved to {new}", dates=planned, new=when(new))
    if entry.status in {"postponed", "cancelled"}:
        is_open = entry.status == "postponed"
        state = _("postponed, no new date stated") if is_open else status_word(entry.status)
        was = _("it was planned for {dates}", dates=planned) if entry.start or entry.end else ""
        return noted(semicolons([state, was]), correction_note(entry))
    return noted(commas([when(entry), place]), _sentence_notes(entry, as_of))


def postponements(entry: RegisterEntry, register: Sequence[RegisterEntry]) -> str:
    """Return how an entry's date moved, "" if it did not: "first 3–5 March 2025 (§ 2.1); moved to May 2025 (§ 3.4)".

    `register` has the datings that the entry replaced.
    """
    chain = [entry]
    for dating in chain:
        chain += [old for old in register if old.rescheduled_to == dating.id and old not in chain]
    if len(chain) == 1:
        return ""
    cite = entry_citer(chain)
    first, *later = [noted(planned_dates(dating), cite(dating)) for dating in reversed(chain)]
    return semicolons(
        [_("first {dates}", dates=first), *(_("moved to {dates}", dates=dates) for dates in later)]
    )


def _sentence_notes(entry: RegisterEntry, as_of: date) -> str:
    over = entry.is_over(as_of)
    coarse = entry.precision not in {"day", "month", "none"}
    parts = [
        distance(entry, as_of),
        _("only proposed so far") if proposed_note(entry) and not over else "",
        _("over") if over and coarse and not entry.likely_past else "",
        _("probably over") if entry.likely_past else "",
        _("day not stated") if entry.precision == "month" else "",
        _("no closer date stated") if coarse and not over else "",
        year_note(entry),
        correction_note(entry),
    ]
    return semicolons(parts)
