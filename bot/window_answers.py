"""Answers to questions about time: sentences, each the words of one entry of the register.

Pure. The dates are the register's and the distances are arithmetic; nothing here is guessed, and a
past date is never said to be coming.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.agenda import Agenda, agenda, overlaps
from bot.entry_search import about
from bot.register import RegisterEntry
from bot.window_questions import Window
from bot.wording import correction, dates, day, distance, first_day, is_over, last_day, reserve, when

Line = tuple[str, RegisterEntry]

# Lines that a reader of an answer takes in, and of what is only beside the question.
MOST = 10
FEW = 3

# Four weeks are window enough for an entry that has its year alone, one for a season.
_PART = 13
_NO_NEW_DATE = ", no new date stated"


@dataclass(frozen=True, slots=True)
class _Register:
    """What an answer is made from: the whole register as of a day, and the date of the newest document."""

    entries: Sequence[RegisterEntry]
    as_of: date
    newest: date | None
    by_id: Mapping[str, RegisterEntry]
    dated_titles: frozenset[str]

    @property
    def documents(self) -> str:
        return f"The documents, the newest dated {day(self.newest)}," if self.newest else "The documents"


def _note(entry: RegisterEntry, as_of: date) -> str:
    over = is_over(entry, as_of)
    coarse = entry.precision not in {"day", "month", "none"}
    parts = [
        distance(entry, as_of),
        "only proposed so far" if reserve(entry) and not over else "",
        "over" if over and coarse and not entry.likely_past else "",
        "probably over" if entry.likely_past else "",
        "day not stated" if entry.precision == "month" else "",
        "no closer date stated" if coarse and not over else "",
        "the year is inferred" if entry.year_inferred else "",
        correction(entry),
    ]
    text = "; ".join(part for part in parts if part)
    return f" ({text})" if text else ""


def sentence(entry: RegisterEntry, as_of: date, by_id: Mapping[str, RegisterEntry] | None = None) -> str:
    """Return one sentence for an entry: title, when, where, how far off, and what became of it.

    `by_id` is where the entry that replaced a superseded one is looked up.
    """
    title, where = entry.title, f", {entry.location}" if entry.location else ""
    if entry.rescheduled_to is not None:
        new = (by_id or {}).get(entry.rescheduled_to)
        moved = f"moved to {when(new)}" if new else "since moved"
        return f"{title}: first planned for {dates(entry)}{where}, {moved}."
    if entry.status in {"postponed", "cancelled"}:
        state = "cancelled" if entry.status == "cancelled" else f"postponed{_NO_NEW_DATE}"
        planned = f"; it was planned for {dates(entry)}{where}" if entry.start or entry.end else ""
        by_hand = f" ({correction(entry)})" if entry.corrected else ""
        return f"{title}: {state}{planned}{by_hand}."
    return f"{title}: {when(entry)}{where}{_note(entry, as_of)}."


def _told(entry: RegisterEntry, register: _Register) -> str:
    text = sentence(entry, register.as_of, register.by_id)
    # Where the same event has another date, linked or not, "no new date" would be untrue.
    return text.replace(_NO_NEW_DATE, "") if entry.title.casefold() in register.dated_titles else text


def _lines(entries: Sequence[RegisterEntry], register: _Register) -> list[Line]:
    lines = [(_told(entry, register), entry) for entry in entries[:MOST]]
    if len(entries) > MOST:
        text, last = lines[-1]
        lines[-1] = (f"{text[:-1]}; {len(entries) - MOST} more in the register.", last)
    return lines


def _was_in(entry: RegisterEntry, start: date | None, end: date | None) -> bool:
    """Say whether a past entry was in a window; one known to the year was, only if all its year is."""
    if entry.precision in {"day", "month"}:
        return overlaps(entry, start, end)
    first, last = entry.start, last_day(entry)
    return bool(first and last and (start is None or first >= start) and (end is None or last <= end))


def _is_as_long(entry: RegisterEntry, start: date | None, end: date | None) -> bool:
    """Say whether a window is long enough for an entry of which no day is known: "2025" says nothing of 9 May."""
    first, last = entry.start, last_day(entry)
    if not (start and end and first and last):
        return True
    return _PART * (end - start).days >= (last - first).days


def _precise_first(entries: Iterable[RegisterEntry]) -> list[RegisterEntry]:
    # "2024" ended without anybody being late for it: what has a day or a month comes first.
    return sorted(entries, key=lambda entry: entry.precision not in {"day", "month"})


def _of_kind(entries: Iterable[RegisterEntry], window: Window) -> list[RegisterEntry]:
    return [entry for entry in entries if not window.kinds or entry.kind in window.kinds]


def _nothing(
    window: Window, shown: Agenda, register: _Register, *, other: Sequence[RegisterEntry] = ()
) -> list[Line]:
    """The answer where nothing is in the window: it says so, and what is nearest to it."""
    noun = "nothing" if window.noun == "date" else f"no {window.noun}"
    where = f" in {window.place}" if window.place else ""
    stretch = f" for {window.label}" if window.label else f" after {day(register.as_of)}"
    taken = {entry.id for entry in other}
    ahead = [entry for entry in (*shown.now, *shown.upcoming) if entry.id not in taken]
    past = _precise_first(shown.past)[:FEW]
    watch = [*shown.postponed[:FEW], *shown.undated[:FEW]]
    rest = [*other, *watch] if ahead or other else [*past[1:], *watch]
    if ahead:
        lead, link = ahead[0], "the next is"
    elif past:
        lead, link = past[0], "the last was"
    elif rest:
        lead, link = rest.pop(0), "to watch is"
    else:
        return []
    told = _told(lead, register)
    first = f"{register.documents} name {noun}{where}{stretch}; {link} {told}"
    return [(first, lead), *_lines(rest, register)]


def _status(window: Window, register: _Register) -> list[Line]:
    """One event, through all its datings: what stands, then what it replaced."""
    found = about(register.entries, window.topic, window.place)
    if not found:
        return []
    # An entry known to the day says more of an event than one that only names its year.
    best = min(enumerate(found), key=lambda item: (item[1].precision != "day", item[0]))[1]
    chain = [entry for entry in register.entries if entry.chain_id == best.chain_id]
    chain += [entry for entry in found if entry.chain_id != best.chain_id and entry.title == best.title]
    if window.ask == "supposed" and any(_is_off(entry) for entry in chain):
        # It is as the question supposes: the documents say more of it than its dates.
        return []
    standing = [entry for entry in chain if entry.rescheduled_to is None] or [best]
    standing.sort(key=lambda entry: (entry.status in {"postponed", "cancelled"}, entry.precision != "day"))
    replaced = [entry for entry in chain if entry.rescheduled_to is not None and entry not in standing]
    (text, first), *others = _lines([*standing, *replaced], register)
    if first.status == "scheduled" and not is_over(first, register.as_of) and register.newest:
        text = f"{text[:-1]}, as far as the documents go; the newest is dated {day(register.newest)}."
    return [(text, first), *others]


def _is_off(entry: RegisterEntry) -> bool:
    return entry.rescheduled_to is not None or entry.status in {"postponed", "cancelled"}


def _next(window: Window, register: _Register) -> list[Line]:
    """The first few that are still to begin, of a kind or of a name."""
    found: Sequence[RegisterEntry] = register.entries
    if window.topic or window.place:
        found = about(register.entries, window.topic, window.place, titles_only=True)
        if not found and window.topic:
            return []
    shown = agenda(_of_kind(found, window), register.as_of)
    ahead = [entry for entry in shown.upcoming if overlaps(entry, window.start or register.as_of, window.end)]
    ahead.sort(key=lambda entry: (first_day(entry) or date.max, entry.precision != "day"))
    if ahead:
        return _lines(ahead[:FEW], register)
    if shown.coarse:
        return _lines([*shown.coarse[:FEW], *shown.postponed[:FEW]], register)
    return _nothing(window, shown, register)


def _bound(name: str, register: _Register) -> RegisterEntry | None:
    """The event that bounds a window ("before the Summit"), if it has a date that stands."""
    dated = [entry for entry in about(register.entries, name) if entry.start and entry.status != "postponed"]
    return min(dated, key=lambda entry: entry.precision != "day", default=None)


def _listed(window: Window, register: _Register) -> list[Line]:
    start, end, as_of = window.start, window.end, register.as_of
    if window.before or window.after:
        event = _bound(window.before or window.after, register)
        if event is None or event.start is None:
            return []
        if window.before and event.start <= as_of:
            return _lines([event], register)
        if window.before:
            end = event.start - timedelta(days=1)
        else:
            last = last_day(event) or event.start
            start = max(last + min(timedelta(days=1), date.max - last), start or date.min)
    entries = register.entries
    if window.topic or window.place:
        entries = about(entries, window.topic, window.place)
        if not entries and window.topic:
            return []
    shown = agenda(_of_kind(entries, window), as_of)
    gone = [] if window.upcoming else _precise_first(e for e in shown.past if _was_in(e, start, end))
    if window.ask == "missed":
        # What has no day was missed by nobody.
        gone = [entry for entry in gone if entry.precision == "day"] or gone
        return _lines(gone, register) if gone else _nothing(window, agenda(shown.past, as_of), register)
    ahead = [entry for entry in (*shown.now, *shown.upcoming) if overlaps(entry, start, end)]
    coarse = [e for e in shown.coarse if overlaps(e, start, end) and _is_as_long(e, start, end)]
    some = [] if end is not None and end < as_of else coarse[:FEW]
    off = [entry for entry in (*shown.postponed, *shown.cancelled) if overlaps(entry, start, end)]
    if ahead or gone:
        return _lines([*ahead, *gone, *off, *some], register)
    others: list[RegisterEntry] = []
    if window.kinds:
        wide = agenda(entries, as_of)
        others = [entry for entry in (*wide.now, *wide.upcoming) if overlaps(entry, start, end)]
    if (some or off) and not others:
        return _lines([*some, *off], register)
    return _nothing(window, shown, register, other=others)


def answer_from_register(
    question: str,
    window: Window,
    entries: Sequence[RegisterEntry],
    as_of: date,
    *,
    newest: date | None = None,
) -> list[Line]:
    """Answer a question about time: sentences in reading order, each with the entry that it cites.

    `entries` is the whole register as of `as_of`, `newest` the date of the newest document. An
    empty list says that the register holds nothing on what the question names ("is the picnic still
    on?"), and the documents themselves are to be asked.
    """
    dated = frozenset(entry.title.casefold() for entry in entries if entry.status in {"scheduled", "past"})
    register = _Register(entries, as_of, newest, {entry.id: entry for entry in entries}, dated)
    if window.ask in {"status", "countdown", "supposed"}:
        return _status(window, register)
    if window.ask == "next":
        return _next(window, register)
    return _listed(window, register)
