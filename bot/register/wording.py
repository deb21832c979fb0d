"""Dates of entries and documents in words, how far off they are; entries as lines, sentences and citations. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.question.lexicon import MONTHS, ORDINALS
from bot.register import RegisterEntry
from store.records import Document

_WEEKDAY = re.compile(r"day\b", re.I)
_YEAR = re.compile(r"\b(?:19|20|21)\d\d\b")
_COARSE_WORDS = re.compile(r"[A-Za-z]")


def day(value: date) -> str:
    """Return a day as UN documents write it: "9 May 2024"."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def document_date(document: Document) -> str:
    """Return the date of a document in words: "29 April 2024 (date inferred)", or "undated"."""
    if document.date is None:
        return "undated"
    return f"{day(document.date)}{' (date inferred)' if document.date_inferred else ''}"


def day_range(start: date, end: date) -> str:
    """Return an inclusive range of days, with month and year once where both ends share them."""
    if start == end:
        return day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end)}"
    return f"{day(start).removesuffix(f' {end.year}')} – {day(end)}"


def _months(start: date, end: date) -> str:
    first, last = MONTHS[start.month - 1], MONTHS[end.month - 1]
    if (start.year, start.month) == (end.year, end.month):
        return f"{first} {start.year}"
    if start.year == end.year:
        return f"{first}–{last} {start.year}"
    return f"{first} {start.year} – {last} {end.year}"


def _stated_words(entry: RegisterEntry) -> str | None:
    """Return the document's words for a coarse date ("summer 2024"), None if they have no year."""
    for mention in entry.mentions:
        same = (mention.start, mention.end) == (entry.start, entry.end)
        if same and _YEAR.search(mention.text) and _COARSE_WORDS.search(mention.text):
            return " ".join(mention.text.split())
    return None


def _coarse_dates(entry: RegisterEntry, start: date, end: date) -> str:
    if entry.precision == "year" and not entry.approximate:
        return str(start.year) if start.year == end.year else f"{start.year}–{end.year}"
    if entry.precision == "quarter" and not entry.approximate:
        return f"{ORDINALS[(start.month - 1) // 3]} quarter of {start.year}"
    if entry.precision == "half" and not entry.approximate:
        return f"{'first' if start.month < 7 else 'second'} half of {start.year}"
    return _stated_words(entry) or _months(start, end)


def when(entry: RegisterEntry, *, year_mark: str = "") -> str:
    """Return when an entry is: "9–10 May 2024", "by 12 February 2024, 17:00 (Geneva)", "May 2024".

    `year_mark` follows a year that the document does not state. An entry without a date gives "no date", with its
    recurrence or the words in place of a date ("within 12 months").
    """
    start, end = entry.start or entry.end, entry.end or entry.start
    if start is None or end is None:
        stated = next((" ".join(m.text.split()) for m in entry.mentions if m.text), "")
        # "Every Thursday" is more precise than "every week".
        words = stated if _WEEKDAY.search(stated) else recurrence(entry) or stated
        return f"no date ({words})" if words else "no date"
    if entry.precision != "day":
        text = _coarse_dates(entry, start, end)
    elif entry.bound == "by":
        text = day(end)
    elif entry.bound == "from" and entry.end is None:
        text = day(start)
    else:
        text = day_range(start, end)
    if entry.bound == "by" and not re.match(r"(?i)by\b|no later|before", text):
        text = f"by {text}"
    elif entry.bound == "from" and entry.status != "past" and not text.lower().startswith("from"):
        text = f"from {text}"
    text += year_mark if entry.year_inferred else ""
    if entry.time:
        text += f", {entry.time}" + (f" ({entry.timezone})" if entry.timezone else "")
    return text


def proposed_note(entry: RegisterEntry) -> str:
    """Return "proposed" for an entry that is only proposed and not called off, else ""."""
    return "proposed" if entry.tentative and not entry.is_off else ""


def status(entry: RegisterEntry) -> str:
    """Return an entry's status in words: "scheduled", "scheduled (proposed)"."""
    return f"{entry.status} (proposed)" if proposed_note(entry) else entry.status


def correction_note(entry: RegisterEntry) -> str:
    """Return "corrected on 3 May 2024" for an entry that a person corrected, else ""."""
    return f"corrected on {day(entry.corrected.at.date())}" if entry.corrected else ""


def planned_dates(entry: RegisterEntry) -> str:
    """Return an entry's dates alone, without "by", "from" and hour: for an event that is called off."""
    return when(replace(entry, bound="on", time=None))


def recurrence(entry: RegisterEntry) -> str:
    """Return a recurrence in words: ISO 8601 durations ("P1Y") are spelled out, other words stay."""
    units = {"Y": "year", "M": "month", "W": "week", "D": "day"}

    def spelled(found: re.Match[str]) -> str:
        count, unit = int(found[1]), units[found[2]]
        return f"every {unit}" if count == 1 else f"every {count} {unit}s"

    text = re.sub(r"\bP(\d+)([YMWD])\b", spelled, entry.recurrence or "")
    return re.sub(r"\s*\(ambiguous\)$", ", the document leaves open which", text)


def distance(entry: RegisterEntry, as_of: date) -> str:
    """Return how far off an entry is: "in 8 days", "tomorrow", "now", "this month", "3 days ago".

    Entries less precise than a month have no distance: "".
    """
    first, last = entry.first_day, entry.last_day
    if first is None or last is None:
        return ""
    if entry.precision == "month":
        months = (first.year - as_of.year) * 12 + first.month - as_of.month
        if last < as_of:
            months = (as_of.year - last.year) * 12 + as_of.month - last.month
            return "last month" if months == 1 else f"{months} months ago"
        if months <= 0:
            return "this month"
        return "next month" if months == 1 else f"in {months} months"
    if entry.precision != "day":
        return ""
    if last < as_of:
        days = (as_of - last).days
        return "yesterday" if days == 1 else f"{days} days ago"
    if first == as_of and first == last:
        return "today"
    if first <= as_of:
        return "now"
    days = (first - as_of).days
    return "tomorrow" if days == 1 else f"in {days} days"


def section_mark(entry: RegisterEntry) -> str:
    """Return an entry's paragraph as a citation: "§ 2.3"."""
    return f"§ {entry.section}" if entry.section else entry.source


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


def entry_line(entry: RegisterEntry, as_of: date) -> str:
    """Return an entry in one line: title, when, where, how far off; without a citation."""
    where = f", {entry.location}" if entry.location else ""
    if entry.status == "postponed":
        planned = f" (was planned for {planned_dates(entry)}{where})" if entry.start or entry.end else ""
        return f"{entry.title}{planned}"
    notes = [distance(entry, as_of), proposed_note(entry), "year inferred" if entry.year_inferred else ""]
    note = "; ".join(text for text in notes if text)
    return f"{entry.title}: {when(entry)}{where}" + (f" ({note})" if note else "")


def entry_citer(entries: Iterable[RegisterEntry]) -> CiteEntry:
    """Return a function that cites an entry's paragraph, with the source if `entries` have several."""
    if len({entry.source for entry in entries}) < 2:
        return section_mark
    return lambda entry: f"{entry.source}, {section_mark(entry)}" if entry.section else entry.source


def stated_in(entry: RegisterEntry) -> str:
    """Return the document that states an entry, and its paragraph there: "Report to Council, § 2.3"."""
    return f"{entry.document}, {section_mark(entry)}" if entry.section else entry.document


def entry_sentence(
    entry: RegisterEntry,
    as_of: date,
    by_id: Mapping[str, RegisterEntry] | None = None,
    dated_titles: frozenset[str] = frozenset(),
) -> str:
    """Return one sentence for an entry.

    `by_id` contains the entry that replaced a superseded one; `dated_titles` are the casefolded titles that have a
    valid date, for which "no new date stated" would be wrong.
    """
    title, where = entry.title, f", {entry.location}" if entry.location else ""
    if entry.rescheduled_to is not None:
        new = (by_id or {}).get(entry.rescheduled_to)
        moved = f"moved to {when(new)}" if new else "since moved"
        return f"{title}: first planned for {planned_dates(entry)}{where}, {moved}."
    if entry.status in {"postponed", "cancelled"}:
        open_date = "" if title.casefold() in dated_titles else ", no new date stated"
        state = "cancelled" if entry.status == "cancelled" else f"postponed{open_date}"
        planned = f"; it was planned for {planned_dates(entry)}{where}" if entry.start or entry.end else ""
        by_hand = f" ({correction_note(entry)})" if entry.corrected else ""
        return f"{title}: {state}{planned}{by_hand}."
    return f"{title}: {when(entry)}{where}{_note(entry, as_of)}."


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
    first, *later = [f"{planned_dates(dating)} ({cite(dating)})" for dating in reversed(chain)]
    return "; ".join([f"first {first}", *(f"moved to {dating}" for dating in later)])


def _note(entry: RegisterEntry, as_of: date) -> str:
    over = entry.is_over(as_of)
    coarse = entry.precision not in {"day", "month", "none"}
    parts = [
        distance(entry, as_of),
        "only proposed so far" if proposed_note(entry) and not over else "",
        "over" if over and coarse and not entry.likely_past else "",
        "probably over" if entry.likely_past else "",
        "day not stated" if entry.precision == "month" else "",
        "no closer date stated" if coarse and not over else "",
        "the year is inferred" if entry.year_inferred else "",
        correction_note(entry),
    ]
    text = "; ".join(part for part in parts if part)
    return f" ({text})" if text else ""
