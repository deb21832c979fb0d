"""An entry in words: a line of a list, a sentence of an answer, the citation of its paragraph. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from bot.register import RegisterEntry
from bot.register.date_format import (
    correction_note,
    distance,
    planned_dates,
    proposed_note,
    section_mark,
    when,
)

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
