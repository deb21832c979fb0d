"""What somebody follows in the register: an entry with a reminder, or a topic whose dates may change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.register import RegisterEntry
from bot.register.wording import add_days, is_same_dating, stored_dating, stored_words
from store.jobs import KnownDates
from store.records import Document


@dataclass(frozen=True, slots=True)
class MovedDate:
    """An event whose dates differ from those known before; `before` and `after` are in words."""

    entry: RegisterEntry
    before: str
    after: str


def documents_of(entries: Iterable[RegisterEntry], documents: Iterable[Document]) -> list[Document]:
    """Return the documents that mention some entries."""
    sources = {source for entry in entries for source in entry.sources}
    return [document for document in documents if document.source in sources]


def known_dates(entries: Iterable[RegisterEntry], as_of: date) -> dict[str, KnownDates]:
    """Return chain -> what is known of its event; its dates as `stored_dating` keeps them.

    Events that are over are left out; one that is postponed may get a date yet.
    """
    valid: dict[str, list[RegisterEntry]] = {}
    for entry in entries:
        if entry.rescheduled_to is None and _is_followed(entry, as_of):
            valid.setdefault(entry.chain_id, []).append(entry)
    return {
        chain: KnownDates(dated[0].title, stored_dating(dated), _last_known_day(dated))
        for chain, dated in valid.items()
    }


def changed_dates(
    entries: Sequence[RegisterEntry],
    before: Mapping[str, KnownDates],
    after: Mapping[str, KnownDates],
    as_of: date,
) -> list[MovedDate]:
    """Return the events that are in both with different dates, in order.

    New events are no change, nor is a session of an event that is over `as_of`.
    """
    changed = []
    for chain in dict.fromkeys(entry.chain_id for entry in entries):
        if chain in before and chain in after:
            valid = [e for e in entries if e.chain_id == chain and e.rescheduled_to is None]
            known = before[chain].dates
            if not any(is_same_dating(known, dates) for dates in _former_dates(valid, as_of)):
                entry = next(e for e in valid if _is_followed(e, as_of))
                changed.append(MovedDate(entry, stored_words(known), stored_words(after[chain].dates)))
    return changed


def new_dates(
    entries: Sequence[RegisterEntry],
    documents: Iterable[Document],
    before: Mapping[str, KnownDates],
    after: Mapping[str, KnownDates],
    as_of: date,
) -> list[MovedDate]:
    """Return the events that a new version of a document states first, in order; `before` them are no words.

    Those of a new document are left to the digest: a document may have a hundred.
    """
    revised = {document.source for document in documents if document.version > 1}
    found: dict[str, MovedDate] = {}
    for entry in entries:
        is_new = entry.chain_id in after and entry.chain_id not in before and entry.source in revised
        if (
            is_new
            and entry.chain_id not in found
            and entry.rescheduled_to is None
            and _is_followed(entry, as_of)
        ):
            found[entry.chain_id] = MovedDate(entry, "", stored_words(after[entry.chain_id].dates))
    return list(found.values())


def gone_dates(
    register: Iterable[RegisterEntry], before: Mapping[str, KnownDates], as_of: date
) -> dict[str, KnownDates]:
    """Return the events of `before`, by chain, that are not in the whole register and not over `as_of`."""
    present = {entry.chain_id for entry in register}
    return {
        chain: known
        for chain, known in before.items()
        if chain not in present and (known.last_day is None or date.fromisoformat(known.last_day) >= as_of)
    }


def _former_dates(valid: Sequence[RegisterEntry], as_of: date) -> set[str]:
    """Return what an event's dates have been, from before its first session until now."""
    over = [entry for entry in valid if not _is_followed(entry, as_of)]
    return {
        stored_dating(entry for entry in valid if entry not in over[:count]) for count in range(len(over) + 1)
    }


def _is_followed(entry: RegisterEntry, as_of: date) -> bool:
    return entry.is_off or not entry.is_over(as_of)


def _last_known_day(dated: Iterable[RegisterEntry]) -> str | None:
    days = [None if entry.is_off else entry.last_day for entry in dated]
    return None if None in days else max(day for day in days if day).isoformat()


# Days before an entry on which a reminder can come.
DAYS_BEFORE = (1, 7, 14)


def reminder_day(entry: RegisterEntry) -> date | None:
    """Return the day that reminders count from: the first possible one where the day is not stated.

    None for an entry that is called off, superseded or without a date.
    """
    if entry.is_off or entry.precision == "none":
        return None
    return entry.first_day if entry.precision == "day" else entry.start or entry.end


def moment_before(day: date, days: int, at: time, zone: ZoneInfo) -> datetime:
    """Return the hour `at` of the day `days` before `day`, in a time zone."""
    return datetime.combine(add_days(day, -days), at, zone)


def current_entry(
    register: Iterable[RegisterEntry], chain_id: str, known: date | None, as_of: date
) -> RegisterEntry | None:
    """Return the valid dating of an event, None if the register has none.

    An event may have several, such as two sessions: the one that begins on the day `known` comes first, then the next
    one to come.
    """
    valid = [e for e in register if e.chain_id == chain_id and e.rescheduled_to is None]
    if not valid:
        return None

    def rank(entry: RegisterEntry) -> tuple[bool, bool, bool, date]:
        day = reminder_day(entry)
        return day is None or day != known, day is None, entry.is_over(as_of), day or date.max

    return min(valid, key=rank)
