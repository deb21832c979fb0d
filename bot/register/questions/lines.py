"""One entry of the register in a sentence: title, when, where, how far off, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.register import RegisterEntry
from bot.register.date_format import correction, dates, distance, reserve, when

_NO_NEW_DATE = ", no new date stated"


def sentence(
    entry: RegisterEntry,
    as_of: date,
    by_id: Mapping[str, RegisterEntry] | None = None,
    dated_titles: frozenset[str] = frozenset(),
) -> str:
    """Return one sentence for an entry.

    `by_id` is where the entry that replaced a superseded one is looked up; `dated_titles` are the casefolded titles
    that have a date which stands: of these it is not said that no new date is stated.
    """
    title, where = entry.title, f", {entry.location}" if entry.location else ""
    if entry.rescheduled_to is not None:
        new = (by_id or {}).get(entry.rescheduled_to)
        moved = f"moved to {when(new)}" if new else "since moved"
        return f"{title}: first planned for {dates(entry)}{where}, {moved}."
    if entry.status in {"postponed", "cancelled"}:
        open_date = "" if title.casefold() in dated_titles else _NO_NEW_DATE
        state = "cancelled" if entry.status == "cancelled" else f"postponed{open_date}"
        planned = f"; it was planned for {dates(entry)}{where}" if entry.start or entry.end else ""
        by_hand = f" ({correction(entry)})" if entry.corrected else ""
        return f"{title}: {state}{planned}{by_hand}."
    return f"{title}: {when(entry)}{where}{_note(entry, as_of)}."


def _note(entry: RegisterEntry, as_of: date) -> str:
    over = entry.is_over(as_of)
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
